import { Command } from "commander";
import type { Summary } from "../../engine/report.ts";
import { defaultParallel } from "../arguments.ts";
import type { Timing } from "../progress.ts";

/** `kf start`: from nothing to Kubeflow in the sandbox. `npm start` runs it. */
export function startCommand(): Command {
  return new Command("start")
    .description("install what is needed, start the sandbox and bring up Kubeflow in it (stack local-dev)")
    .option("--json", "print one JSON object in place of the text")
    .option("--quiet", "no progress")
    .action(async (flags: { readonly json?: true; readonly quiet?: true }) => {
      const { Phases } = await import("../progress.ts");
      const { ensureSandboxTools, ensureTool } = await import("../../tools/tools.ts");
      const phases = new Phases(flags.quiet);
      await phases.run("tools", async (report) => {
        await ensureTool("kustomize", report);
        await ensureSandboxTools(report);
      });
      const { runOffline } = await import("../offline.ts");
      const { parseStackConfig } = await import("../../stacks/config.ts");
      const { readRawConfig } = await import("../stack-file.ts");
      const stack = "local-dev";
      const config = parseStackConfig(stack, await readRawConfig(stack));
      // It asks nothing: this stack is in the sandbox.
      const result = await runOffline("up", stack, config, { parallel: defaultParallel }, { phases });
      if (result.failed) {
        const { describeResult } = await import("../report.ts");
        process.stdout.write(describeResult(result));
        process.exitCode = 1;
        return;
      }
      const { sandboxStatus } = await import("../../sandbox/sandbox.ts");
      const sandbox = await sandboxStatus();
      const facts = {
        stack,
        summary: result.summary,
        outputs: result.outputs,
        kubeconfig: sandbox?.kubeconfig,
        apiServer: sandbox?.apiServer,
        requests: result.requests,
        phases: phases.timings,
      };
      process.stdout.write(flags.json === true ? `${JSON.stringify(facts)}\n` : describeStart(facts));
    });
}

function describeStart(facts: {
  readonly summary: Summary;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly kubeconfig: string | undefined;
  readonly apiServer: string | undefined;
  readonly phases: readonly Timing[];
}): string {
  const { summary, outputs, kubeconfig, apiServer, phases } = facts;
  const total = phases.reduce((sum, { seconds }) => sum + seconds, 0);
  return `
Kubeflow is up in the sandbox. Its API, scheduler and controllers are Kubernetes' own; pods are SIMULATED (KWOK):
they are scheduled and get ready, and run nothing, so no page of Kubeflow answers here.

  installed   ${describeOutputs(outputs)}
  changes     ${Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([op, count]) => `${String(count)} ${op}`)
    .join(", ")}
  where       ${apiServer ?? ""}
  kubeconfig  ${kubeconfig ?? ""}

  phase${" ".repeat(24)}seconds
${phases.map(({ phase, seconds }) => `  ${phase.padEnd(28)} ${seconds.toFixed(1).padStart(7)}`).join("\n")}
  ${"all".padEnd(28)} ${total.toFixed(1).padStart(7)}

Next
  kubectl --kubeconfig ${kubeconfig ?? ""} get pods -A
  npx kf preview          what an up would change now: nothing
  npx kf refresh          what differs in the cluster from the state
  npx kf destroy          delete everything that was installed
  npx kf sandbox stop     stop the sandbox and keep its data
`;
}

function describeOutputs(outputs: Readonly<Record<string, unknown>>): string {
  return Object.entries(outputs)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
