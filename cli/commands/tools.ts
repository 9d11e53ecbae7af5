import path from "node:path";
import { Argument, Command } from "commander";
import { Phases, type Report } from "../progress.ts";

const sets = ["sandbox", "pulumi"] as const;
type ToolSet = (typeof sets)[number];

/** `kf tools`: what the project needs beside its npm packages. */
export function toolsCommand(): Command {
  return new Command("tools")
    .description("find or install what is needed beside the npm packages (a second run installs nothing)")
    .addArgument(
      new Argument(
        "[sets...]",
        "sandbox: kustomize, helm and the sandbox's Kubernetes; pulumi: the Pulumi CLI and its Kubernetes provider",
      )
        .choices(sets)
        .default(sets, "all"),
    )
    .option("--json", "print the paths as JSON")
    .option("--path", 'print the folders alone, as PATH has them: export PATH="$(kf tools pulumi --path):$PATH"')
    .action(async (wanted: readonly ToolSet[], options: { readonly json?: true; readonly path?: true }) => {
      const { paths, notes } = await new Phases().run(
        "tools",
        (report) => ensureSets(wanted, report),
        (found) => `${String(Object.keys(found.paths).length)} ready`,
      );
      for (const note of notes) process.stderr.write(`note: ${note}\n`);
      const folders = [...new Set(Object.values(paths).map((file) => path.dirname(file)))];
      if (options.path === true) process.stdout.write(`${folders.join(path.delimiter)}\n`);
      else if (options.json === true) process.stdout.write(`${JSON.stringify(paths, undefined, 2)}\n`);
      else for (const [name, file] of Object.entries(paths)) process.stdout.write(`${name}\t${file}\n`);
    });
}

async function ensureSets(wanted: readonly ToolSet[], report: Report) {
  const { ensureSandboxTools, ensureTool } = await import("../../tools/tools.ts");
  const paths: Record<string, string> = {};
  const notes: string[] = [];
  if (wanted.includes("sandbox")) {
    paths["kustomize"] = await ensureTool("kustomize", report);
    paths["helm"] = await ensureTool("helm", report);
    Object.assign(paths, await ensureSandboxTools(report));
  }
  if (wanted.includes("pulumi")) {
    const { ensurePulumi } = await import("../../tools/pulumi.ts");
    const { executables, standIns } = await ensurePulumi(report);
    Object.assign(paths, executables);
    notes.push(...standIns);
  }
  return { paths, notes };
}
