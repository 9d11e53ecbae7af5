/** How one rendered object becomes a Pulumi resource. */
import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { typeToken, type KubernetesObject } from "../../kubernetes/objects.ts";
import { isWebhookConfiguration } from "../../release/order/webhooks.ts";

const manifest = createRequire(import.meta.url)("@pulumi/kubernetes/package.json") as { readonly version: string };

/**
 * Fields that a controller in the cluster fills in after the object was applied: an update that sent ours again would
 * empty them. Source: research/kubeflow-26.03.md section 5 (five Secrets shipped empty, three Knative webhook
 * configurations without rules, no webhook with a caBundle).
 */
function filledByControllers(object: KubernetesObject): string[] {
  if (object.kind === "Secret") return isEmpty(object["data"]) && isEmpty(object["stringData"]) ? ["data"] : [];
  if (!isWebhookConfiguration(object)) return [];
  const webhooks = object["webhooks"];
  if (!Array.isArray(webhooks)) return [];
  return webhooks.flatMap((webhook: { readonly rules?: readonly unknown[] }, index) => [
    `webhooks[${index}].clientConfig.caBundle`,
    ...((webhook.rules ?? []).length === 0 ? [`webhooks[${index}].rules`] : []),
  ]);
}

function isEmpty(map: unknown): boolean {
  return Object.keys(map ?? {}).length === 0;
}

/** The object with the values that nobody should read wrapped, so that state, previews and logs never show them. */
function withSecrets(object: KubernetesObject): Record<string, unknown> {
  if (object.kind !== "Secret") return { ...object };
  const secrets = (["data", "stringData"] as const).filter((field) => object[field] !== undefined);
  return { ...object, ...Object.fromEntries(secrets.map((field) => [field, pulumi.secret(object[field])])) };
}

/** Logical name: unique per kind, and what a person would call it. */
function logicalName({ metadata: { namespace, name } }: KubernetesObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** A Kubernetes object under the type token of its kind, as the SDK's own class for that kind would register it. */
export class RegisteredObject extends pulumi.CustomResource {
  constructor(object: KubernetesObject, opts: pulumi.CustomResourceOptions) {
    const ignoreChanges = filledByControllers(object);
    super(typeToken(object), logicalName(object), withSecrets(object), {
      ...opts,
      version: manifest.version,
      ...(ignoreChanges.length > 0 ? { ignoreChanges } : {}),
      ...(object.kind === "Secret" ? { additionalSecretOutputs: ["data", "stringData"] } : {}),
    });
  }
}
