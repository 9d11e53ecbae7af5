/** `kf --engine pulumi`: the stack's configuration, the sandbox where it is one, then the Pulumi CLI. */
import path from "node:path";
import type { OperationKind, OperationResult } from "../engine/report.ts";
import { UserError } from "../shared/errors.ts";
import { projectRoot } from "../shared/paths.ts";
import { parseStackConfig } from "../stacks/config.ts";
import { ensureTool } from "../tools/tools.ts";
import { sandboxConfig } from "./offline.ts";
import type { StackFlags } from "./operation.ts";
import { Phases } from "./progress.ts";
import { runPulumiCli } from "./pulumi-cli.ts";
import { describeSummary } from "./report.ts";
import { readRawConfig } from "./stack-file.ts";

/**
 * Runs an operation on a stack with the `pulumi` of PATH, on the backend that it is logged in to.
 *
 * @throws UserError when there is no fit `pulumi`, no such stack in the backend, or another operation under way.
 */
export async function runPulumi(kind: OperationKind, stack: string, flags: StackFlags): Promise<OperationResult> {
  if (flags.adopt === true) {
    throw new UserError(
      "--adopt: not with --engine pulumi; allowed: --engine offline. With the Pulumi CLI, take over an object by " +
        "`pulumi import`, or by the annotation pulumi.com/patchForce on it",
      { exitCode: 2 },
    );
  }
  // Before a sandbox is started for nothing.
  await ensureTool("pulumi", () => undefined);
  const config = parseStackConfig(stack, await readRawConfig(stack));
  const phases = new Phases(flags.quiet);
  const policyPack = path.join(projectRoot, "policy");
  // The CLI judges a resource when its turn comes, and the stack when all is done: only a plan stops an up in time.
  const planFirst = config.environment !== "dev";
  const secrets = config.target === "sandbox" ? await sandboxConfig(kind, config, phases) : {};
  return phases.run(
    `${kind} ${stack} (pulumi)`,
    (report) => runPulumiCli({ root: projectRoot, kind, stack, ...flags, secrets, policyPack, planFirst, report }),
    describeSummary,
  );
}
