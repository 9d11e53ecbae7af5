/** Who signs the gateway's certificate, and what for. */
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { DnsZone } from "../../contracts/dns-zone.ts";
import { certificateSecret, gatewayNamespace, type Entrance } from "./entrance.ts";
import { acmeDirectories } from "./settings.ts";

export type Secrets = Readonly<Record<string, pulumi.Output<string>>>;

const apiVersion = "cert-manager.io/v1";
/** Where cert-manager reads what its ClusterIssuers name. */
const issuerNamespace = "cert-manager";
const rootName = "kubeflow-edge-root";
/** The Secret of the CA that cert-manager makes. */
const generatedCaSecret = "kubeflow-edge-ca";
/** Ten years: every machine that trusts it has to be visited when it ends. */
const caDays = 3650;
/** What every browser of today takes, at a hundredth of RSA's cost for a handshake. */
const privateKey = { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" } as const;

/** The gateway's certificate, and its issuer with all that this one needs. */
export function certificateObjects(
  entrance: Entrance,
  secrets: Secrets,
  zone: DnsZone | undefined,
): readonly KubernetesObject[] {
  const name = issuerName(entrance);
  return [...issuerObjects(name, entrance, secrets, zone), gatewayCertificate(entrance, name)];
}

/** Another name for another signer: a certificate is made anew when it names another issuer, and not before its time. */
function issuerName({ issuer }: Entrance): string {
  if (issuer.kind === "acme") return `kubeflow-edge-${new URL(directoryOf(issuer)).hostname}`;
  if (issuer.kind === "self-signed") return "kubeflow-edge-self-signed";
  return issuer.caCertificate === undefined ? generatedCaSecret : `${generatedCaSecret}-${issuer.caCertificate}`;
}

function directoryOf({ server = "production" }: Entrance["issuer"]): string {
  return server === "production" || server === "staging" ? acmeDirectories[server] : server;
}

function issuerObjects(
  name: string,
  { issuer }: Entrance,
  secrets: Secrets,
  zone: DnsZone | undefined,
): readonly KubernetesObject[] {
  if (issuer.kind === "self-signed") return [clusterIssuer(name, { selfSigned: {} })];
  if (issuer.kind === "own-ca") {
    const signer = clusterIssuer(name, { ca: { secretName: name } });
    const { caCertificate, caKey } = issuer;
    if (caCertificate === undefined || caKey === undefined) return [...generatedCa(), signer];
    return [secret(name, "kubernetes.io/tls", { "tls.crt": caCertificate, "tls.key": caKey }, secrets), signer];
  }
  const { email, dns01 = zone?.dns01Solver } = issuer;
  const named = Object.entries(issuer.secrets ?? {}).map(([each, data]) => secret(each, "Opaque", data, secrets));
  const acme = {
    email,
    server: directoryOf(issuer),
    privateKeySecretRef: { name: `${name}-account` },
    solvers: [{ dns01 }],
  };
  return [...named, clusterIssuer(name, { acme })];
}

/** A CA whose key never leaves the cluster. */
function generatedCa(): readonly KubernetesObject[] {
  return [
    clusterIssuer(rootName, { selfSigned: {} }),
    certificate(issuerNamespace, generatedCaSecret, {
      secretName: generatedCaSecret,
      isCA: true,
      commonName: "Kubeflow",
      subject: { organizations: ["Kubeflow"] },
      duration: hours(caDays),
      renewBefore: hours(caDays / 10),
      // A new key would be a new CA, which nobody trusts.
      privateKey: { ...privateKey, rotationPolicy: "Never" },
      usages: ["cert sign", "crl sign", "digital signature"],
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: rootName },
    }),
  ];
}

function gatewayCertificate({ hostNames, certificate: validity }: Entrance, issuer: string): KubernetesObject {
  return certificate(gatewayNamespace, certificateSecret, {
    secretName: certificateSecret,
    dnsNames: hostNames,
    duration: hours(validity.days),
    renewBefore: hours(validity.renewBeforeDays),
    privateKey,
    usages: ["digital signature", "server auth"],
    issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuer },
  });
}

function clusterIssuer(name: string, spec: object): KubernetesObject {
  return { apiVersion, kind: "ClusterIssuer", metadata: { name }, spec };
}

function certificate(namespace: string, name: string, spec: object): KubernetesObject {
  return { apiVersion, kind: "Certificate", metadata: { namespace, name }, spec };
}

/** A Secret of cert-manager's, its values by their names in `kubeflow:secrets`. */
function secret(
  name: string,
  type: string,
  data: Readonly<Record<string, string>>,
  secrets: Secrets,
): KubernetesObject {
  const values = Object.entries(data).map(([key, secretName]) => [key, encoded(secrets[secretName])] as const);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: issuerNamespace, name },
    type,
    data: Object.fromEntries(values),
  };
}

function encoded(value: pulumi.Output<string> | undefined): pulumi.Output<string> {
  // An unknown name is a problem of its own, which is told instead of what is made here.
  const text = value ?? pulumi.secret("");
  return pulumi.secret(text).apply((plain) => Buffer.from(plain).toString("base64"));
}

function hours(days: number): string {
  return `${String(days * 24)}h0m0s`;
}
