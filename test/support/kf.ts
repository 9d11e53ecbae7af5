import path from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../shared/paths.ts";

export interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `kf` as a user would, in a process group of its own, so that a test can kill it. */
export function startKf(args: readonly string[], env: Readonly<Record<string, string>>) {
  return execa(process.execPath, [path.join(projectRoot, "cli", "main.ts"), ...args], {
    cwd: projectRoot,
    env: { ...env, NO_COLOR: "1" },
    reject: false,
    maxBuffer: 500_000_000,
  });
}

export async function kf(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const { exitCode, stdout, stderr } = await startKf(args, env);
  return { code: exitCode, stdout, stderr };
}
