/** Our profile controller in the place of upstream's, which knows one bucket and one store only. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { controllerVariables } from "./artifact-settings.ts";
import type { TenantStore } from "./artifact-store.ts";
import { isJson, listAt, withPodMetadata, withVariables } from "./workload.ts";

const name = "kubeflow-pipelines-profile-controller";
const folder = path.join(import.meta.dirname, "profile-controller");

/** The program, by file name: both are mounted beside each other. */
export const controllerProgram: Readonly<Record<string, string>> = Object.fromEntries(
  ["sync.py", "iam.py"].map((file) => [file, fs.readFileSync(path.join(folder, file), "utf8")]),
);

/** Only what upstream's asks for and ours does not. */
const upstreamsVariables = [
  "AWS_ENDPOINT_URL",
  "S3_ENDPOINT_URL",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "KFP_DEFAULT_PIPELINE_ROOT",
  "OBJECT_STORE_HOST",
  "ARTIFACT_RETENTION_DAYS",
];

/** Any object as it is, but those of the profile controller. */
export function withOurProfileController(
  object: KubernetesObject,
  store: TenantStore,
  prefixes: Readonly<Record<string, string>>,
): KubernetesObject {
  if (!object.metadata.name.startsWith(name)) return object;
  if (object.kind === "ConfigMap" && object.metadata.name.startsWith(`${name}-code-`)) {
    return { ...object, data: controllerProgram };
  }
  if (object.kind === "Deployment") return deployment(object, store, prefixes);
  return object.kind === "DecoratorController" ? hook(object) : object;
}

function deployment(
  object: KubernetesObject,
  store: TenantStore,
  prefixes: Readonly<Record<string, string>>,
): KubernetesObject {
  const variables = {
    ...controllerVariables(store, prefixes),
    ...(store.iam === undefined ? {} : { IAM_ACCESS_KEY: rootKey("accesskey"), IAM_SECRET_KEY: rootKey("secretkey") }),
  };
  // The name of the ConfigMap has the hash of upstream's program: ours has to say by itself that it has changed.
  const annotations = { "kubeflow-pulumi.dev/program": digest(JSON.stringify(controllerProgram)) };
  return withPodMetadata(withVariables(object, variables, upstreamsVariables), { annotations });
}

/** Of the store itself: opens everything, and is in Kubeflow's own namespace only. */
function rootKey(key: "accesskey" | "secretkey"): {
  readonly secretKeyRef: { readonly name: string; readonly key: string };
} {
  return { secretKeyRef: { name: "mlpipeline-minio-artifact", key } };
}

/**
 * The namespaces' ConfigMaps and Secrets follow a change of the configuration; upstream's stay as they were made.
 * Istio's objects are none of ours.
 */
function hook(object: KubernetesObject): KubernetesObject {
  const { spec } = object;
  if (!isJson(spec)) return object;
  const attachments = listAt(spec, "attachments")
    .filter(
      (each) => isJson(each) && ["secrets", "configmaps", "deployments", "services"].includes(String(each["resource"])),
    )
    .map((each) => ({ ...(each as object), updateStrategy: { method: "InPlace" } }));
  return { ...object, spec: { ...spec, attachments } };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
