import { Command } from "commander";
import { commentCommand } from "./commands/comment.ts";
import { costCommand } from "./commands/cost.ts";
import { diffCommand } from "./commands/diff.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { driftCommand } from "./commands/drift.ts";
import { policyCommand } from "./commands/policy.ts";
import { promoteCommand } from "./commands/promote.ts";
import { releaseCommand } from "./commands/release.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { sandboxCommand } from "./commands/sandbox.ts";
import { stackCommands } from "./commands/stack.ts";
import { startCommand } from "./commands/start.ts";
import { stateCommand } from "./commands/state.ts";
import { toolsCommand } from "./commands/tools.ts";

/** All of `kf`. Each command loads what it needs when it runs, so that `--help` is quick. */
export function createProgram(): Command {
  const program = new Command("kf")
    .description("Kubeflow on GKE, EKS, AKS or your own machines: plan, apply, check and remove it")
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong usage (arguments or configuration).");
  for (const command of [
    startCommand(),
    ...stackCommands(),
    driftCommand(),
    costCommand(),
    diffCommand(),
    commentCommand(),
    policyCommand(),
    promoteCommand(),
    rollbackCommand(),
    releaseCommand(),
    sandboxCommand(),
    stateCommand(),
    toolsCommand(),
    doctorCommand(),
  ]) {
    program.addCommand(command);
  }
  withOwnExit(program);
  return program;
}

/** Errors are thrown, not exits; commander hands neither setting down to commands that are added ready-made. */
function withOwnExit(command: Command): void {
  command.exitOverride().showHelpAfterError("(--help tells more)");
  command.commands.forEach(withOwnExit);
}
