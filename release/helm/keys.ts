/** Which keys the values of a chart may have, where no schema says it: those of `values.yaml`. */
import { closest, distance } from "fastest-levenshtein";
import { isRecord } from "../json.ts";
import { type Chart } from "./metadata.ts";
import { type Problem, unknownKey, wrongValue } from "./problems.ts";
import { isOpen, schemaChildren, schemaKeys, type SchemaNode } from "./schema.ts";
import type { Values } from "./yaml.ts";

/** What one chart says of one place. A place below a subchart has two: the subchart's and its parent's. */
interface Source {
  readonly chart: Chart;
  /** Of the place, in the chart's own values. */
  readonly path: readonly string[];
  /** What the chart has there by default. */
  readonly value: unknown;
  readonly schemas: readonly SchemaNode[];
}

/**
 * Maps whose keys are Kubernetes' or the user's, not the chart's: a chart's example (`cpu: 100m`) does not list them.
 * `free`: any key; else those that may stand beside the ones of `values.yaml`.
 */
const kubernetesMaps: readonly (readonly [RegExp, "free" | readonly string[]])[] = [
  [/(labels|annotations|selector|limits|requests)$/i, "free"],
  [/resources$/i, ["limits", "requests", "claims"]],
  [/affinity$/i, ["nodeAffinity", "podAffinity", "podAntiAffinity"]],
  [/strategy$/i, ["type", "rollingUpdate"]],
  [/^rollingUpdate$/, ["maxSurge", "maxUnavailable", "partition"]],
  [
    /probe$/i,
    [
      ...["exec", "failureThreshold", "grpc", "httpGet", "initialDelaySeconds", "periodSeconds", "successThreshold"],
      ...["tcpSocket", "terminationGracePeriodSeconds", "timeoutSeconds"],
    ],
  ],
  [
    /securityContext$/i,
    [
      ...[
        "allowPrivilegeEscalation",
        "appArmorProfile",
        "capabilities",
        "fsGroup",
        "fsGroupChangePolicy",
        "privileged",
      ],
      ...["procMount", "readOnlyRootFilesystem", "runAsGroup", "runAsNonRoot", "runAsUser", "seLinuxChangePolicy"],
      ...["seLinuxOptions", "seccompProfile", "supplementalGroups", "supplementalGroupsPolicy", "sysctls"],
      "windowsOptions",
    ],
  ],
];

/**
 * Every key of `values` that the chart does not know. Free-form, and so not looked into: what `values.yaml` has as an
 * empty map, null or a list, `global`, and the paths in `freeForm`.
 */
export function keyProblems(chart: Chart, values: Values, freeForm: readonly string[]): readonly Problem[] {
  return check([rootOf(chart)], values, [], new Set(freeForm));
}

function rootOf(chart: Chart): Source {
  const schemas = chart.schema === undefined ? [] : [{ root: chart.schema, node: chart.schema }];
  return { chart, path: [], value: chart.values, schemas };
}

function check(
  sources: readonly Source[],
  value: unknown,
  path: readonly string[],
  freeForm: ReadonlySet<string>,
): readonly Problem[] {
  const beside = kubernetesKeys(path);
  const isListed = sources.some((source) => isRecord(source.value) && Object.keys(source.value).length > 0);
  if (!isListed || beside === "free" || freeForm.has(path.join(".")) || value === null) return [];
  const allowed = [...new Set([...sources.flatMap(knownKeys), ...beside])];
  if (!isRecord(value)) return [wrongValue(path, value, `must be a map (keys: ${allowed.sort().join(", ")})`)];

  const isClosed = !sources.some((source) => isMissingSubchart(source) || source.schemas.some(isOpen));
  return Object.entries(value).flatMap(([key, item]) => {
    const below = [...path, key];
    if (allowed.includes(key)) {
      if (key === "global" && sources.some((source) => source.path.length === 0)) return [];
      return check(
        sources.flatMap((source) => childrenOf(source, key)),
        item,
        below,
        freeForm,
      );
    }
    // Prose in comments looks like keys too (`# toleration: ...`), so one letter from a real key is a slip.
    const isCommented =
      distance(key, closest(key, allowed)) > 1 &&
      sources.some((source) => commentedKeys(source.chart.valuesText).has(placeOf(source.path, key)));
    return isClosed && !isCommented ? [unknownKey(below, allowed)] : [];
  });
}

function kubernetesKeys(path: readonly string[]): "free" | readonly string[] {
  const key = path.at(-1);
  return (key === undefined ? undefined : kubernetesMaps.find(([pattern]) => pattern.test(key))?.[1]) ?? [];
}

function knownKeys(source: Source): readonly string[] {
  const { chart, path, value, schemas } = source;
  const conditions = chart.dependencies.flatMap((dependency) => dependency.conditions);
  const switches = conditions.flatMap((condition) =>
    path.every((part, index) => condition[index] === part) ? condition.slice(path.length, path.length + 1) : [],
  );
  const own = path.length > 0 ? [] : ["global", ...chart.dependencies.map((dependency) => dependency.key)];
  const tags = path.length === 0 && chart.dependencies.some((dependency) => dependency.tagged) ? ["tags"] : [];
  return [...(isRecord(value) ? Object.keys(value) : []), ...schemas.flatMap(schemaKeys), ...switches, ...own, ...tags];
}

/** The values of a subchart that is not in the archive: nothing is known of its keys. */
function isMissingSubchart({ chart, path }: Source): boolean {
  const [key] = path;
  return chart.dependencies.some((dependency) => dependency.key === key && dependency.chart === undefined);
}

function childrenOf(source: Source, key: string): readonly Source[] {
  const { chart, path, value, schemas } = source;
  const child = {
    chart,
    path: [...path, key],
    value: isRecord(value) ? value[key] : undefined,
    schemas: schemas.flatMap((schema) => schemaChildren(schema, key)),
  };
  const subchart = path.length > 0 ? undefined : chart.dependencies.find((dependency) => dependency.key === key)?.chart;
  return subchart === undefined ? [child] : [child, rootOf(subchart)];
}

const commentsOf = new Map<string, ReadonlySet<string>>();

/**
 * Keys that `values.yaml` has as a comment (`# loadBalancerIP: ""`), with the map they stand in: charts document their
 * optional keys so. They are taken, but not offered.
 */
function commentedKeys(text: string): ReadonlySet<string> {
  const known = commentsOf.get(text);
  if (known !== undefined) return known;
  const found = new Set<string>();
  let open: readonly { readonly column: number; readonly key: string }[] = [];
  for (const line of text.split("\n")) {
    const match = /^( *)(#+ ?)?([\w./-]+):(?:\s|$)/.exec(line);
    if (match === null) continue;
    const [, indent = "", comment, key = ""] = match;
    open = open.filter(({ column }) => column < indent.length);
    if (comment === undefined) open = [...open, { column: indent.length, key }];
    else
      found.add(
        placeOf(
          open.map((above) => above.key),
          key,
        ),
      );
  }
  commentsOf.set(text, found);
  return found;
}

function placeOf(path: readonly string[], key: string): string {
  return JSON.stringify([...path, key]);
}
