/** What an admission webhook intercepts, by its rules and selectors, and which workloads answer it. Pure. */
import { groupOf, type KubernetesObject } from "../../kubernetes/objects.ts";
import { at, listAt, podTemplateOf, textAt } from "./references.ts";

type Labels = Readonly<Record<string, string>>;

/** One webhook of a ValidatingWebhookConfiguration or MutatingWebhookConfiguration. */
export interface Webhook {
  readonly configuration: KubernetesObject;
  /** The Service that answers; absent when it is a URL outside the cluster. */
  readonly service?: { readonly namespace: string; readonly name: string };
  readonly rules: readonly unknown[];
  readonly namespaceSelector: unknown;
  readonly objectSelector: unknown;
}

/** A thing that is created in the cluster: an object of the release, or a pod that a workload of it makes. */
interface Created {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly labels: Labels;
  readonly namespace?: string;
}

export function isWebhookConfiguration(object: KubernetesObject): boolean {
  return (
    groupOf(object.apiVersion) === "admissionregistration.k8s.io" &&
    ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"].includes(object.kind)
  );
}

/** The webhooks of a configuration that refuse what they intercept when nobody answers (`failurePolicy: Fail`). */
export function failingWebhooksOf(configuration: KubernetesObject): readonly Webhook[] {
  return listAt(configuration, "webhooks")
    .filter((webhook) => (textAt(webhook, "failurePolicy") ?? "Fail") === "Fail")
    .map((webhook) => {
      const namespace = textAt(webhook, "clientConfig", "service", "namespace");
      const name = textAt(webhook, "clientConfig", "service", "name");
      return {
        configuration,
        ...(namespace === undefined || name === undefined ? {} : { service: { namespace, name } }),
        rules: listAt(webhook, "rules"),
        namespaceSelector: at(webhook, "namespaceSelector"),
        objectSelector: at(webhook, "objectSelector"),
      };
    });
}

function labelsOf(metadata: unknown): Labels {
  const labels = at(metadata, "labels");
  return typeof labels === "object" && labels !== null ? (labels as Labels) : {};
}

/** Kubernetes label selector semantics; an absent or empty selector matches everything. */
export function selects(selector: unknown, labels: Labels): boolean {
  const wanted = Object.entries(at(selector, "matchLabels") ?? {}) as [string, string][];
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  return listAt(selector, "matchExpressions").every((expression) => {
    const key = textAt(expression, "key") ?? "";
    const values = listAt(expression, "values");
    const value = labels[key];
    switch (textAt(expression, "operator")) {
      case "In":
        return value !== undefined && values.includes(value);
      case "NotIn":
        return value === undefined || !values.includes(value);
      case "Exists":
        return value !== undefined;
      case "DoesNotExist":
        return value === undefined;
      default:
        return false;
    }
  });
}

function covers(list: readonly unknown[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}

function ruleMatches(rule: unknown, created: Created): boolean {
  const scope = textAt(rule, "scope") ?? "*";
  return (
    covers(listAt(rule, "operations"), "CREATE") &&
    covers(listAt(rule, "apiGroups"), created.group) &&
    covers(listAt(rule, "apiVersions"), created.version) &&
    (listAt(rule, "resources").includes("*/*") || covers(listAt(rule, "resources"), created.resource)) &&
    (scope === "*" || (scope === "Namespaced") === (created.namespace !== undefined))
  );
}

/** Plural of a built-in kind as the API names it; CRDs bring their own. */
function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (/(s|x|ch|sh)$/.test(lower)) return lower.endsWith("endpoints") ? lower : `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** What the cluster creates when `object` is applied: the object itself, and a pod when it is a workload. */
function createdBy(object: KubernetesObject, plurals: ReadonlyMap<string, string>): readonly Created[] {
  const group = groupOf(object.apiVersion);
  const version = object.apiVersion.slice(group === "" ? 0 : group.length + 1);
  const { namespace } = object.metadata;
  const where = namespace === undefined ? {} : { namespace };
  const resource = plurals.get(`${object.kind}.${group}`) ?? pluralOf(object.kind);
  const itself: Created = { group, version, resource, labels: labelsOf(object.metadata), ...where };
  const template = podTemplateOf(object);
  if (template === undefined || object.kind === "Pod") return [itself];
  return [itself, { group: "", version: "v1", resource: "pods", labels: labelsOf(at(template, "metadata")), ...where }];
}

/**
 * Those of `webhooks` that the API server calls when `object` is applied.
 *
 * @param namespaceLabels labels of each Namespace of the release; one that it does not have counts as having only the
 *   name label that the API server puts on every namespace.
 * @param plurals resource names of the release's own kinds, by `Kind.group`.
 */
export function interceptorsOf(
  object: KubernetesObject,
  webhooks: readonly Webhook[],
  namespaceLabels: ReadonlyMap<string, Labels>,
  plurals: ReadonlyMap<string, string>,
): readonly Webhook[] {
  const created = createdBy(object, plurals);
  return webhooks.filter((webhook) => created.some((one) => intercepts(webhook, one, namespaceLabels)));
}

function intercepts(webhook: Webhook, created: Created, namespaceLabels: ReadonlyMap<string, Labels>): boolean {
  if (!webhook.rules.some((rule) => ruleMatches(rule, created))) return false;
  if (!selects(webhook.objectSelector, created.labels)) return false;
  // A cluster-scoped object has no namespace to select by, except a Namespace, which is selected by its own labels.
  if (created.resource === "namespaces" && created.group === "")
    return selects(webhook.namespaceSelector, created.labels);
  if (created.namespace === undefined) return true;
  const labels = { ...namespaceLabels.get(created.namespace), "kubernetes.io/metadata.name": created.namespace };
  return selects(webhook.namespaceSelector, labels);
}

/** The workloads whose pods a Service sends to. */
export function workloadsBehind(
  service: { readonly namespace: string; readonly name: string },
  objects: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  const found = objects.find(
    (object) =>
      object.kind === "Service" &&
      object.apiVersion === "v1" &&
      object.metadata.namespace === service.namespace &&
      object.metadata.name === service.name,
  );
  const selector = at(found, "spec", "selector");
  if (typeof selector !== "object" || selector === null || Object.keys(selector).length === 0) return [];
  return objects.filter((object) => {
    const template = podTemplateOf(object);
    return (
      template !== undefined &&
      object.metadata.namespace === service.namespace &&
      selects({ matchLabels: selector }, labelsOf(at(template, "metadata")))
    );
  });
}
