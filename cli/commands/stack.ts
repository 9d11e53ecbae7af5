import { Command, Option } from "commander";
import type { OperationKind, OperationResult } from "../../engine/report.ts";
import { defaultParallel, positiveInteger } from "../arguments.ts";
import type { StackFlags } from "../operation.ts";

const descriptions: Readonly<Record<OperationKind, string>> = {
  preview: "show what an up would change, and change nothing",
  up: "create, update and delete what differs from the program",
  refresh: "compare the state with what is really there (drift), and take it into the state",
  destroy: "delete everything that the stack made",
};

/** `kf preview`, `kf up`, `kf refresh` and `kf destroy`. */
export function stackCommands(): readonly Command[] {
  return (Object.keys(descriptions) as OperationKind[]).map(stackCommand);
}

function stackCommand(kind: OperationKind): Command {
  const command = new Command(kind)
    .description(descriptions[kind])
    .argument("[stack]", "stack name, a file of stacks/config", "local-dev")
    .option("--json", "print one JSON object: steps, summary, outputs")
    .option("--quiet", "no progress")
    .option(
      "--parallel <count>",
      "how many operations at once, waiting for readiness included",
      positiveInteger,
      defaultParallel,
    )
    .addOption(
      new Option(
        "--engine <engine>",
        "pulumi (the Pulumi CLI), or offline (ours: no CLI, no account); by default offline for the sandbox and for a " +
          "preview, pulumi for the rest",
      ).choices(["offline", "pulumi"]),
    );
  if (kind === "up") {
    command.option("--adopt", "take over objects that exist already and are not ours, instead of refusing");
  }
  if (kind === "refresh") command.option("--dry-run", "report the drift and leave the state as it is");
  return command.action(async (stack: string, flags: StackFlags & { readonly json?: true }) => {
    const { runOperationOn } = await import("../operation.ts");
    const result = await runOperationOn(kind, stack, flags);
    await printResult(result, flags.json === true);
    if (result.failed) process.exitCode = 1;
  });
}

async function printResult(result: OperationResult, json: boolean): Promise<void> {
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { describeResult } = await import("../report.ts");
  process.stdout.write(describeResult(result));
}
