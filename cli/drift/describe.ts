/** Drift as a person reads it. */
import { styleText } from "node:util";
import type { FieldManager } from "../../engine/provider.ts";
import type { ReportValue } from "../../engine/report.ts";
import type { Fixed } from "./fix.ts";
import type { Drift, DriftedField, DriftReport } from "./report.ts";

/** Longest value that is printed whole; more of it is in `--json`. */
const maxValueLength = 100;

export function describeDrift({ stack, objects, drifts, unread, notes }: DriftReport): string {
  const gone = drifts.filter(({ is }) => is === "gone").length;
  const counts = [
    ...(drifts.length === 0 ? ["no drift"] : []),
    ...(drifts.length > gone ? [`${String(drifts.length - gone)} changed`] : []),
    ...(gone > 0 ? [`${String(gone)} gone`] : []),
    ...(unread.length > 0 ? [`${String(unread.length)} could not be looked at`] : []),
  ];
  const lines = [
    ...drifts.flatMap((drift) => [
      drift.is === "gone"
        ? `${styleText("red", "-")} ${drift.name}: gone`
        : `${styleText("yellow", "~")} ${drift.name}`,
      ...drift.fields.map((field) => `    ${describeField(drift, field)}`),
    ]),
    ...notes.map(({ name, note }) => `note: ${name}: ${note}`),
    ...unread.map(({ name, error }) => `${styleText("red", "failed")}: ${name}: ${error}`),
    `drift of ${stack}, ${String(objects)} objects: ${counts.join(", ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** `spec.replicas: 1 => 3 (kube-controller-manager, Update of scale, 2026-11-23T10:00:00Z)` */
export function describeField(
  { writers }: Pick<Drift, "writers">,
  { path, expected, live, managers }: DriftedField,
): string {
  const values = `${expected === undefined ? "nothing" : shown(expected)} => ${live === undefined ? "nothing" : shown(live)}`;
  const who =
    managers.length > 0
      ? managers.map(describeManager).join("; ")
      : `nobody's now; others who wrote to the object: ${writers.map(describeManager).join("; ") || "none"}`;
  return `${path}: ${values} (${who})`;
}

export function describeFixed({ stack, fixed, failed, remaining }: Fixed): string {
  const lines = [
    ...fixed.map(({ name }) => `${styleText("green", "ok")}: ${name} is as the state has it`),
    ...failed.map(({ name, error }) => `${styleText("red", "failed")}: ${name}: ${error}`),
    `drift of ${stack}: ${String(fixed.length)} put back, ${String(failed.length)} failed, ` +
      `${String(remaining)} left as they are`,
  ];
  return `${lines.join("\n")}\n`;
}

function describeManager({ manager, operation, subresource, time }: FieldManager): string {
  return [
    manager,
    subresource === undefined ? operation : `${operation} of ${subresource}`,
    ...((time ?? "") ? [time] : []),
  ].join(", ");
}

function shown(value: ReportValue): string {
  const text = JSON.stringify(value);
  return text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text;
}
