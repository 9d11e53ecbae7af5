/** Upstream's objects with the artifact store of the plan in the place of SeaweedFS. */
import * as pulumi from "@pulumi/pulumi";
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { apiServerVariables, argoRepository, kserveS3, uiVariables } from "./artifact-settings.ts";
import type { ArtifactPlan, TenantStore } from "./artifact-store.ts";
import { withOurProfileController } from "./profile-controller.ts";
import { isJson, withData, withVariables } from "./workload.ts";

const seaweedfsObjects = new Set([
  "Deployment.apps/kubeflow/seaweedfs",
  "Service/kubeflow/seaweedfs",
  "ServiceAccount/kubeflow/seaweedfs",
  "PersistentVolumeClaim/kubeflow/seaweedfs-pvc",
  "NetworkPolicy.networking.k8s.io/kubeflow/seaweedfs",
  "AuthorizationPolicy.security.istio.io/kubeflow/seaweedfs-service",
  "DestinationRule.networking.istio.io/kubeflow/ml-pipeline-seaweedfs",
]);

/** What the UI reads of a store with keys; without keys a default of its own would be upstream's. */
const uiKeys = ["MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"];

/** @param prefixes by namespace, of tenants whose objects are not at `artifacts/<namespace>/`. */
export function withArtifactStore(
  { apiServer, tenants, seaweedfs }: ArtifactPlan,
  prefixes: Readonly<Record<string, string>>,
): (object: KubernetesObject) => KubernetesObject | undefined {
  return (object) => {
    const key = objectKey(object);
    if (!seaweedfs && seaweedfsObjects.has(key)) return undefined;
    switch (key) {
      case "Deployment.apps/kubeflow/ml-pipeline":
        return withVariables(object, apiServerVariables(apiServer));
      case "Deployment.apps/kubeflow/ml-pipeline-ui":
        return withUiStore(object, tenants);
      case "ConfigMap/kubeflow/workflow-controller-configmap":
        return withData(object, { artifactRepository: repositoryOf(tenants) });
      case "ConfigMap/kubeflow/inferenceservice-config":
        return withKserveStore(object, tenants);
      default:
        return withOurProfileController(object, tenants, prefixes);
    }
  };
}

/** Without a key where the store takes none: the UI then asks AWS's chain (`s3`), or Google's (`gs`). */
function withUiStore(object: KubernetesObject, store: TenantStore): KubernetesObject {
  return withVariables(object, uiVariables(store), store.scheme === "s3" ? uiKeys : []);
}

function repositoryOf(store: TenantStore): pulumi.Input<string> {
  if (typeof store.bucket === "string") return argoRepository({ ...store, bucket: store.bucket });
  return pulumi.output(store.bucket).apply((bucket) => argoRepository({ ...store, bucket }));
}

function withKserveStore(object: KubernetesObject, store: TenantStore): KubernetesObject {
  const { data } = object;
  if (!isJson(data) || typeof data["credentials"] !== "string") return object;
  const credentials: unknown = JSON.parse(data["credentials"]);
  if (!isJson(credentials)) return object;
  const s3 = { ...(isJson(credentials["s3"]) ? credentials["s3"] : {}), ...kserveS3(store) };
  return withData(object, { credentials: JSON.stringify({ ...credentials, s3 }, null, 2) });
}
