/**
 * Fields that somebody in the cluster fills in, or that the API server does not keep: claimed by the program, they would
 * be a change in every plan, or a conflict. Each kind of field is known here once, for both engines. Pure.
 */
import { groupKind, objectKey, type KubernetesObject } from "./objects.ts";
import { isBuiltIn } from "./scopes.ts";

interface Rule {
  readonly what: string;
  /** Who writes the field, or why it is not kept. */
  readonly reason: string;
  /**
   * `left-out`: the program does not send it. `ignored`: it is sent when the object is made, and what is there counts
   * from then on.
   */
  readonly treatment: "left-out" | "ignored";
  readonly find: (object: KubernetesObject, scaled: ReadonlySet<string>) => readonly Path[];
}

type Path = readonly (string | number)[];

/** Maps of texts that Kubernetes' own types omit when they are empty; other empty maps (`emptyDir: {}`) mean something. */
const omittedMaps = new Set(
  "annotations labels data binaryData stringData matchLabels nodeSelector limits requests parameters".split(" "),
);

const rules: readonly Rule[] = [
  {
    what: "rules of an aggregated ClusterRole",
    reason: "clusterrole-aggregation-controller writes them, and an apply of ours conflicts with it",
    treatment: "left-out",
    find: (object) =>
      groupKind(object) === "ClusterRole.rbac.authorization.k8s.io" && object["aggregationRule"] !== undefined
        ? [["rules"]]
        : [],
  },
  {
    what: "status",
    reason: "the object's controller writes it; an apply of the object drops it",
    treatment: "left-out",
    find: () => [["status"]],
  },
  {
    what: "empty lists and maps of Kubernetes' own kinds",
    reason: "their Go types omit an empty list or map, so the API server never gives it back",
    treatment: "left-out",
    find: (object) => (isBuiltIn(object) ? emptyParts(object) : []),
  },
  {
    what: "data of a Secret that is shipped empty",
    reason: "a controller fills it in: certificates of webhooks (research/kubeflow-26.03.md, section 5)",
    treatment: "ignored",
    find: (object) =>
      groupKind(object) === "Secret" && isNothing(object["data"]) && isNothing(object["stringData"]) ? [["data"]] : [],
  },
  {
    what: "CA bundles of webhooks, and the rules of a webhook that is shipped without",
    reason: "cert-manager or the webhook's own controller fills them in (Knative writes its rules too)",
    treatment: "ignored",
    find: (object) =>
      webhooksOf(object).flatMap((webhook, index): readonly Path[] => [
        ["webhooks", index, "clientConfig", "caBundle"],
        ...(isNothing(webhook["rules"]) ? [["webhooks", index, "rules"]] : []),
      ]),
  },
  {
    what: "replicas of what an autoscaler scales",
    reason: "its HorizontalPodAutoscaler writes them; ours would undo its work at every change",
    treatment: "ignored",
    find: (object, scaled) => (scaled.has(objectKey(object)) ? [["spec", "replicas"]] : []),
  },
];

/** Keys (`objectKey`) of what the HorizontalPodAutoscalers among these objects scale. */
export function scaledObjects(objects: readonly KubernetesObject[]): ReadonlySet<string> {
  return new Set(
    objects.flatMap((object) => {
      if (object.kind !== "HorizontalPodAutoscaler") return [];
      const { apiVersion, kind, name } = toRecord(toRecord(object["spec"])["scaleTargetRef"]);
      const { namespace } = object.metadata;
      const metadata = { name: String(name), ...(namespace === undefined ? {} : { namespace }) };
      return [objectKey({ apiVersion: String(apiVersion), kind: String(kind), metadata })];
    }),
  );
}

/**
 * The object without what it must not claim, and Pulumi's `ignoreChanges` for it.
 *
 * @param scaled of `scaledObjects`.
 */
export function ownPart(
  object: KubernetesObject,
  scaled: ReadonlySet<string>,
): { readonly object: KubernetesObject; readonly ignoreChanges: readonly string[] } {
  const paths = (treatment: Rule["treatment"]): readonly Path[] =>
    rules.filter((rule) => rule.treatment === treatment).flatMap(({ find }) => find(object, scaled));
  return {
    object: paths("left-out").reduce<KubernetesObject>((rest, path) => without(rest, path) as KubernetesObject, object),
    ignoreChanges: paths("ignored").map(formatPath),
  };
}

/** The outermost empty lists and text maps, at any depth. A list that holds an empty map holds something. */
function emptyParts(value: unknown, at: Path = []): readonly Path[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [at];
    return value.flatMap((item, index) => emptyParts(item, [...at, index]));
  }
  // A value that only the apply knows is an object of Pulumi's.
  if (!isPlainMap(value)) return [];
  const entries = Object.entries(value);
  if (entries.length === 0) return omittedMaps.has(String(at.at(-1))) ? [at] : [];
  return entries.flatMap(([key, item]) => emptyParts(item, [...at, key]));
}

function webhooksOf(object: KubernetesObject): readonly Readonly<Record<string, unknown>>[] {
  const isConfiguration = /^(Validating|Mutating)WebhookConfiguration\.admissionregistration\.k8s\.io$/;
  return isConfiguration.test(groupKind(object)) && Array.isArray(object["webhooks"])
    ? object["webhooks"].map(toRecord)
    : [];
}

function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isNothing(value: unknown): boolean {
  return Object.keys(value ?? {}).length === 0;
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function without(value: unknown, [head, ...rest]: Path): unknown {
  if (head === undefined || typeof value !== "object" || value === null || !(head in value)) return value;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === head ? without(item, rest) : item));
  if (rest.length > 0) return { ...value, [head]: without((value as Readonly<Record<string, unknown>>)[head], rest) };
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== head));
}

/** As Pulumi writes it: `webhooks[0].clientConfig.caBundle`. */
function formatPath(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${String(part)}]` : `${index === 0 ? "" : "."}${part}`))
    .join("");
}
