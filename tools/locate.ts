import { constants } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import semver from "semver";
import { installFolder } from "./bundles.ts";
import { pluginVersion } from "./plugin-version.ts";
import { toolVersions, type ToolName } from "./versions.ts";

interface FoundTool {
  /** Absolute path. */
  readonly path: string;
  /** `5.8.1` */
  readonly version: string;
  readonly source: "KF_SANDBOX_BIN" | "cache" | "PATH";
}

/** A tool of that name that we do not use: another version, or one that does not tell its version. */
export interface IgnoredTool {
  readonly path: string;
  readonly version: string | undefined;
}

export interface Located {
  readonly found: FoundTool | undefined;
  readonly ignored: readonly IgnoredTool[];
}

/** Looks for a tool, without installing it: in the folder `KF_SANDBOX_BIN`, in our cache, on `PATH`. */
export async function locateTool(name: ToolName): Promise<Located> {
  const ignored: IgnoredTool[] = [];
  for (const { folder, source } of searchFolders(name)) {
    const file = path.resolve(folder, executableName(name));
    if (!(await isExecutable(file))) continue;
    const version = source === "cache" ? await cachedVersion(name, file) : await versionOf(name, file);
    if (version !== undefined && accepts(name, version)) return { found: { path: file, version, source }, ignored };
    ignored.push({ path: file, version });
  }
  return { found: undefined, ignored };
}

/** The folder's name has the pinned version, checked on the way in; a plugin may be the older one that can be built. */
async function cachedVersion(name: ToolName, file: string): Promise<string | undefined> {
  const { versionArguments, pinned } = toolVersions[name];
  return versionArguments === "plugin" ? versionOf(name, file) : pinned;
}

export function accepts(name: ToolName, version: string): boolean {
  return semver.satisfies(version, toolVersions[name].accepted);
}

export function executableName(name: string): string {
  return process.platform === "win32" ? `${name}.exe` : name;
}

/** The version that the executable tells, e.g. `1.34.4`; `undefined` when it tells none or does not run. */
export async function versionOf(name: ToolName, file: string): Promise<string | undefined> {
  const { versionArguments } = toolVersions[name];
  if (versionArguments === "plugin") return semver.coerce(await pluginVersion(file))?.version;
  const { stdout } = await execa(file, versionArguments, {
    reject: false,
    timeout: 30_000,
    stdin: "ignore",
    // Not asked for its latest release, and not slowed by it.
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  return semver.coerce(stdout)?.version;
}

interface SearchFolder {
  readonly folder: string;
  readonly source: FoundTool["source"];
}

function searchFolders(name: ToolName): readonly SearchFolder[] {
  const own = process.env["KF_SANDBOX_BIN"];
  const ownFolder = own === undefined || own === "" ? [] : [{ folder: own, source: "KF_SANDBOX_BIN" as const }];
  const cache = { folder: installFolder(name), source: "cache" as const };
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const onPath = [...new Set(folders)].map((folder) => ({ folder, source: "PATH" as const }));
  // The CLI is what people change their clusters with: theirs goes before one of ours.
  return [...ownFolder, ...(isPulumi(name) ? [...onPath, cache] : [cache, ...onPath])];
}

function isPulumi(name: ToolName): boolean {
  return name === "pulumi" || name.startsWith("pulumi-");
}

export async function isExecutable(file: string): Promise<boolean> {
  try {
    await fs.access(file, constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    // Not there, or not for us: either way it is no candidate.
    return false;
  }
}
