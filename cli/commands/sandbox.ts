import { Command, InvalidArgumentError, Option } from "commander";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { Phases } from "../progress.ts";

interface NameOptions {
  readonly name: string;
  readonly json?: true;
}

interface StartOptions extends NameOptions {
  readonly cpuNodes?: number;
  readonly gpuNodes?: number;
  readonly migNodes?: number;
}

/** `kf sandbox`: a real Kubernetes API on this machine. */
export function sandboxCommand(): Command {
  return new Command("sandbox")
    .description("a real Kubernetes API on this machine, without Docker: control plane, CPU and GPU nodes by KWOK")
    .addHelpText(
      "after",
      "\nPods are scheduled and become ready, but nothing runs in them. Several sandboxes stand side by side, by name.",
    )
    .addCommand(startCommand())
    .addCommand(statusCommand())
    .addCommand(stopCommand())
    .addCommand(resetCommand());
}

function startCommand(): Command {
  return withNodes(new Command("start"))
    .description("start it, or repair what is broken of it; its data is kept (harmless when it runs already)")
    .action(async (options: StartOptions) => {
      const { startSandbox } = await import("../../sandbox/sandbox.ts");
      const sandbox = await new Phases().run(
        `start sandbox ${options.name}`,
        async (progress) => await startSandbox({ ...options, progress }),
      );
      print(sandbox, options);
    });
}

function resetCommand(): Command {
  return withNodes(new Command("reset"))
    .description("delete everything in it and start a fresh one")
    .action(async (options: StartOptions) => {
      const { resetSandbox } = await import("../../sandbox/sandbox.ts");
      const sandbox = await new Phases().run(
        `reset sandbox ${options.name}`,
        async (progress) => await resetSandbox({ ...options, progress }),
      );
      print(sandbox, options);
    });
}

function stopCommand(): Command {
  return withName(new Command("stop"))
    .description("stop all its processes; its data is kept (harmless when it does not run)")
    .option("--delete", "delete its data too")
    .action(async (options: NameOptions & { readonly delete?: true }) => {
      const { deleteSandbox, stopSandbox } = await import("../../sandbox/sandbox.ts");
      const stop = options.delete === true ? deleteSandbox : stopSandbox;
      await new Phases().run(`stop sandbox ${options.name}`, async (progress) => await stop(options.name, progress));
      if (options.json === true) printJson({ name: options.name, running: false });
      else process.stdout.write(`Sandbox ${options.name} is ${options.delete === true ? "deleted" : "stopped"}.\n`);
    });
}

function statusCommand(): Command {
  return withName(new Command("status"))
    .description("what runs, where its kubeconfig is, and which other sandboxes there are")
    .action(async (options: NameOptions) => {
      const { listSandboxes, sandboxStatus } = await import("../../sandbox/sandbox.ts");
      const [sandbox, sandboxes] = await Promise.all([sandboxStatus(options.name), listSandboxes()]);
      if (options.json === true) printJson({ ...(sandbox ?? { name: options.name, running: false }), sandboxes });
      else process.stdout.write(describeStatus(options.name, sandbox, sandboxes));
    });
}

function withName(command: Command): Command {
  return command.option("--name <name>", "which sandbox", "default").option("--json", "print the result as JSON");
}

function withNodes(command: Command): Command {
  const count = (flag: string, text: string): Option => new Option(`${flag} <count>`, text).argParser(wholeNumber);
  return withName(command)
    .addOption(count("--cpu-nodes", "nodes with 16 CPUs (default: as many as it has; 3 in a new one)"))
    .addOption(count("--gpu-nodes", "nodes with 4 GPUs (default: as many as it has; 2 in a new one)"))
    .addOption(count("--mig-nodes", "nodes with 28 MIG slices (default: as many as it has; 0 in a new one)"));
}

function wholeNumber(value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new InvalidArgumentError("Allowed is a whole number, 0 or more.");
}

function print(sandbox: Sandbox, options: NameOptions): void {
  if (options.json === true) printJson(sandbox);
  else process.stdout.write(describeRunning(sandbox));
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

function describeStatus(name: string, sandbox: Sandbox | undefined, sandboxes: readonly string[]): string {
  const start = `Start it with: npx kf sandbox start${name === "default" ? "" : ` --name ${name}`}\n`;
  const others = sandboxes.filter((other) => other !== name);
  const more = others.length === 0 ? "" : `Other sandboxes: ${others.join(", ")}\n`;
  if (sandbox === undefined) return `There is no sandbox ${name}. ${start}${more}`;
  if (sandbox.running) return describeRunning(sandbox) + more;
  const dead = sandbox.components.filter((component) => !component.running).map((component) => component.name);
  if (dead.length === sandbox.components.length) return `Sandbox ${name} is stopped. ${start}${more}`;
  const wrong = dead.length > 0 ? `${dead.join(", ")} not running` : "the API server does not answer";
  return `Sandbox ${name} is broken: ${wrong}. Repair it with: npx kf sandbox start --name ${name}\n${more}`;
}

function describeRunning(sandbox: Sandbox): string {
  const components = sandbox.components.map(
    ({ name, pid, port }) => `  ${name.padEnd(24)} process ${String(pid).padEnd(8)} port ${port}\n`,
  );
  return (
    `Sandbox ${sandbox.name} runs: Kubernetes ${sandbox.kubernetesVersion} at ${sandbox.apiServer}, ` +
    `${sandbox.nodes.length} nodes\n${components.join("")}` +
    `Use it with: export KUBECONFIG='${sandbox.kubeconfig}'\n`
  );
}
