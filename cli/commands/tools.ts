import { Command } from "commander";
import { Phases } from "../progress.ts";

/** `kf tools`: what the project needs beside its npm packages. */
export function toolsCommand(): Command {
  return new Command("tools")
    .description("find or install kustomize, helm and the sandbox's Kubernetes (a second run installs nothing)")
    .option("--json", "print the paths as JSON")
    .action(async (options: { readonly json?: true }) => {
      const { ensureSandboxTools, ensureTool } = await import("../../tools/tools.ts");
      const found = await new Phases().run(
        "tools",
        async (report) => ({
          kustomize: await ensureTool("kustomize", report),
          helm: await ensureTool("helm", report),
          ...(await ensureSandboxTools(report)),
        }),
        (all) => `${String(Object.keys(all).length)} ready`,
      );
      if (options.json === true) process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
      else for (const [name, file] of Object.entries(found)) process.stdout.write(`${name}\t${file}\n`);
    });
}
