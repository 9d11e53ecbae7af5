import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import type { Project } from "./project.ts";
import type { Session } from "./session.ts";
import type { ResolvedConfig } from "./stack-config.ts";

export interface ProgramOptions {
  readonly session: Session;
  readonly config: ResolvedConfig;
  /** `host:port` of the server of both services. */
  readonly address: string;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onOutput: (line: string) => void;
}

/** The Pulumi SDK that the program itself uses. */
export function sdkOf(project: Project): { readonly run: string; readonly version: string } {
  const require = createRequire(path.join(project.root, "package.json"));
  const { version } = require("@pulumi/pulumi/package.json") as { readonly version: string };
  return { run: require.resolve("@pulumi/pulumi/cmd/run"), version: `v${version}` };
}

/** Runs the program by the SDK's own launcher, to its end. @returns its exit code. */
export async function runProgram(options: ProgramOptions): Promise<number> {
  const { session, config, address, dryRun } = options;
  const { project, queue } = session;
  const flags = {
    monitor: address,
    engine: address,
    project: project.name,
    stack: session.options.stack,
    organization: "organization",
    "root-directory": project.root,
    pwd: project.program.pwd,
    parallel: String(queue.concurrency),
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const preload = pathToFileURL(path.join(import.meta.dirname, "program-preload.ts")).href;
  const launcher = ["--import", preload, sdkOf(project).run];
  const child = execa(
    process.execPath,
    [...launcher, ...args, ...(dryRun ? ["--dry-run"] : []), project.program.entry],
    {
      cwd: project.program.pwd,
      env: {
        PULUMI_CONFIG: JSON.stringify(config.values),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(config.secretKeys),
        // In a plan too, an output that the engine does not send is what was put in: the wire carries half as much.
        PULUMI_ENABLE_LEGACY_APPLY: "true",
        // Node strips the types itself.
        PULUMI_NODEJS_TYPESCRIPT: "false",
      },
      stdin: "ignore",
      all: true,
      buffer: false,
      reject: false,
      cancelSignal: options.signal,
      forceKillAfterDelay: 2_000,
    },
  );
  for await (const line of child.iterable({ from: "all" })) options.onOutput(line);
  return (await child).exitCode ?? 1;
}
