import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { formatPath } from "../paths.ts";
import type { LiveDifference, Sight } from "../provider.ts";
import type { PropertyMap } from "../values.ts";
import { liveInputs } from "./drift.ts";
import { managersOf, writersOf } from "./ownership.ts";

/**
 * What became of an object that was applied by `manager`: every place that is not as the inputs have it, and whose it
 * is. Pure.
 *
 * @param live with its `managedFields`; undefined when it is gone.
 */
export function sightOf(inputs: PropertyMap, live: KubernetesObject | undefined, manager: string): Sight {
  if (live === undefined) return { is: "gone", differences: [], writers: [] };
  const differences: LiveDifference[] = [];
  liveInputs(inputs, live, manager, ({ path, livePath, expected, live: value }) => {
    // `stringData` is written, and kept as `data`.
    const [head, ...rest] = livePath;
    const kept = live.kind === "Secret" && head === "stringData" ? ["data", ...rest] : livePath;
    const managers = value === undefined ? [] : managersOf(live, kept);
    differences.push({ path: formatPath(path), expected, live: value, managers });
  });
  return { is: "there", differences, writers: writersOf(live, manager) };
}
