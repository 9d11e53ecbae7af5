import path from "node:path";
import { UserError } from "../shared/errors.ts";
import type { ToolName } from "./versions.ts";

/** What the sandbox runs, and kubectl beside it. */
export const sandboxTools = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
  "kwokctl",
] as const satisfies readonly ToolName[];
export type SandboxTool = (typeof sandboxTools)[number];

/** Called as work goes on: `build kwok 0.7.0 from its Go module`. */
export type Progress = (message: string) => void;

/**
 * Finds the tool, or installs it.
 *
 * @returns the absolute path of an executable at an accepted version.
 * @throws UserError when it can be neither found nor installed: what was found, what is wanted, what to do.
 */
export async function ensureTool(name: ToolName, progress: Progress): Promise<string> {
  progress(`find ${name}`);
  const folder = process.env["KF_SANDBOX_BIN"];
  if (folder === undefined) throw new UserError(`${name}: not found`);
  return Promise.resolve(path.resolve(folder, name));
}

/** Every tool of the sandbox, by name. */
export async function ensureSandboxTools(progress: Progress): Promise<Readonly<Record<SandboxTool, string>>> {
  const found = await Promise.all(sandboxTools.map(async (name) => [name, await ensureTool(name, progress)] as const));
  return Object.fromEntries(found) as Record<SandboxTool, string>;
}
