/** Promotions for a person. */
import { styleText } from "node:util";
import Table from "cli-table3";
import type { Outcome } from "./change.ts";
import type { GateResult } from "./gates.ts";
import type { EnvironmentStatus } from "./status.ts";

const shown: Readonly<Record<GateResult["result"], string>> = {
  passed: styleText("green", "passed "),
  refused: styleText("red", "refused"),
  waived: styleText("yellow", "waived "),
};

export function describeOutcome(outcome: Outcome): string {
  const { kind, stack, release, digest, gates, changes, files, result, record, finished } = outcome;
  const short = (text: string): string => text.slice(0, 12);
  const lines = [
    ...(finished === undefined ? [] : [`ended what an earlier run had left half done: ${finished}`]),
    ...gates.map(
      ({ gate, result: seen, evidence, reason }) =>
        `${shown[seen]} ${gate}: ${evidence.replaceAll("; ", ";\n            ")}${reason === undefined ? "" : ` (waived: ${reason})`}`,
    ),
    ...(result === "present"
      ? []
      : [
          `${kind} of ${stack}: ${release.before} (${short(digest.before)}) => ${release.after} (${short(digest.after)})`,
          ...changes.map(
            ({ path, value }) => `    ${path.join(".")}: ${value === undefined ? "taken out" : JSON.stringify(value)}`,
          ),
        ]),
    ...files.map((file) => `    ${result === "written" ? "written" : "to be written"}: ${file}`),
    ...(record === undefined ? [] : [`    record: ${record}`]),
    conclusions[result](outcome),
  ];
  return `${lines.join("\n")}\n`;
}

const conclusions: Readonly<Record<Outcome["result"], (outcome: Outcome) => string>> = {
  written: ({ stack }) => `Nothing was applied. Commit the files, have them reviewed, then: kf up ${stack}`,
  "dry-run": () => "Nothing was written (--dry-run).",
  refused: ({ stack }) =>
    `Nothing was written: ${stack} keeps what it has. Put right what is refused, or waive what may be.`,
  present: ({ stack, kind, digest }) =>
    kind === "rollback"
      ? `${stack} is rolled back. Commit the files, then: kf up ${stack}`
      : `${stack} has this release already (${digest.after.slice(0, 12)}); there is nothing to promote.`,
};

export function describeStatus(statuses: readonly EnvironmentStatus[]): string {
  const head = ["stack", "environment", "files have", "runs", "last up", "promoted", "behind"];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const status of statuses) {
    const { stack, environment, files, running, promoted, unfinished } = status;
    const runs =
      running === undefined ? "nothing known" : `${running.release}${running.upToDate ? "" : " (not the files')"}`;
    const last =
      promoted && `${promoted.at.slice(0, 16)} by ${promoted.by}${promoted.kind === "rollback" ? " (rollback)" : ""}`;
    table.push([
      stack,
      environment,
      `${files.release} ${files.digest.slice(0, 12)}`,
      runs,
      running?.lastUp?.slice(0, 16) ?? "",
      unfinished === undefined ? (last ?? "") : `unfinished since ${unfinished.slice(0, 16)}: run it again`,
      describeBehind(status),
    ]);
  }
  return `${table.toString()}\n`;
}

function describeBehind({ behind }: EnvironmentStatus): string {
  if (behind === undefined) return "";
  const { stack, promotions, days, same } = behind;
  if (same) return `as ${stack}`;
  if (promotions === undefined || days === undefined) return `other than ${stack}; how far is not recorded`;
  const count = promotions === 1 ? "1 release" : `${String(promotions)} releases`;
  return `${count}, ${String(days)} days behind ${stack}`;
}
