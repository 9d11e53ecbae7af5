/** Kubernetes objects as plain data, and how they are named in keys, logs and messages. Pure. */

interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [key: string]: unknown;
}

/** API group of an `apiVersion`: `apps` for `apps/v1`, the empty string for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** `Deployment.apps`, `Namespace`: a kind that no other group can be confused with. */
export function groupKind(object: Pick<KubernetesObject, "apiVersion" | "kind">): string {
  const group = groupOf(object.apiVersion);
  return group === "" ? object.kind : `${object.kind}.${group}`;
}

/** The identity of an object in one cluster, without its version: `Deployment.apps/kubeflow/ml-pipeline`. */
export function objectKey(object: KubernetesObject): string {
  return `${groupKind(object)}/${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}

/** How a person reads it: `Deployment kubeflow/ml-pipeline`. */
export function describeObject(object: KubernetesObject): string {
  const { namespace, name } = object.metadata;
  return `${object.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** Pulumi's type token: `kubernetes:apps/v1:Deployment`, `kubernetes:core/v1:Service` (core has a name there). */
export function typeToken(object: Pick<KubernetesObject, "apiVersion" | "kind">): string {
  const { apiVersion, kind } = object;
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
}
