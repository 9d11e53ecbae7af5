/** What `pulumi` needs beside itself to run the program: Node's language host and two of the providers. */
import { createRequire } from "node:module";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import writeFileAtomic from "write-file-atomic";
import { cacheDir, projectRoot } from "../shared/paths.ts";
import { executableName, isExecutable } from "./locate.ts";
import { ensureTool, type Progress } from "./tools.ts";

export interface PulumiTools {
  /** The CLI (`pulumi`), and the plugins that it would not find by itself, by name. */
  readonly executables: Readonly<Record<string, string>>;
  /** Folders to put before the others of PATH: the CLI's own, and those of the plugins. */
  readonly folders: readonly string[];
  /** What stands in for a part of Pulumi that is not to be had here: a sentence each, for people. */
  readonly standIns: readonly string[];
}

/** How long the CLI may try to install a plugin: it tries an unreachable network several times. */
const pluginInstallMs = 120_000;
/** After a failed try. */
const tryAgainMs = 3_600_000;

/**
 * Finds or installs the Pulumi CLI, its Kubernetes provider and what else the program needs of Pulumi: from PATH or
 * Pulumi's own folder, else the official download, else built from Go modules, else a stand-in of this project.
 *
 * @throws UserError when the CLI or the Kubernetes provider can be neither found nor installed.
 */
export async function ensurePulumi(progress: Progress): Promise<PulumiTools> {
  const pulumi = await ensureTool("pulumi", progress);
  const executables: Record<string, string> = { pulumi };
  const standIns: string[] = [];
  const standIn = (name: string, folder: string): void => {
    executables[name] = path.join(projectRoot, folder, name);
    standIns.push(`Pulumi's own ${name} is not to be had here: ${folder} of this project stands in for it`);
  };
  if (!(await isInstalled("kubernetes"))) {
    executables["pulumi-resource-kubernetes"] = await ensureTool("pulumi-resource-kubernetes", progress);
  }
  if (!(await hasRandom(pulumi, progress))) standIn("pulumi-resource-random", "plugins/random");
  if (!(await isFound("pulumi-language-nodejs", [path.dirname(pulumi)]))) {
    standIn("pulumi-language-nodejs", "plugins/language-nodejs");
  }
  const folders = Object.values(executables).map((file) => path.dirname(file));
  return { executables, folders: [...new Set(folders)], standIns };
}

/**
 * Its publisher has no sha256 of it, so the CLI itself installs it, as it does for everybody. A failed try is not made
 * again for a while: without a network it takes the CLI three seconds.
 */
async function hasRandom(pulumi: string, progress: Progress): Promise<boolean> {
  if ((await isInstalled("random")) || (await isFound("pulumi-resource-random"))) return true;
  const failure = cacheDir("bin", `no-pulumi-random-${sdkVersion("random")}`);
  const failedAt = (await fs.stat(failure).catch(() => undefined))?.mtimeMs ?? 0;
  if (Date.now() - failedAt < tryAgainMs) return false;
  progress("ask the Pulumi CLI to install its random provider");
  const { failed } = await execa(pulumi, ["plugin", "install", "resource", "random", sdkVersion("random")], {
    reject: false,
    stdin: "ignore",
    timeout: pluginInstallMs,
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  if (failed) {
    await fs.mkdir(path.dirname(failure), { recursive: true });
    await writeFileAtomic(failure, "");
  }
  return !failed;
}

/** Whether the CLI has the provider in its own folder, in the version that the program asks for. */
async function isInstalled(name: string): Promise<boolean> {
  const home = process.env["PULUMI_HOME"] ?? path.join(os.homedir(), ".pulumi");
  const folder = path.join(home, "plugins", `resource-${name}-v${sdkVersion(name)}`);
  return isExecutable(path.join(folder, executableName(`pulumi-resource-${name}`)));
}

/** Of the SDK that the program uses: each resource asks for a provider of that version. */
function sdkVersion(name: string): string {
  const manifest = createRequire(import.meta.url)(`@pulumi/${name}/package.json`) as { readonly version: string };
  return manifest.version;
}

/** Whether the CLI finds the executable: on PATH, or in one of these folders. */
async function isFound(name: string, folders: readonly string[] = []): Promise<boolean> {
  const all = [...folders, ...(process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "")];
  const found = await Promise.all(all.map((folder) => isExecutable(path.join(folder, executableName(name)))));
  return found.includes(true);
}
