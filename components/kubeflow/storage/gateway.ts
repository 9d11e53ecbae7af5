/**
 * An S3 gateway in front of the target's object store: versitygw, which translates S3 to Azure Blob or passes it on, and
 * beside it versitygw's IAM, which knows the tenants' keys. What the flags mean: `versitygw --help`, v1.8.0.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { IdentityBinding } from "../../contracts/workload-identity.ts";
import { gatewayName, gatewayPorts, gatewayRegion, type GatewayPlan } from "./artifact-store.ts";
import { environment, type Variable } from "./workload.ts";

/** The one that the tests run; the same project publishes it as a Go module. */
const image = "docker.io/versity/versitygw:v1.8.0";
const namespace = "kubeflow";
const labels = { app: gatewayName };
const socket = "/run/iam/iam.sock";

/** The gateway's own objects. Its keys in front are those of Secret `mlpipeline-minio-artifact`. */
export function gatewayObjects(
  plan: GatewayPlan,
  binding: IdentityBinding | undefined,
): readonly { readonly object: KubernetesObject; readonly needs: readonly pulumi.Resource[] }[] {
  const annotations: object = binding === undefined ? {} : { annotations: binding.serviceAccountAnnotations };
  const needs = binding?.ready ?? [];
  return [
    { object: { apiVersion: "v1", kind: "ServiceAccount", metadata: { ...named(), ...annotations } }, needs: [] },
    ...(plan.keys === undefined ? [] : [{ object: keySecret(plan.keys), needs: [] }]),
    { object: volumeClaim(), needs: [] },
    { object: service(), needs: [] },
    { object: networkPolicy(), needs: [] },
    { object: deployment(plan, binding?.podLabels ?? {}), needs },
  ];
}

function named(): KubernetesObject["metadata"] {
  return { name: gatewayName, namespace, labels };
}

/** For the store behind it. */
function keySecret({ accessKey, secretKey }: NonNullable<GatewayPlan["keys"]>): KubernetesObject {
  return { apiVersion: "v1", kind: "Secret", metadata: named(), stringData: { accessKey, secretKey } };
}

/** The tenants' keys; artifacts are not in it. */
function volumeClaim(): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: named(),
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  };
}

function service(): KubernetesObject {
  const ports = Object.entries(gatewayPorts).map(([name, port]) => ({ name: `http-${name}`, port, targetPort: port }));
  return { apiVersion: "v1", kind: "Service", metadata: named(), spec: { selector: labels, ports } };
}

/** Tenants reach S3, and only Kubeflow's own namespace IAM. */
function networkPolicy(): KubernetesObject {
  const tenants = { namespaceSelector: { matchLabels: { "app.kubernetes.io/part-of": "kubeflow-profile" } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: named(),
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ["Ingress"],
      ingress: [
        { from: [tenants], ports: [{ protocol: "TCP", port: gatewayPorts.s3 }] },
        { from: [{ podSelector: {} }] },
      ],
    },
  };
}

function deployment(plan: GatewayPlan, podLabels: Readonly<Record<string, string>>): KubernetesObject {
  const root = {
    ROOT_ACCESS_KEY: { secretKeyRef: { name: "mlpipeline-minio-artifact", key: "accesskey" } },
    ROOT_SECRET_KEY: { secretKeyRef: { name: "mlpipeline-minio-artifact", key: "secretkey" } },
  };
  const { variables, args } = backend(plan);
  const socketMount = { name: "socket", mountPath: "/run/iam" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: named(),
    spec: {
      replicas: 1,
      // The volume is one node's.
      strategy: { type: "Recreate" },
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels: { ...labels, ...podLabels, "sidecar.istio.io/inject": "false" },
        },
        spec: {
          serviceAccountName: gatewayName,
          securityContext: { runAsNonRoot: true, fsGroup: 1000, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            container("s3", ["--port", `:${gatewayPorts.s3}`, "--health", "/health", ...frontArgs, ...args], {
              env: environment({ ...root, ...variables }),
              ports: [{ containerPort: gatewayPorts.s3 }],
              readinessProbe: { httpGet: { path: "/health", port: gatewayPorts.s3 } },
              volumeMounts: [socketMount],
            }),
            container("iam", ["--port", `:${gatewayPorts.iam}`, ...iamArgs("/var/lib/iam")], {
              env: environment(root),
              ports: [{ containerPort: gatewayPorts.iam }],
              readinessProbe: { tcpSocket: { port: gatewayPorts.iam } },
              volumeMounts: [socketMount, { name: "keys", mountPath: "/var/lib/iam" }],
            }),
          ],
          volumes: [
            { name: "socket", emptyDir: {} },
            { name: "keys", persistentVolumeClaim: { claimName: gatewayName } },
          ],
        },
      },
    },
  };
}

function container(name: string, args: readonly string[], rest: object): object {
  return {
    name,
    image,
    args,
    resources: { requests: { cpu: "50m", memory: "128Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...rest,
  };
}

/** Before the name of the backend. */
const frontArgs: readonly string[] = ["--region", gatewayRegion, "--iam-standalone-endpoint", socket];

function iamArgs(folder: string): readonly string[] {
  return ["iam", "--dir", folder, "--private-ports", socket];
}

/** What is behind: without keys, the pod's own identity (Azure's and AWS's default chains). */
function backend({ store, keys }: GatewayPlan): {
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, Variable>>;
} {
  if (store.kind === "azure-blob") {
    return {
      args: ["azure"],
      variables: store.account === undefined ? {} : { AZ_ENDPOINT: blobEndpoint(store.account) },
    };
  }
  const own: Readonly<Record<string, Variable>> =
    keys === undefined
      ? {}
      : {
          VGW_S3_ACCESS_KEY: { secretKeyRef: { name: gatewayName, key: "accessKey" } },
          VGW_S3_SECRET_KEY: { secretKeyRef: { name: gatewayName, key: "secretKey" } },
        };
  if (store.kind === "gcs") {
    const google = [
      "--endpoint",
      "https://storage.googleapis.com",
      "--gcs-compatibility",
      "--disable-data-integrity-check",
    ];
    return { args: ["s3", "--region", "auto", "--use-path-style", ...google], variables: own };
  }
  const place = store.endpoint === undefined ? [] : ["--endpoint", store.endpoint, "--use-path-style"];
  // What it passes on it cannot read twice, and only over TLS does the SDK send a checksum after the contents.
  if (store.endpoint?.startsWith("http://") === true) place.push("--disable-data-integrity-check");
  return { args: ["s3", "--region", store.region, ...place], variables: own };
}

/** As Azure calls it: the name of the account alone would be taken for one with a key. */
function blobEndpoint(account: pulumi.Output<string>): pulumi.Output<string> {
  return account.apply((name) => `https://${name}.blob.core.windows.net/`);
}
