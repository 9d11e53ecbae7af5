/** What each client of the object store is told, by its own names. Pure: a test gives the same to a real client. */
import type * as pulumi from "@pulumi/pulumi";
import type { ApiServerStore, TenantStore } from "./artifact-store.ts";

type Variables = Readonly<Record<string, pulumi.Input<string>>>;

/** Pipelines' API server (kubeflow/pipelines 2.16.0, client_manager.go). Empty keys are AWS's chain of credentials. */
export function apiServerVariables(store: ApiServerStore): Variables {
  return {
    OBJECTSTORECONFIG_HOST: store.host,
    OBJECTSTORECONFIG_PORT: String(store.port),
    OBJECTSTORECONFIG_SECURE: String(store.secure),
    OBJECTSTORECONFIG_REGION: store.region,
    OBJECTSTORECONFIG_BUCKETNAME: store.bucket,
    ...(store.keys === "chain" ? { OBJECTSTORECONFIG_ACCESSKEY: "", OBJECTSTORECONFIG_SECRETACCESSKEY: "" } : {}),
  };
}

/** Pipelines' UI (frontend/server/configs.ts 2.16.0), which finds archived logs by the key format of Argo. */
export function uiVariables({ scheme, bucket, s3 }: TenantStore): Variables {
  // It reads a bucket of Google's with the service account's identity, and archived logs from S3 only.
  if (s3 === undefined) return { ARGO_ARCHIVE_LOGS: "false" };
  const archive = { ARGO_ARCHIVE_BUCKETNAME: bucket, ARGO_KEYFORMAT: argoKeys };
  if (scheme === "s3") {
    return {
      ...archive,
      ARGO_ARCHIVE_ARTIFACTORY: "s3",
      AWS_S3_ENDPOINT: s3.host,
      AWS_REGION: s3.region,
      AWS_SSL: "true",
    };
  }
  return {
    ...archive,
    // Else it appends the namespace to the host.
    MINIO_NAMESPACE: "",
    MINIO_HOST: s3.host,
    MINIO_PORT: String(s3.port),
    MINIO_SSL: String(s3.secure),
  };
}

const argoKeys =
  "artifacts/{{workflow.namespace}}/{{workflow.name}}/{{workflow.creationTimestamp.Y}}/" +
  "{{workflow.creationTimestamp.m}}/{{workflow.creationTimestamp.d}}/{{pod.name}}";

/** Argo's own default, as JSON, for namespaces without a repository of theirs. */
export function argoRepository({ bucket, s3, iam }: TenantStore & { readonly bucket: string }): string {
  const place = { bucket, keyFormat: argoKeys };
  if (s3 === undefined) return JSON.stringify({ archiveLogs: true, gcs: place });
  const secret = "mlpipeline-minio-artifact";
  const keys =
    iam === undefined
      ? { useSDKCreds: true }
      : { accessKeySecret: { name: secret, key: "accesskey" }, secretKeySecret: { name: secret, key: "secretkey" } };
  const endpoint = { endpoint: `${s3.host}:${s3.port}`, insecure: !s3.secure, region: s3.region };
  return JSON.stringify({ archiveLogs: true, s3: { ...place, ...endpoint, ...keys } });
}

/** Our profile controller (profile-controller/sync.py), but for its keys. */
export function controllerVariables(
  { scheme, bucket, s3, iam }: TenantStore,
  /** By namespace, where it is not `artifacts/<namespace>/`. */
  prefixes: Readonly<Record<string, string>>,
): Variables {
  return {
    ARTIFACT_SCHEME: scheme,
    ARTIFACT_BUCKET: bucket,
    ARTIFACT_PREFIXES: JSON.stringify(prefixes),
    ARTIFACT_KEYS: iam === undefined ? "none" : "iam",
    ...(s3 === undefined
      ? {}
      : {
          ARTIFACT_ENDPOINT: `${s3.host}:${s3.port}`,
          ARTIFACT_SECURE: String(s3.secure),
          ARTIFACT_REGION: s3.region,
        }),
    ...(iam === undefined ? {} : { IAM_ENDPOINT: iam.endpoint, IAM_DIALECT: iam.dialect }),
  };
}

/** The `s3` of `credentials` in KServe's inferenceservice-config: for models at `s3://`. */
export function kserveS3({ s3 }: TenantStore): Readonly<Record<string, string>> {
  if (s3 === undefined) return {};
  return {
    s3Endpoint: `${s3.host}:${s3.port}`,
    s3UseHttps: s3.secure ? "1" : "0",
    s3Region: s3.region,
    s3UseVirtualBucket: "false",
  };
}
