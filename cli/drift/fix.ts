/** Putting back named objects, and nothing else. */
import { distance } from "fastest-levenshtein";
import type { Looked } from "../../engine/look.ts";
import { UserError } from "../../shared/errors.ts";
import { lookAtStack, putBackIn, type LookOptions } from "./look.ts";
import { objectName, reportOf, type ObjectName } from "./report.ts";

export interface Fixed {
  readonly stack: string;
  readonly fixed: readonly ObjectName[];
  readonly failed: readonly (ObjectName & { readonly error: string })[];
  /** How many other objects drift, and were left alone. */
  readonly remaining: number;
}

/**
 * Makes the named objects what the state has of them: by server-side apply under the stack's field manager, which takes
 * only the fields that the stack applies; what is gone is made anew. Then looks at them once more.
 *
 * @throws UserError (wrong usage) when a name is none of the stack's objects, or of one that does not drift; then
 * nothing was changed.
 */
export async function fixDrift(stack: string, names: readonly string[], options: LookOptions): Promise<Fixed> {
  const { looked, requests } = await lookAtStack(stack, options);
  const chosen = chooseDrifted(looked, names);
  const failures = await putBackIn(stack, chosen, options);
  const only = new Set(chosen.map(({ resource }) => resource.urn));
  const after = await lookAtStack(stack, { ...options, only });
  const { drifts, unread } = reportOf(stack, after.looked, after.requests);
  const problems = new Map([
    ...unread.map(({ urn, error }) => [urn, error] as const),
    ...drifts.map(({ urn, is, fields }) => [urn, stillDrifts(is, fields)] as const),
    ...failures,
  ]);
  const others = reportOf(stack, looked, requests).drifts.filter(({ urn }) => !only.has(urn));
  const results = chosen.map((each) => ({ ...objectName(each), error: problems.get(each.resource.urn) }));
  return {
    stack,
    fixed: results.flatMap(({ error, ...name }) => (error === undefined ? [name] : [])),
    failed: results.flatMap(({ error, ...name }) => (error === undefined ? [] : [{ ...name, error }])),
    remaining: others.length,
  };
}

/**
 * The looked-at objects that the names mean, in the order of state, so that what others need comes first.
 *
 * @throws UserError (wrong usage) with all that is wrong with the names.
 */
export function chooseDrifted(looked: readonly Looked[], names: readonly string[]): readonly Looked[] {
  const chosen = new Set<Looked>();
  const problems: string[] = [];
  for (const wanted of new Set(names)) {
    const meant = looked.filter((each) => each.resource.urn === wanted || objectName(each).name === wanted);
    const [only] = meant;
    if (only === undefined) problems.push(`${wanted}: no object of the stack. Nearest: ${nearest(looked, wanted)}`);
    else if (meant.length > 1) {
      const urns = meant.map(({ resource }) => resource.urn).join(", ");
      problems.push(`${wanted}: means several objects; name one by its URN: ${urns}`);
    } else if ("error" in only.sight) problems.push(`${wanted}: could not be looked at: ${only.sight.error}`);
    else if (only.sight.is === "there" && only.sight.differences.length === 0)
      problems.push(`${wanted}: does not drift, so there is nothing to put back`);
    else chosen.add(only);
  }
  if (problems.length > 0) {
    throw new UserError(
      `--fix: ${problems.join("\n  ")}\nNothing was changed. Allowed: objects that kf drift lists, as Kind/namespace/name ` +
        "(Kind/name where there is no namespace) or by URN; the stack comes before --fix",
      { exitCode: 2 },
    );
  }
  return looked.filter((each) => chosen.has(each));
}

function nearest(looked: readonly Looked[], wanted: string): string {
  const names = [...new Set(looked.map((each) => objectName(each).name))];
  const near = names.toSorted((a, b) => distance(a, wanted) - distance(b, wanted)).slice(0, 3);
  return near.join(", ") || "none, the stack has no objects";
}

function stillDrifts(is: "gone" | "changed", fields: readonly { readonly path: string }[]): string {
  const what = is === "gone" ? "is gone again" : `${fields.map(({ path }) => path).join(", ")} was changed again`;
  return `was put back, and ${what} at once: somebody insists, see kf drift for who`;
}
