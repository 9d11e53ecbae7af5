/** How the result of an operation is printed for a person. */
import { styleText } from "node:util";
import { stringify } from "yaml";
import type {
  OperationKind,
  OperationResult,
  PropertyDiff,
  ReportValue,
  StepOp,
  StepReport,
} from "../engine/report.ts";
import type { StackResult } from "./operation.ts";

const marks: Readonly<Record<StepOp, string>> = {
  same: " ",
  create: styleText("green", "+"),
  update: styleText("yellow", "~"),
  replace: styleText("magenta", "±"),
  delete: styleText("red", "-"),
  read: styleText("cyan", ">"),
};

/** Longest value that is printed whole; more of it is in `--json`. */
const maxValueLength = 100;

/** `kubernetes:apps/v1:Deployment kubeflow/ml-pipeline`: the last part of a URN is its name. */
export function describeUrn(urn: string): string {
  const [, , qualifiedType = "", ...name] = urn.split("::");
  return `${qualifiedType.split("$").at(-1) ?? ""} ${name.join("::")}`;
}

function describeWhole(value: ReportValue | undefined): string {
  return JSON.stringify(value ?? null);
}

function describeValue(value: ReportValue | undefined): string {
  const text = describeWhole(value);
  return text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text;
}

function describeDiff({ path, kind, old, new: next }: PropertyDiff): string {
  if (kind === "add") return `${marks.create} ${path}: ${describeValue(next)}`;
  if (kind === "delete") return `${marks.delete} ${path}: ${describeValue(old)}`;
  return `${marks.update} ${path}: ${describeValue(old)} => ${describeValue(next)}`;
}

/** A property with all of its value: on one line, else below its path. */
function describeWholly({ path, kind, old, new: next }: PropertyDiff): readonly string[] {
  const title = `${marks[kind === "add" ? "create" : kind]} ${path}:`;
  const [before, after] = [linesOf(old), linesOf(next)];
  if (kind === "update") {
    if (typeof before === "string" && typeof after === "string") return [`${title} ${before} => ${after}`];
    const marked = (mark: string, lines: string | readonly string[]): readonly string[] =>
      [lines].flat().map((line) => `    ${mark} ${line}`);
    return [title, ...marked(marks.delete, before), ...marked(marks.create, after)];
  }
  const lines = kind === "add" ? after : before;
  return typeof lines === "string" ? [`${title} ${lines}`] : [title, ...lines.map((line) => `    ${line}`)];
}

/** A text where one line holds all of the value. */
function linesOf(value: ReportValue | undefined): string | readonly string[] {
  if (typeof value === "string" && value.includes("\n")) return value.trimEnd().split("\n");
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return describeWhole(value);
  return stringify(value, { lineWidth: 0 }).trimEnd().split("\n");
}

function describeStep(step: StepReport, isWhole: boolean): string[] {
  // Every property of a new or deleted object is news; the object's name says enough.
  const diffs = isWhole || step.op === "update" || step.op === "replace" ? step.diffs : [];
  return [
    `${marks[step.op]} ${describeUrn(step.urn)}`,
    ...(step.replaceReasons ?? []).map(({ path, reason }) => `    replaced because of ${path}: ${reason}`),
    ...diffs.flatMap((diff) => (isWhole ? describeWholly(diff) : [describeDiff(diff)])).map((line) => `    ${line}`),
    ...(step.error === undefined ? [] : [`    ${styleText("red", "failed")}: ${step.error}`]),
  ];
}

/** `602 to create, 3 to update` for a plan, `602 created, 3 updated` for what was done. */
export function describeSummary(result: OperationResult): string {
  const planned = result.kind === "preview" || result.planned === true;
  const words: readonly (readonly [string, number])[] = [
    [planned ? "to create" : "created", result.summary.create],
    [planned ? "to update" : "updated", result.summary.update],
    [planned ? "to replace" : "replaced", result.summary.replace],
    [planned ? "to delete" : "deleted", result.summary.delete],
    ["unchanged", result.summary.same],
  ];
  const parts = words.filter(([, count]) => count > 0).map(([word, count]) => `${String(count)} ${word}`);
  if (parts.length > 0) return parts.join(", ");
  return result.failed ? "nothing was changed" : "nothing there";
}

/**
 * The whole report: what changes with its properties, what failed, what the program said, the sums.
 *
 * @param options.diff - every property, with all of its value. @default - what an update changes, shortened
 */
export function describeResult(
  result: OperationResult & Pick<StackResult, "simulated">,
  { diff = false }: { readonly diff?: boolean } = {},
): string {
  const changed = result.steps.filter(({ op, error }) => op !== "same" || error !== undefined);
  const lines = [
    ...changed.flatMap((step) => describeStep(step, diff)),
    ...result.diagnostics.map(
      ({ severity, message, urn }) => `${severity}: ${urn === undefined ? "" : `${describeUrn(urn)}: `}${message}`,
    ),
    `${titleOf(result)} of ${result.stack}${result.simulated === true ? " (simulated)" : ""}${result.failed ? styleText("red", " failed") : ""}: ${describeSummary(result)}`,
    ...describeTimings(result),
  ];
  return `${lines.join("\n")}\n`;
}

function titleOf({ kind, planned }: OperationResult): string {
  return planned === true ? planTitle(kind) : kind;
}

export function planTitle(kind: OperationKind): string {
  return kind === "up" ? "preview" : `preview of ${kind}`;
}

/** `plan 4.8 s, apply 15.4 s`: where the time went. */
function describeTimings({ timings }: OperationResult): readonly string[] {
  const parts = Object.entries(timings).filter(([, ms]) => ms >= 50);
  const text = parts.map(([phase, ms]) => `${phase} ${(ms / 1000).toFixed(1)} s`).join(", ");
  return text === "" ? [] : [styleText("dim", text)];
}
