/** The words and sums that the reports have in common. Pure. */
import { stripVTControlCharacters } from "node:util";
import type { ReportValue } from "../../engine/report.ts";
import type { Change, DiffReport, Finding, StackDiff } from "./report.ts";

/** `+2 ~1 ±1 -3`; nothing of what there is none of. */
export function summaryText({ summary }: Pick<StackDiff, "summary">): string {
  const parts = [
    ["+", summary.create],
    ["~", summary.change],
    ["±", summary.replace],
    ["-", summary.delete],
  ] as const;
  return parts.flatMap(([mark, count]) => (count === 0 ? [] : [`${mark}${String(count)}`])).join(" ") || "none";
}

const usd = (value: number): string => `$${Math.round(value).toLocaleString("en-US")}`;

/** `$1,200 to $3,400 => $1,500 to $3,400`; undefined where it stays the same or there is none. */
export function costText({ cost: { before, after } }: Pick<StackDiff, "cost">): string | undefined {
  const text = (cost: StackDiff["cost"]["before"]): string =>
    cost === undefined ? "none" : `${usd(cost.atLeastUsd)} to ${usd(cost.atMostUsd)}`;
  const [old, next] = [text(before), text(after)];
  return old === next ? undefined : `${old} => ${next}`;
}

/** `l4 0-4 => 0-8`; undefined where all stay the same. */
export function gpusText({ gpus: { before, after } }: Pick<StackDiff, "gpus">): string | undefined {
  const text = (counts: { readonly min: number; readonly max: number } | undefined): string =>
    counts === undefined ? "none" : `${String(counts.min)}-${String(counts.max)}`;
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((kind) => {
    const [old, next] = [text(before[kind]), text(after[kind])];
    return old === next ? [] : [`${kind} ${old} => ${next}`];
  });
  return changed.length === 0 ? undefined : changed.join(", ");
}

/** `+1 -2` of policy violations; undefined where they stay the same. */
export function policiesText({ policies: { added, resolved } }: Pick<StackDiff, "policies">): string | undefined {
  if (added.length + resolved.length === 0) return undefined;
  return [
    ...(added.length === 0 ? [] : [`${String(added.length)} new`]),
    ...(resolved.length === 0 ? [] : [`${String(resolved.length)} resolved`]),
  ].join(", ");
}

/** Findings with their change, in the order of the changes. */
export function findingsAt(
  { changes }: Pick<DiffReport, "changes">,
  level: Finding["level"],
): readonly { readonly change: Change; readonly finding: Finding }[] {
  return changes.flatMap((change) =>
    change.findings.filter((finding) => finding.level === level).map((finding) => ({ change, finding })),
  );
}

/** Of all affected stacks it says so; few are named. */
export function stacksText(stacks: readonly string[], affected: number): string {
  return stacks.length === affected && affected > 1 ? `all ${String(affected)} stacks` : stacks.join(", ");
}

/** A value in one line, cut off where it is long; more of it is in the JSON. */
export function valueText(value: ReportValue | undefined, max: number): string {
  const text = plain(JSON.stringify(value ?? null));
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

/** The last part of a type token with its group: `apps/v1:Deployment`. */
export function kindText(type: string): string {
  return type.replace(/^kubernetes:(core\/)?/, "");
}

/**
 * Text of the compared trees, which a stranger may have written, without what moves a cursor or turns the direction of
 * writing around. Lines stay lines.
 */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === "\n" ? character : "",
  );
}

/** The report with every text of it {@link plain}, for a reader of characters; the picture is not for one. */
export function plainReport(report: DiffReport): DiffReport {
  return JSON.parse(JSON.stringify({ ...report, graph: [] }), (_key, value: unknown) =>
    typeof value === "string" ? plain(value) : value,
  ) as DiffReport;
}
