import path from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../shared/paths.ts";

export interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts `kf` as a user would, in a process group of its own, so that a test can kill it. What is planned is agreed to,
 * unless `env` says otherwise.
 *
 * @param root - a copy of the project with stacks of its own. @default - the project
 */
export function startKf(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  root = projectRoot,
) {
  return execa(process.execPath, [path.join(root, "cli", "main.ts"), ...args], {
    cwd: root,
    env: { PULUMI_SKIP_CONFIRMATIONS: "true", ...env, NO_COLOR: "1" },
    reject: false,
    maxBuffer: 500_000_000,
  });
}

export async function kf(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  root = projectRoot,
): Promise<Ran> {
  const { exitCode, stdout, stderr } = await startKf(args, env, root);
  return { code: exitCode, stdout, stderr };
}
