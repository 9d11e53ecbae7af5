/** Which object store each part of Pipelines uses: decided from the settings and what the target has. */
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterTarget } from "../../contracts/cluster-target.ts";
import type { ObjectStore } from "../../contracts/object-store.ts";
import type { StorageSettings } from "./settings.ts";

/** Of a store's S3 API. */
interface S3Endpoint {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly region: string;
}

/** Where the runs of tenants put artifacts. */
export interface TenantStore {
  /** Of pipeline roots: `minio` is any S3 API with keys, `s3` is AWS's own. */
  readonly scheme: "minio" | "s3" | "gs";
  readonly bucket: pulumi.Input<string>;
  /** Undefined for `gs`. */
  readonly s3?: S3Endpoint;
  /** Where every tenant gets a key to its own prefix; without it, pods are known by their service account. */
  readonly iam?: { readonly endpoint: string; readonly dialect: "seaweedfs" | "aws" };
}

/** Where Pipelines' API server keeps what is its own. It speaks S3 only. */
export interface ApiServerStore extends S3Endpoint {
  readonly bucket: pulumi.Input<string>;
  /** `chain`: AWS's chain of credentials, which has the service account's identity. */
  readonly keys: "secret" | "chain";
}

/** What the gateway stands in front of. */
export interface GatewayPlan {
  readonly store: ObjectStore;
  /** What the gateway logs in with; undefined: its service account. */
  readonly keys: { readonly accessKey: pulumi.Input<string>; readonly secretKey: pulumi.Input<string> } | undefined;
}

export interface ArtifactPlan {
  readonly apiServer: ApiServerStore;
  readonly tenants: TenantStore;
  readonly gateway?: GatewayPlan;
  /** Whether SeaweedFS stays. */
  readonly seaweedfs: boolean;
  readonly notes: readonly string[];
}

export const gatewayName = "artifact-gateway";
export const gatewayPorts = { s3: 7070, iam: 7076 } as const;
/** Clients sign for a region, and Pipelines' UI cannot be told one: it takes S3's first. Where the bucket is has no say. */
export const gatewayRegion = "us-east-1";

const seaweedfs = { host: "seaweedfs.kubeflow", port: 9000, secure: false, region: "us-east-1" } as const;
/** Upstream's; the commands that SeaweedFS starts with create it. */
const seaweedfsBucket = "mlpipeline";

/** The plan, or why there is none: one sentence each. */
export function artifactPlan(
  settings: StorageSettings,
  target: ClusterTarget,
  secrets: Readonly<Record<string, pulumi.Output<string>>>,
): ArtifactPlan | readonly string[] {
  const { artifacts, hmac } = settings;
  const store = target.objectStore;
  if (hmac !== undefined && !(artifacts === "gateway" && store?.kind === "gcs")) {
    return ["kubeflow:storage.hmac: is for artifacts: gateway in front of a bucket of Google's only: leave it out"];
  }
  if (artifacts === "in-cluster") return inCluster;
  if (store === undefined) {
    return [
      `kubeflow:storage.artifacts: ${artifacts}: the target ${target.kind} has no object store: set in-cluster, or ` +
        "give the target one",
    ];
  }
  if (artifacts === "target") return directly(store, target);
  return throughGateway(settings, store, target, secrets);
}

const inCluster: ArtifactPlan = {
  apiServer: { ...seaweedfs, bucket: seaweedfsBucket, keys: "secret" },
  tenants: {
    scheme: "minio",
    bucket: seaweedfsBucket,
    s3: seaweedfs,
    iam: { endpoint: "http://seaweedfs.kubeflow:8111", dialect: "seaweedfs" },
  },
  seaweedfs: true,
  notes: [],
};

function directly(store: ObjectStore, target: ClusterTarget): ArtifactPlan | readonly string[] {
  const key = "kubeflow:storage.artifacts: target";
  if (store.kind === "azure-blob") {
    return [`${key}: Pipelines, up to 2.16, has no way to talk to Azure Blob: set gateway, or in-cluster`];
  }
  if (store.endpoint !== undefined || target.identity === undefined) {
    return [
      `${key}: the object store of the target ${target.kind} takes a static key to the whole bucket, and Pipelines ` +
        "would need it in every tenant's namespace: set gateway, which gives each tenant a key to its own prefix",
    ];
  }
  const { bucket, region } = store;
  if (store.kind === "gcs") {
    return {
      ...inCluster,
      tenants: { scheme: "gs", bucket },
      notes: [
        `${key}: artifacts and logs of runs go to the bucket, keyless. Pipelines' API server, up to 2.16, speaks S3 ` +
          "only, and Google's S3 API refuses its signatures (aws/aws-sdk-go-v2#1816): what is its own stays in " +
          "SeaweedFS in the cluster. Its UI cannot show archived logs from there; set gateway if that matters.",
      ],
    };
  }
  // Path style, with the region in the name: what every region of AWS has.
  const host = `s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  const s3 = { host, port: 443, secure: true, region };
  return {
    apiServer: { ...s3, bucket, keys: "chain" },
    tenants: { scheme: "s3", bucket, s3 },
    seaweedfs: false,
    notes: [],
  };
}

function throughGateway(
  { hmac }: StorageSettings,
  store: ObjectStore,
  target: ClusterTarget,
  secrets: Readonly<Record<string, pulumi.Output<string>>>,
): ArtifactPlan | readonly string[] {
  const key = "kubeflow:storage.artifacts: gateway";
  const names = Object.keys(secrets).sort().join(", ") || "none";
  if (store.kind === "gcs" && hmac === undefined) {
    return [
      `${key}: Google's S3 API takes an HMAC key, no identity: make one for a service account that may use the bucket ` +
        "only, and name its two halves in kubeflow:storage.hmac; or set target",
    ];
  }
  const unknown = Object.entries(hmac ?? {}).filter(([, name]) => secrets[name] === undefined);
  if (unknown.length > 0) {
    return unknown.map(
      ([field, name]) => `kubeflow:storage.hmac.${field}: ${name} is not in kubeflow:secrets, which has: ${names}`,
    );
  }
  const [accessKey, secretKey] = [secrets[hmac?.accessKey ?? ""], secrets[hmac?.secretKey ?? ""]];
  const keys = accessKey !== undefined && secretKey !== undefined ? { accessKey, secretKey } : store.credentials;
  if (keys === undefined && target.identity === undefined) {
    return [
      `${key}: the target ${target.kind} has neither an identity nor a key for its object store: give it one of them, ` +
        "or set in-cluster",
    ];
  }
  const host = `${gatewayName}.kubeflow`;
  const s3 = { host, port: gatewayPorts.s3, secure: false, region: gatewayRegion };
  const { bucket } = store;
  return {
    apiServer: { ...s3, bucket, keys: "secret" },
    tenants: {
      scheme: "minio",
      bucket,
      s3,
      iam: { endpoint: `http://${host}:${gatewayPorts.iam}`, dialect: "aws" },
    },
    gateway: { store, keys },
    seaweedfs: false,
    notes: [
      `${key}: everything that pipelines read and write goes through one pod in the cluster` +
        (store.kind === "azure-blob" ? "; versitygw calls its Azure backend experimental" : ""),
    ],
  };
}
