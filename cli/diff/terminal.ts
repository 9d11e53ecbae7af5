/** The report as the terminal shows it. */
import { styleText } from "node:util";
import Table from "cli-table3";
import type { PropertyDiff } from "../../engine/report.ts";
import type { Change, ChangeOp, DiffReport, Finding, StackDiff } from "./report.ts";
import {
  costText,
  findingsAt,
  gpusText,
  kindText,
  plainReport,
  policiesText,
  stacksText,
  summaryText,
  valueText,
} from "./summary.ts";

const marks: Readonly<Record<ChangeOp, string>> = {
  create: styleText("green", "+"),
  change: styleText("yellow", "~"),
  replace: styleText("magenta", "±"),
  delete: styleText("red", "-"),
};
const diffMarks: Readonly<Record<PropertyDiff["kind"], string>> = {
  add: marks.create,
  update: marks.change,
  delete: marks.delete,
};
const colours = { danger: "red", warning: "yellow", info: "cyan" } as const;

/** Longest value, and most properties of one resource, that are printed; all are in the JSON. */
const maxValueLength = 100;
const maxDiffs = 20;

/** The whole report: what must not be missed, a line a stack, every change once. */
export function describeDiff(whole: DiffReport): string {
  const report = plainReport(whole);
  const { base, head, stacks, unaffected } = report;
  const ref = base.ref === base.commit ? "" : ` (${base.ref})`;
  const lines = [
    `${base.commit.slice(0, 10)}${ref} => ${head.commit.slice(0, 10)}${head.dirty ? " and what is not committed" : ""}`,
    ...(["danger", "warning", "info"] as const).flatMap((level) => describeFindings(report, level)),
    ...(stacks.length === 0 ? [] : [describeStacks(stacks)]),
    ...stacks.flatMap(({ stack, failure }) =>
      failure === undefined
        ? []
        : [styleText("red", `${stack} cannot be planned at ${failure.at}:`), ...indented(failure.message)],
    ),
    ...stacks.flatMap(describePolicies),
    ...report.changes.flatMap((change) => describeChange(change, stacks.length)),
    unaffected.length === 0
      ? "Every stack is affected."
      : stacks.length === 0
        ? `Nothing changes in ${unaffected.join(", ")}.`
        : styleText("dim", `Nothing changes in ${unaffected.join(", ")}.`),
    styleText("dim", timingsText(report)),
  ];
  return `${lines.join("\n")}\n`;
}

function describeFindings(report: DiffReport, level: Finding["level"]): readonly string[] {
  const found = findingsAt(report, level);
  if (found.length === 0) return [];
  return found.map(({ change, finding }) => {
    const where = `${kindText(change.type)} ${change.name} (${stacksText(change.stacks, report.stacks.length)})`;
    return `${styleText(colours[level], level)} ${finding.kind}: ${finding.message}\n    ${where}`;
  });
}

function describeStacks(stacks: readonly StackDiff[]): string {
  const table = new Table({
    head: ["stack", "changes", "policies", "a month", "GPUs"],
    style: { head: [], border: [] },
    wordWrap: true,
  });
  for (const stack of stacks) {
    const state = stack.failure !== undefined ? "FAILED" : stack.is === "changed" ? "" : `${stack.is} `;
    table.push([
      stack.stack,
      stack.failure === undefined ? `${state}${summaryText(stack)}` : state,
      policiesText(stack) ?? "same",
      costText(stack) ?? "same",
      gpusText(stack) ?? "same",
    ]);
  }
  return table.toString();
}

function describePolicies({ stack, policies: { added, resolved } }: StackDiff): readonly string[] {
  return [
    ...added.map(
      ({ rule, enforcement, resource, message }) =>
        `${styleText(enforcement === "mandatory" ? "red" : "yellow", `policy ${rule} (${enforcement})`)} of ${stack}: ` +
        `${resource}: ${message}`,
    ),
    ...resolved.map(
      ({ rule, resource, message }) =>
        `${styleText("green", `policy ${rule} resolved`)} of ${stack}: ${resource}: ${message}`,
    ),
  ];
}

function describeChange(change: Change, affected: number): readonly string[] {
  const { op, type, name, stacks, diffs, replaceReasons } = change;
  const shown = diffs.slice(0, maxDiffs);
  const more = diffs.length - shown.length;
  return [
    `${marks[op]} ${kindText(type)} ${name} ${styleText("dim", `(${stacksText(stacks, affected)})`)}`,
    ...replaceReasons.map(({ path, reason }) => `    replaced because of ${path}: ${reason}`),
    ...shown.map((diff) => `    ${diffMarks[diff.kind]} ${diffText(diff)}`),
    ...(more > 0 ? [`    and ${String(more)} more, which --json lists`] : []),
  ];
}

function diffText({ path, kind, old, new: next }: PropertyDiff): string {
  const [before, after] = [valueText(old, maxValueLength), valueText(next, maxValueLength)];
  if (kind === "add") return `${path}: ${after}`;
  return kind === "delete" ? `${path}: ${before}` : `${path}: ${before} => ${after}`;
}

/** `plan base 4.8 s, plan head 5.4 s`: where the time went. */
function timingsText({ timings }: DiffReport): string {
  const parts = Object.entries(timings).filter(([, ms]) => ms >= 50);
  return parts.map(([phase, ms]) => `${phase} ${(ms / 1000).toFixed(1)} s`).join(", ");
}
const indented = (text: string): readonly string[] => text.split("\n").map((line) => `    ${line}`);
