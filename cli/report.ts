/** How the result of an operation is printed for a person. */
import { styleText } from "node:util";
import type { OperationResult, PropertyDiff, ReportValue, StepOp, StepReport } from "../engine/report.ts";
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

function describeValue(value: ReportValue | undefined): string {
  const text = JSON.stringify(value ?? null);
  return text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text;
}

function describeDiff({ path, kind, old, new: next }: PropertyDiff): string {
  if (kind === "add") return `${marks.create} ${path}: ${describeValue(next)}`;
  if (kind === "delete") return `${marks.delete} ${path}: ${describeValue(old)}`;
  return `${marks.update} ${path}: ${describeValue(old)} => ${describeValue(next)}`;
}

function describeStep(step: StepReport): string[] {
  // Every property of a new or deleted object is news; the object's name says enough.
  const diffs = step.op === "update" || step.op === "replace" ? step.diffs : [];
  return [
    `${marks[step.op]} ${describeUrn(step.urn)}`,
    ...(step.replaceReasons ?? []).map(({ path, reason }) => `    replaced because of ${path}: ${reason}`),
    ...diffs.map((diff) => `    ${describeDiff(diff)}`),
    ...(step.error === undefined ? [] : [`    ${styleText("red", "failed")}: ${step.error}`]),
  ];
}

/** `602 to create, 3 to update` for a plan, `602 created, 3 updated` for what was done. */
export function describeSummary(result: OperationResult): string {
  const planned = result.kind === "preview";
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

/** The whole report: what changes with its properties, what failed, what the program said, the sums. */
export function describeResult(result: OperationResult & Pick<StackResult, "simulated">): string {
  const changed = result.steps.filter(({ op, error }) => op !== "same" || error !== undefined);
  const lines = [
    ...changed.flatMap(describeStep),
    ...result.diagnostics.map(
      ({ severity, message, urn }) => `${severity}: ${urn === undefined ? "" : `${describeUrn(urn)}: `}${message}`,
    ),
    `${result.kind} of ${result.stack}${result.simulated === true ? " (simulated)" : ""}${result.failed ? styleText("red", " failed") : ""}: ${describeSummary(result)}`,
    ...describeTimings(result),
  ];
  return `${lines.join("\n")}\n`;
}

/** `plan 4.8 s, apply 15.4 s`: where the time went. */
function describeTimings({ timings }: OperationResult): readonly string[] {
  const parts = Object.entries(timings).filter(([, ms]) => ms >= 50);
  const text = parts.map(([phase, ms]) => `${phase} ${(ms / 1000).toFixed(1)} s`).join(", ");
  return text === "" ? [] : [styleText("dim", text)];
}
