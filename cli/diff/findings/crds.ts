/** Versions of custom resources that come and go, and the one that they are stored in. */
import { hasCrd, readCrd } from "../../../release/crds.ts";
import { isRecord } from "../../../release/json.ts";
import { at, isMap, textAt, textsAt, type Value } from "../../../policy/values.ts";
import type { PlannedResource } from "../../operation.ts";
import type { ResourceChange } from "../compare.ts";
import type { Finding } from "../report.ts";
import { few, sidesOf } from "./sides.ts";

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
}

/** By digest of a body. */
export type CrdVersions = ReadonlyMap<string, readonly Version[]>;

const byDigest = "kubeflow:index:CustomResourceDefinition";

/** Of the CRDs that differ. A body that is not in the cache any more is not in it. */
export async function readCrdVersions(resources: readonly PlannedResource[]): Promise<CrdVersions> {
  const digests = new Map<string, Set<string>>();
  for (const { type, inputs } of resources) {
    if (type !== byDigest || !isRecord(inputs)) continue;
    const { name, digest } = inputs;
    if (typeof name === "string" && typeof digest === "string")
      digests.set(name, (digests.get(name) ?? new Set()).add(digest));
  }
  const wanted = [...digests].flatMap(([name, each]) =>
    each.size < 2 ? [] : [...each].map((digest) => ({ name, digest })),
  );
  const read = await Promise.all(
    wanted.map(async (crd) => {
      if (!(await hasCrd(crd.digest))) return [];
      const { spec } = await readCrd(crd);
      return [[crd.digest, versionsIn(isRecord(spec) ? (spec["versions"] as Value) : [])] as const];
    }),
  );
  return new Map(read.flat());
}

export function crdFindings(change: ResourceChange, bodies: CrdVersions): readonly Finding[] {
  const { op, type, before, after } = change;
  if (!type.endsWith(":CustomResourceDefinition") || op === "create" || op === "delete") return [];
  if (before === undefined || after === undefined) return [];
  const sides = sidesOf(change);
  const versions = (side: Value): readonly Version[] | undefined =>
    type === byDigest ? bodies.get(textAt(side, "digest") ?? "") : versionsIn(at(side, "spec.versions"));
  const [olds, news] = [versions(sides.before), versions(sides.after)];
  if (olds === undefined || news === undefined) return byName(sides.before, sides.after);
  const served = (list: readonly Version[]): readonly string[] =>
    list.filter(({ served: is }) => is).map(({ name }) => name);
  const stored = (list: readonly Version[]): string | undefined => list.find(({ storage }) => storage)?.name;
  return [
    ...gone(missing(served(olds), served(news))),
    ...come(missing(served(news), served(olds))),
    ...(stored(olds) === stored(news)
      ? []
      : [
          finding(
            "warning",
            `objects are stored as ${stored(news) ?? "nothing"} instead of ${stored(olds) ?? "nothing"}: those that are ` +
              "there have to be migrated before the old version goes",
          ),
        ]),
  ];
}

/** Where the bodies are not here: the names of the versions are in the listing. */
function byName(before: Value, after: Value): readonly Finding[] {
  const [olds, news] = [textsAt(before, "versions"), textsAt(after, "versions")];
  return [...gone(missing(olds, news)), ...come(missing(news, olds))];
}

function versionsIn(versions: Value | undefined): readonly Version[] {
  const list = Array.isArray(versions) ? (versions as readonly Value[]) : [];
  return list.filter(isMap).map((version) => ({
    name: textAt(version, "name") ?? "",
    served: version["served"] === true,
    storage: version["storage"] === true,
  }));
}

const missing = (list: readonly string[], other: readonly string[]): readonly string[] =>
  list.filter((name) => !other.includes(name));
const gone = (names: readonly string[]): readonly Finding[] =>
  names.length === 0 ? [] : [finding("danger", `no longer served: ${few(names)}`)];
const come = (names: readonly string[]): readonly Finding[] =>
  names.length === 0 ? [] : [finding("info", `now also served: ${few(names)}`)];

const finding = (level: Finding["level"], message: string): Finding => ({ kind: "crd-version", level, message });
