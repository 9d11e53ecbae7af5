/** What of a plan destroys data, or the cluster: by the same classification as `kf diff`. */
import type { StepReport } from "../../engine/report.ts";
import { nameOfUrn } from "../../engine/urn.ts";
import { compareListings, type ResourceChange } from "../diff/compare.ts";
import { dataFindings } from "../diff/findings/data.ts";
import { replacementRules } from "../diff/replacements.ts";
import type { PlannedResource } from "../operation.ts";

export interface Destruction {
  readonly urn: string;
  readonly message: string;
}

/** Of a plan against the state. @param retained URNs of what stays there when the program lets it go. */
export function destructionsIn(steps: readonly StepReport[], retained: ReadonlySet<string>): readonly Destruction[] {
  return steps.flatMap(({ urn, type, op, replaceReasons = [] }) => {
    if (op !== "delete" && op !== "replace") return [];
    const before: PlannedResource = { urn, type, inputs: {}, dependencies: [] };
    const old = retained.has(urn) ? { ...before, retainOnDelete: true as const } : before;
    return lossesOf({
      ...{ op, urn, type, replaceReasons },
      name: nameOfUrn(urn),
      diffs: [],
      followers: [],
      before: old,
      after: undefined,
    });
  });
}

/** Between two plans from nothing, where the state is elsewhere. */
export async function destructionsBetween(
  before: readonly PlannedResource[],
  after: readonly PlannedResource[],
): Promise<readonly Destruction[]> {
  const rules = await replacementRules([...before, ...after].map(({ type }) => type));
  return compareListings(before, after, rules).flatMap(lossesOf);
}

function lossesOf(change: ResourceChange): readonly Destruction[] {
  const dangers = dataFindings(change).filter(({ level }) => level === "danger");
  return dangers.map(({ message }) => ({ urn: change.urn, message }));
}
