/** Dex's objects with the configuration of the settings: ConfigMap, Deployment, and the Secrets that its variables are in. */
import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { Addition } from "../customisation.ts";
import { dexConfig } from "./dex-config.ts";
import { dexKeysFolder, type DexFacts } from "./dex-connectors.ts";
import { withPodTemplate } from "./pod-template.ts";
import type { LoginSettings } from "./settings.ts";

/** On pods: they read their configuration when they start, and only another template starts them again. */
export const configAnnotation = "kubeflow-pulumi.dev/login-config";

export interface DexSecrets {
  /** By variable. */
  readonly variables: Readonly<Record<string, pulumi.Output<string>>>;
  /** JSON keys of Google's service accounts, by file. */
  readonly keys: Readonly<Record<string, pulumi.Output<string>>>;
}

const variablesSecret = "dex-login";
const keysSecret = "dex-login-keys";

/** How the settings change an object of the component `dex`. */
export function changeDex(
  settings: LoginSettings,
  facts: DexFacts,
  secrets: DexSecrets,
): (object: KubernetesObject) => KubernetesObject {
  const text = stringify(dexConfig(settings, facts));
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return (object) => {
    if (object.kind === "ConfigMap" && object.metadata.name === "dex")
      return { ...object, data: { "config.yaml": text } };
    if (object.kind === "Deployment" && object.metadata.name === "dex") return withSecrets(object, digest, secrets);
    return object;
  };
}

function withSecrets(deployment: KubernetesObject, digest: string, { variables, keys }: DexSecrets): KubernetesObject {
  const hasVariables = Object.keys(variables).length > 0;
  const hasKeys = Object.keys(keys).length > 0;
  return withPodTemplate(deployment, {
    annotations: { [configAnnotation]: digest },
    envFrom: hasVariables ? [{ secretRef: { name: variablesSecret } }] : [],
    volumes: hasKeys ? [{ name: "login-keys", secret: { secretName: keysSecret, defaultMode: 0o440 } }] : [],
    volumeMounts: hasKeys ? [{ name: "login-keys", mountPath: dexKeysFolder, readOnly: true }] : [],
    // The image's user is not root, and a Secret's files are root's.
    ...(hasKeys ? { fsGroup: 1001 } : {}),
  });
}

export function dexAdditions({ variables, keys }: DexSecrets): readonly Addition[] {
  return [
    { name: variablesSecret, values: variables },
    { name: keysSecret, values: keys },
  ]
    .filter(({ values }) => Object.keys(values).length > 0)
    .map(({ name, values }) => ({
      component: "dex",
      object: {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, namespace: "auth" },
        type: "Opaque",
        stringData: values,
      },
    }));
}
