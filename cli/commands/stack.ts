import { Command, Option } from "commander";
import type { OperationKind } from "../../engine/report.ts";
import { faultSyntax } from "../../engine/simulation/fault-syntax.ts";
import { defaultParallel, positiveInteger } from "../arguments.ts";
import { UserError } from "../../shared/errors.ts";
import type { StackFlags, StackResult } from "../operation.ts";

const descriptions: Readonly<Record<OperationKind, string>> = {
  preview: "show what an up would change, and change nothing",
  up: "create, update and delete what differs from the program",
  refresh: "compare the state with what is really there (drift), and take it into the state",
  destroy: "delete everything that the stack made",
};

const defaultStack = "local-dev";

/** As commander has them. */
type Flags = Omit<StackFlags, "targets"> & { readonly target?: readonly string[] };

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
  command
    .option("-y, --yes", "do it after showing it, without a question (also: PULUMI_SKIP_CONFIRMATIONS=true)")
    .option("-f, --skip-preview", "do it without showing it and without a question");
  if (kind !== "up") command.option("--preview-only", `show what the ${kind} would do, and do nothing`);
  if (kind !== "refresh") {
    withRefresh(command);
    const fault = `something that goes wrong in the simulated cloud, repeatable: ${faultSyntax}`;
    command.addOption(new Option("--fault <fault>", fault).argParser(repeated));
  }
  return command.action(async (stack: string, flags: Flags) => {
    await runOne(kind, stack, flags);
  });
}

function previewCommand(): Command {
  return withRefresh(withFlags(new Command("preview"), "preview"))
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
      if (flags.target !== undefined) {
        throw new UserError("--target: a resource is one of one stack; name that stack only", { exitCode: 2 });
      }
      const { previewStacks } = await import("../previews.ts");
      const results = await previewStacks(flags.all === true ? ["*"] : names, toStackFlags(flags));
      if (flags.json === true) process.stdout.write(`${JSON.stringify(results)}\n`);
      else for (const result of results) await printResult(result, flags);
      if (results.some(({ failed }) => failed)) process.exitCode = 1;
    });
}

function withFlags(command: Command, kind: OperationKind): Command {
  return command
    .description(descriptions[kind])
    .option("-j, --json", "print one JSON object: steps, summary, outputs, policies; of several stacks a list of them")
    .option("--quiet", "no progress")
    .option(
      "-p, --parallel <count>",
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
    .option("--sandbox <name>", "the sandbox of a simulation (default: sim-<stack>)")
    .option("--diff", "show every property of what changes")
    .addOption(
      new Option("-t, --target <urn>", "work on this resource alone, repeatable (Pulumi CLI only)").argParser(repeated),
    )
    .option("--target-dependents", "with --target: also on what depends on it (Pulumi CLI only)");
}

function withRefresh(command: Command): Command {
  return command.option("-r, --refresh", "first take into the state what is really there");
}

function repeated(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function toStackFlags({ target, ...flags }: Flags): StackFlags {
  return target === undefined ? flags : { ...flags, targets: target };
}

async function runOne(kind: OperationKind, stack: string, flags: Flags): Promise<void> {
  const { runOperationOn } = await import("../operation.ts");
  const result = await runOperationOn(kind, stack, toStackFlags(flags));
  await printResult(result, flags);
  if (result.failed) process.exitCode = 1;
}

async function printResult(result: StackResult, { json, diff }: Pick<Flags, "json" | "diff">): Promise<void> {
  if (json === true) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { describeResult } = await import("../report.ts");
  const { describePolicies } = await import("../policy.ts");
  process.stdout.write(describeResult(result, { diff: diff === true }) + describePolicies(result.policies ?? []));
}
