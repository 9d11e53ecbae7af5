import { Command } from "commander";
import type { Waivers } from "../promote/gates.ts";
import { projectRoot } from "../../shared/paths.ts";
import { UserError } from "../../shared/errors.ts";
import { printOutcome, withChangeFlags, type ChangeFlags } from "../promote/flags.ts";

interface PromoteFlags extends ChangeFlags {
  readonly status?: true;
  readonly skipReason?: string;
  readonly kubeconfig?: string;
}

/** `kf promote`: the release of one environment into the files of the next. */
export function promoteCommand(): Command {
  const command = new Command("promote")
    .description(
      "write the release of one stack into the files of the next, once every gate is passed; applies nothing",
    )
    .argument("[from]", "the stack whose release is promoted")
    .argument("[to]", "the stack whose files get it")
    .option("--status", "a table of all environments: what each runs, and how far behind the one before it is")
    .option("--skip-reason <text>", "why TO's release does not come from the environment before it; recorded")
    .option("--kubeconfig <file>", "leads to FROM's cluster, where its configuration does not, to ask for its health");
  return withChangeFlags(command).action(
    async (from: string | undefined, to: string | undefined, flags: PromoteFlags) => {
      if (flags.status === true) {
        if (from !== undefined)
          throw new UserError("promote: --status is of all stacks; leave out their names", { exitCode: 2 });
        await printStatus(flags);
        return;
      }
      if (from === undefined || to === undefined)
        throw new UserError("promote: name two stacks, FROM and TO, or say --status", { exitCode: 2 });
      const { promote } = await import("../promote/promote.ts");
      const { changeOptions } = await import("../promote/options.ts");
      const { skipReason, kubeconfig } = flags;
      const waivers: Waivers = skipReason === undefined ? {} : { order: skipReason };
      await printOutcome(await promote({ ...changeOptions(flags, waivers), from, to, kubeconfig }), flags);
    },
  );
}

async function printStatus({ json }: PromoteFlags): Promise<void> {
  const { promotionStatus } = await import("../promote/status.ts");
  const { stateDir } = await import("../offline.ts");
  const statuses = await promotionStatus(projectRoot, stateDir());
  if (json === true) {
    process.stdout.write(`${JSON.stringify(statuses)}\n`);
    return;
  }
  const { describeStatus } = await import("../promote/describe.ts");
  process.stdout.write(describeStatus(statuses));
}
