import fs from "node:fs/promises";
import path from "node:path";
import { UserError } from "../shared/errors.ts";
import { build } from "./build.ts";
import { bundleOf, installFolder, type Bundle } from "./bundles.ts";
import { download, NotAvailable } from "./download.ts";
import { downloadOf, thisPlatform } from "./downloads.ts";
import { accepts, executableName, locateTool, versionOf, type IgnoredTool } from "./locate.ts";
import { withLock } from "./lock.ts";
import { toolVersions, type ToolName } from "./versions.ts";

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

/** Called as work goes on: `build KWOK 0.7.0 from Go modules`. */
export type Progress = (message: string) => void;

/**
 * Finds the tool at an accepted version (in the folder `KF_SANDBOX_BIN`, our cache, `PATH`), or installs the pinned one
 * into the cache: an official download whose checksum is verified, else built from its Go module.
 *
 * @returns the absolute path of the executable.
 * @throws UserError when it can be neither found nor installed: what was found, what is wanted, what to do.
 */
export async function ensureTool(name: ToolName, progress: Progress): Promise<string> {
  const { found, ignored } = await locateTool(name);
  for (const tool of ignored) progress(`${tool.path} is ignored: ${describe(name, tool)}`);
  if (found !== undefined) return found.path;
  return await install(name, ignored, progress);
}

/** Every tool of the sandbox, by name: `ensureTool` for all of them. */
export async function ensureSandboxTools(progress: Progress): Promise<Readonly<Record<SandboxTool, string>>> {
  // Looking is quick and can be done at once; installing is not, and one bundle brings several.
  const located = await Promise.all(sandboxTools.map(async (name) => (await locateTool(name)).found?.path));
  const found: Partial<Record<SandboxTool, string>> = {};
  for (const [index, name] of sandboxTools.entries()) {
    found[name] = located[index] ?? (await ensureTool(name, progress));
  }
  return found as Record<SandboxTool, string>;
}

async function install(name: ToolName, ignored: readonly IgnoredTool[], progress: Progress): Promise<string> {
  const folder = installFolder(name);
  const waiting = (pid: number): void => progress(`wait for process ${pid}, which installs ${path.basename(folder)}`);
  try {
    return await withLock(`${folder}.lock`, waiting, async () => {
      // Another process may have installed it while we waited.
      const { found } = await locateTool(name);
      if (found !== undefined) return found.path;
      await installInto(name, folder, progress);
      return path.join(folder, executableName(name));
    });
  } catch (error) {
    if (!(error instanceof UserError) || ignored.length === 0) throw error;
    const seen = ignored.map((tool) => `${tool.path}: ${describe(name, tool)}`).join("; ");
    throw new UserError(`${error.message}\nFound and not used: ${seen}`, { exitCode: error.exitCode, cause: error });
  }
}

/** Under the lock. A tool appears in the folder when it is whole and checked, and not before. */
async function installInto(name: ToolName, folder: string, progress: Progress): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  await removeLeftovers(folder);
  const temporary = await fs.mkdtemp(path.join(folder, temporaryPrefix));
  try {
    if (!(await tryDownload(name, temporary, progress))) await build(bundleOf(name), temporary, progress);
    await checkInstalled(name, path.join(temporary, executableName(name)));
    await moveAll(bundleOf(name), temporary, folder);
  } finally {
    await fs.rm(temporary, { recursive: true, force: true });
  }
}

const temporaryPrefix = ".installing-";

async function removeLeftovers(folder: string): Promise<void> {
  const leftovers = (await fs.readdir(folder)).filter((entry) => entry.startsWith(temporaryPrefix));
  await Promise.all(leftovers.map(async (entry) => await fs.rm(path.join(folder, entry), { recursive: true })));
}

async function tryDownload(name: ToolName, folder: string, progress: Progress): Promise<boolean> {
  const platform = thisPlatform();
  const source = platform === undefined ? undefined : downloadOf(name, platform);
  if (source === undefined) return false;
  progress(`download ${source.url}`);
  try {
    await download(source, path.join(folder, executableName(name)));
    return true;
  } catch (error) {
    if (!(error instanceof NotAvailable)) throw error;
    progress(`no download: ${error.message}`);
    return false;
  }
}

async function checkInstalled(name: ToolName, file: string): Promise<void> {
  const version = await versionOf(name, file);
  if (version !== undefined && accepts(name, version)) return;
  throw new Error(`${name}: installed version ${version ?? "unknown"}, wanted ${toolVersions[name].pinned}`);
}

/** Links after what they point to, so that none ever points nowhere. */
async function moveAll(bundle: Bundle, from: string, to: string): Promise<void> {
  const isLink = (entry: string): boolean => bundle.tools.some((tool) => tool === entry);
  const entries = await fs.readdir(from);
  for (const entry of [...entries.filter((each) => !isLink(each)), ...entries.filter(isLink)]) {
    await fs.rename(path.join(from, entry), path.join(to, entry));
  }
}

function describe(name: ToolName, tool: IgnoredTool): string {
  const version = tool.version === undefined ? "it tells no version" : `version ${tool.version}`;
  return `${version}, wanted ${toolVersions[name].accepted} (${toolVersions[name].why})`;
}
