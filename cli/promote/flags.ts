/** The flags of `kf promote` and `kf rollback`, and how both print what came of them. Loads nothing heavy. */
import { Option, type Command } from "commander";
import type { Outcome } from "./change.ts";
import { waivable } from "./waivable.ts";

export interface ChangeFlags {
  readonly acknowledge?: readonly string[];
  readonly waive?: readonly string[];
  readonly engine?: "offline" | "pulumi";
  readonly dryRun?: true;
  readonly json?: true;
  readonly quiet?: true;
}

const repeated = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

export function withChangeFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--acknowledge <urn>",
        "what holds data and may be replaced or deleted all the same: a URN, or its last part; repeatable",
      ).argParser(repeated),
    )
    .addOption(
      new Option(
        "--waive <gate=reason>",
        `let a gate through that refuses, with a reason that is recorded; repeatable; gates: ${waivable.join(", ")}`,
      ).argParser(repeated),
    )
    .addOption(
      new Option(
        "--engine <engine>",
        "who keeps the state of the stacks; by default offline for a sandbox and what kf has brought up here, else pulumi",
      ).choices(["offline", "pulumi"]),
    )
    .option("--dry-run", "show the gates and the plan, and write nothing")
    .option("--json", "print one JSON object: result, gates, changes, files, plan")
    .option("--quiet", "no progress");
}

/** Exit code 1 where a gate refuses. */
export async function printOutcome(outcome: Outcome, { json }: ChangeFlags): Promise<void> {
  if (outcome.result === "refused") process.exitCode = 1;
  if (json === true) {
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    return;
  }
  const { describeOutcome } = await import("./describe.ts");
  const { describeResult } = await import("../report.ts");
  const plan = outcome.plan === undefined ? "" : describeResult(outcome.plan);
  process.stdout.write(plan + describeOutcome(outcome));
}
