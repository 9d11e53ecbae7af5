/** What an on-prem cluster's settings say of it, as the platform wants to know it. */
import * as pulumi from "@pulumi/pulumi";
import type { ClusterTarget } from "../contracts/cluster-target.ts";
import type { Database } from "../contracts/database.ts";
import type { IssuerOfLogins } from "../contracts/issuer-of-logins.ts";
import type { ObjectStore } from "../contracts/object-store.ts";
import { gpuPoolOf } from "./gpu-pools.ts";
import { nextSteps } from "./next-steps.ts";
import { dashboardUrlOf, defaultClassOf, ingressKindOf, profiles } from "./profiles.ts";
import type { OnpremSettings } from "./settings.ts";

/** `kubeflow:secrets` by name. */
type Secrets = Readonly<Record<string, pulumi.Output<string>>>;

type OptionalFacts = Pick<ClusterTarget, "objectStore" | "database" | "oidc" | "tokenIssuer" | "cni" | "existing">;

/** @param settings without problems. */
export function factsOf(settings: OnpremSettings, release: string) {
  const { sharedClass } = settings.storage;
  return {
    storage: {
      defaultClass: defaultClassOf(settings),
      ...(sharedClass === undefined ? {} : { sharedClass }),
    },
    ingress: ingressOf(settings),
    gpuPools: settings.gpuPools.map((pool) => gpuPoolOf(pool, settings)),
    access: { dashboardUrl: dashboardUrlOf(settings), nextSteps: nextSteps(settings, release) },
  } satisfies Partial<ClusterTarget>;
}

/** What a cluster may do without. */
export function optionalFactsOf(settings: OnpremSettings, secrets: Secrets): OptionalFacts {
  const { profile, objectStore, database, oidc } = settings;
  const cni = settings.cni ?? profiles[profile].cni;
  const tokenIssuer = settings.tokenIssuer ?? profiles[profile].tokenIssuer;
  const { istio, certManager } = settings.existing;
  const existing = { ...(istio === undefined ? {} : { istio }), ...(certManager === undefined ? {} : { certManager }) };
  return {
    ...(objectStore === undefined ? {} : { objectStore: storeOf(objectStore, secrets) }),
    ...(database === undefined ? {} : { database: databaseOf(database, secrets) }),
    ...(oidc === undefined ? {} : { oidc: issuerOf(oidc, secrets) }),
    ...(tokenIssuer === undefined ? {} : { tokenIssuer: pulumi.output(tokenIssuer) }),
    ...(cni === undefined ? {} : { cni }),
    ...(Object.keys(existing).length === 0 ? {} : { existing }),
  };
}

function ingressOf(settings: OnpremSettings): ClusterTarget["ingress"] {
  const { annotations, address } = settings.ingress;
  if (ingressKindOf(settings) === "node-port") return { serviceType: "NodePort", annotations, address: "none" };
  const fixed = address === undefined ? {} : { "metallb.io/loadBalancerIPs": address };
  return { serviceType: "LoadBalancer", annotations: { ...annotations, ...fixed }, address: "ip" };
}

function storeOf(settings: NonNullable<OnpremSettings["objectStore"]>, secrets: Secrets): ObjectStore {
  const { endpoint, bucket, region, accessKeySecret, secretKeySecret, caCertificate, versionsKeptDays } = settings;
  return {
    kind: "s3",
    bucket: pulumi.output(bucket),
    url: pulumi.output(`s3://${bucket}`),
    region,
    endpoint,
    credentials: { accessKey: named(secrets, accessKeySecret), secretKey: named(secrets, secretKeySecret) },
    ...(versionsKeptDays === undefined ? {} : { versionsKeptDays }),
    ...(caCertificate === undefined ? {} : { caCertificate }),
  };
}

function databaseOf(settings: NonNullable<OnpremSettings["database"]>, secrets: Secrets): Database {
  const { host, port, version, username, passwordSecret, tls, caCertificate } = settings;
  return {
    engine: "mysql",
    version,
    host: pulumi.output(host),
    port,
    username,
    password: named(secrets, passwordSecret),
    tls,
    ...(caCertificate === undefined ? {} : { caCertificate }),
  };
}

function issuerOf(settings: NonNullable<OnpremSettings["oidc"]>, secrets: Secrets): IssuerOfLogins {
  const { issuerUrl, clientId, clientSecret, groupsClaim, extraScopes } = settings;
  return {
    issuerUrl: pulumi.output(issuerUrl),
    clientId: pulumi.output(clientId),
    clientSecret: named(secrets, clientSecret),
    groupsClaim,
    extraScopes,
  };
}

function named(secrets: Secrets, name: string): pulumi.Output<string> {
  const secret = secrets[name];
  if (secret === undefined) throw new Error(`kubeflow:secrets has no ${name}, which the rules have checked`);
  return pulumi.secret(secret);
}
