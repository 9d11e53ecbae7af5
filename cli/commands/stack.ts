import { Command, Option } from "commander";
import type { OperationKind } from "../../engine/report.ts";
import { faultSyntax } from "../../engine/simulation/fault-syntax.ts";
import { defaultParallel, positiveInteger } from "../arguments.ts";
import type { StackFlags, StackResult } from "../operation.ts";

const descriptions: Readonly<Record<OperationKind, string>> = {
  preview: "show what an up would change, and change nothing",
  up: "create, update and delete what differs from the program",
  refresh: "compare the state with what is really there (drift), and take it into the state",
  destroy: "delete everything that the stack made",
};

const defaultStack = "local-dev";

type Flags = StackFlags & { readonly json?: true };

/** `kf preview`, `kf up`, `kf refresh` and `kf destroy`. */
export function stackCommands(): readonly Command[] {
  return [previewCommand(), ...(["up", "refresh", "destroy"] as const).map(changingCommand)];
}

function changingCommand(kind: "up" | "refresh" | "destroy"): Command {
  const command = withFlags(new Command(kind), kind).argument(
    "[stack]",
    "stack name, a file of stacks/config",
    defaultStack,
  );
  if (kind === "up") {
    command.option("--adopt", "take over objects that exist already and are not ours, instead of refusing");
  }
  if (kind === "refresh") command.option("--dry-run", "report the drift and leave the state as it is");
  else {
    command.addOption(
      new Option(
        "--fault <fault>",
        `something that goes wrong in the simulated cloud, repeatable: ${faultSyntax}`,
      ).argParser((fault, before: readonly string[] | undefined) => [...(before ?? []), fault]),
    );
  }
  return command.action(async (stack: string, flags: Flags) => {
    await runOne(kind, stack, flags);
  });
}

function previewCommand(): Command {
  return withFlags(new Command("preview"), "preview")
    .argument("[stacks...]", "stack names, files of stacks/config, or patterns such as 'gcp-*'", [defaultStack])
    .option("--all", "every stack of stacks/config")
    .option("--resources", "in the JSON, also every resource that the program asks for, with its inputs")
    .option("--from-nothing", "plan as if nothing were there: no cluster is asked, and closed secrets get stand-ins")
    .action(async (names: readonly string[], flags: Flags & { readonly all?: true }) => {
      const [only, ...others] = names;
      if (flags.all !== true && only !== undefined && others.length === 0 && !only.includes("*")) {
        await runOne("preview", only, flags);
        return;
      }
      const { previewStacks } = await import("../previews.ts");
      const results = await previewStacks(flags.all === true ? ["*"] : names, flags);
      if (flags.json === true) process.stdout.write(`${JSON.stringify(results)}\n`);
      else for (const result of results) await printResult(result, false);
      if (results.some(({ failed }) => failed)) process.exitCode = 1;
    });
}

function withFlags(command: Command, kind: OperationKind): Command {
  return command
    .description(descriptions[kind])
    .option("--json", "print one JSON object: steps, summary, outputs, policies; of several stacks a list of them")
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
    )
    .option(
      "--simulate",
      "of a cloud: tables answer in its place and a sandbox is its cluster, with a state of their own",
    )
    .option("--sandbox <name>", "the sandbox of a simulation (default: sim-<stack>)");
}

async function runOne(kind: OperationKind, stack: string, flags: Flags): Promise<void> {
  const { runOperationOn } = await import("../operation.ts");
  const result = await runOperationOn(kind, stack, flags);
  await printResult(result, flags.json === true);
  if (result.failed) process.exitCode = 1;
}

async function printResult(result: StackResult, json: boolean): Promise<void> {
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { describeResult } = await import("../report.ts");
  const { describePolicies } = await import("../policy.ts");
  process.stdout.write(describeResult(result) + describePolicies(result.policies ?? []));
}
