/** Changes to plain Deployments, by path. Pure; an object of another shape is left as it is. */
import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";

type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object with its pod template changed. */
function withTemplate(object: KubernetesObject, change: (template: Json) => Json): KubernetesObject {
  const { spec } = object;
  if (!isJson(spec) || !isJson(spec["template"])) return object;
  return { ...object, spec: { ...spec, template: change(spec["template"]) } };
}

export function withPodSpec(object: KubernetesObject, change: (spec: Json) => Json): KubernetesObject {
  return withTemplate(object, (template) => ({ ...template, spec: change(jsonAt(template, "spec")) }));
}

/** With the first container changed: the one that the Deployment is about. */
export function withContainer(object: KubernetesObject, change: (container: Json) => Json): KubernetesObject {
  return withPodSpec(object, (spec) => {
    const [first, ...others] = listAt(spec, "containers");
    return { ...spec, containers: [change(isJson(first) ? first : {}), ...others] };
  });
}

/** A variable's text, or where it comes from (`valueFrom`). */
export type Variable =
  pulumi.Input<string> | { readonly secretKeyRef: { readonly name: string; readonly key: string } };

/** With these variables in place of those of the same names, and after the others. */
export function withVariables(
  object: KubernetesObject,
  variables: Readonly<Record<string, Variable>>,
  without: readonly string[] = [],
): KubernetesObject {
  return withContainer(object, (container) => {
    const gone = new Set([...Object.keys(variables), ...without]);
    const kept = listAt(container, "env").filter((each) => !isJson(each) || !gone.has(String(each["name"])));
    return { ...container, env: [...kept, ...environment(variables)] };
  });
}

/** `env` of a container. */
export function environment(variables: Readonly<Record<string, Variable>>): readonly Json[] {
  return Object.entries(variables).map(([name, value]) =>
    typeof value === "object" && "secretKeyRef" in value ? { name, valueFrom: value } : { name, value },
  );
}

/** With labels and annotations of its pods added; a changed one starts new pods. */
export function withPodMetadata(
  object: KubernetesObject,
  { labels = {}, annotations = {} }: { readonly labels?: Json; readonly annotations?: Json },
): KubernetesObject {
  return withTemplate(object, (template) => {
    const metadata = jsonAt(template, "metadata");
    return {
      ...template,
      metadata: {
        ...metadata,
        labels: { ...jsonAt(metadata, "labels"), ...labels },
        annotations: { ...jsonAt(metadata, "annotations"), ...annotations },
      },
    };
  });
}

/** With a Secret or ConfigMap mounted, read-only, into the first container. */
export function withMount(object: KubernetesObject, mountPath: string, name: string, source: Json): KubernetesObject {
  const mounted = withContainer(object, (container) => ({
    ...container,
    volumeMounts: [...listAt(container, "volumeMounts"), { name, mountPath, readOnly: true }],
  }));
  return withPodSpec(mounted, (spec) => ({ ...spec, volumes: [...listAt(spec, "volumes"), { name, ...source }] }));
}

/** With entries of `data` or `stringData` added or replaced; their values may be outputs. */
export function withData(
  object: KubernetesObject,
  entries: Json,
  holder: "data" | "stringData" = "data",
): KubernetesObject {
  return { ...object, [holder]: { ...jsonAt(object, holder), ...entries } };
}

/** With annotations whose values may be outputs. */
export function withAnnotations(object: KubernetesObject, entries: Json): KubernetesObject {
  const annotations: object = { annotations: { ...object.metadata.annotations, ...entries } };
  return { ...object, metadata: { ...object.metadata, ...annotations } };
}

function jsonAt(value: Json, key: string): Json {
  const found = value[key];
  return isJson(found) ? found : {};
}

export function listAt(value: Json, key: string): readonly unknown[] {
  const found = value[key];
  return Array.isArray(found) ? found : [];
}
