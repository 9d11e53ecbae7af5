/** `kf --engine pulumi`: the stack's configuration, the sandbox where it is one, then the Pulumi CLI. */
import path from "node:path";
import type { OperationKind, OperationResult } from "../engine/report.ts";
import { UserError } from "../shared/errors.ts";
import { projectRoot } from "../shared/paths.ts";
import { parseStackConfig } from "../stacks/config.ts";
import { ensurePulumi } from "../tools/pulumi.ts";
import { sandboxConfig } from "./offline.ts";
import type { Consent } from "./consent.ts";
import type { StackFlags } from "./operation.ts";
import { Phases } from "./progress.ts";
import { runPulumiCli } from "./pulumi-cli.ts";
import { describeSummary, planTitle } from "./report.ts";
import { readRawConfig } from "./stack-file.ts";

/**
 * Runs an operation on a stack with the Pulumi CLI, on the backend that it is logged in to.
 *
 * @param consent as `consentFor` has it.
 * @throws UserError when there is no fit `pulumi`, no such stack in the backend, or another operation under way.
 */
export async function runPulumi(
  kind: OperationKind,
  stack: string,
  flags: StackFlags,
  consent: Consent | undefined,
): Promise<OperationResult> {
  if (flags.adopt === true) {
    throw new UserError(
      "--adopt: not with --engine pulumi; allowed: --engine offline. With the Pulumi CLI, take over an object by " +
        "`pulumi import`, or by the annotation pulumi.com/patchForce on it",
      { exitCode: 2 },
    );
  }
  const config = parseStackConfig(stack, await readRawConfig(stack));
  const phases = new Phases(flags.quiet);
  // Before a sandbox is started for nothing.
  const tools = await phases.run("pulumi", ensurePulumi, ({ executables }) => executables["pulumi"] ?? "");
  const policyPack = path.join(projectRoot, "policy");
  // The CLI judges a resource when its turn comes, and the stack when all is done: only a plan stops an up in time.
  const planFirst = kind === "up" && config.environment !== "dev";
  const secrets = config.target === "sandbox" ? await sandboxConfig(kind, config, phases) : {};
  const run = { root: projectRoot, kind, stack, ...flags, tools, secrets, policyPack, planFirst };
  const title = `${stack} (pulumi)`;
  const summarise = (result: OperationResult): string => `${result.failed ? "FAILED: " : ""}${describeSummary(result)}`;
  if (consent === undefined) {
    return phases.run(`${kind} ${title}`, (report) => runPulumiCli({ ...run, report }), summarise);
  }
  return phases.runInTwo<OperationResult, OperationResult>({
    titles: [`${planTitle(kind)} ${title}`, `${kind} ${title}`],
    work: (report, agree) => runPulumiCli({ ...run, report, agree }),
    between: (plan) => consent(plan),
    summarise,
  });
}
