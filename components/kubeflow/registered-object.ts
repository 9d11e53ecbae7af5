/** How one rendered object becomes a Pulumi resource. */
import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { ownPart } from "../../kubernetes/fields-of-others.ts";
import { replacementOptions } from "../../kubernetes/fixed-fields.ts";
import { typeToken, type KubernetesObject } from "../../kubernetes/objects.ts";

const manifest = createRequire(import.meta.url)("@pulumi/kubernetes/package.json") as { readonly version: string };

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
  /** @param scaled keys of what autoscalers of the same release scale (`scaledObjects`). */
  constructor(object: KubernetesObject, scaled: ReadonlySet<string>, opts: pulumi.CustomResourceOptions) {
    const own = ownPart(object, scaled);
    super(typeToken(object), logicalName(object), withSecrets(own.object), {
      ...opts,
      version: manifest.version,
      ...replacementOptions(object),
      ...(own.ignoreChanges.length > 0 ? { ignoreChanges: [...own.ignoreChanges] } : {}),
      ...(object.kind === "Secret" ? { additionalSecretOutputs: ["data", "stringData"] } : {}),
    });
  }
}
