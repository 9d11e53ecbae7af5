/** Programs of Debian or Ubuntu that tests run (slapd, chromium, mariadbd), without installing them on the machine. */
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import writeFileAtomic from "write-file-atomic";
import { UserError } from "../shared/errors.ts";
import { cacheDir } from "../shared/paths.ts";
import { withLock } from "./lock.ts";
import type { Progress } from "./tools.ts";

export interface DebianPackages {
  /** Folder in our cache that holds the packages' files as `/` would: `<root>/usr/sbin/slapd`. */
  readonly root: string;
  /** `PATH` and `LD_LIBRARY_PATH` with the packages' own first, for what is run from there. */
  readonly env: Readonly<Record<"PATH" | "LD_LIBRARY_PATH", string>>;
}

/**
 * The packages and what they depend on beyond what this machine has, extracted into our cache: downloaded by the
 * machine's own `apt-get` (its sources, its proxies, its signature checks) with a state and a cache of ours, so it needs
 * no root and the machine's packages stay as they are. No package's scripts run. The folder is named by the versions;
 * as long as it is there, nothing is downloaded.
 *
 * @throws UserError where there is no apt, or the packages cannot be had: what apt said and what to do.
 */
export async function ensureDebian(packages: readonly string[], progress: Progress): Promise<DebianPackages> {
  if (!(await hasApt())) {
    throw new UserError(
      `${packages.join(", ")}: needs Debian or Ubuntu (apt-get and dpkg-deb are not on PATH). Run this there, or in a container of one.`,
    );
  }
  const folder = cacheDir("debian");
  const waiting = (pid: number): void => progress(`wait for process ${pid}, which uses ${folder}`);
  const root = await withLock(`${folder}.lock`, waiting, async () => {
    const apt = await privateApt(folder);
    return (await extracted(apt, folder, packages, progress)) ?? (await refreshed(apt, folder, packages, progress));
  });
  return { root, env: await environment(root) };
}

/** Whether this machine can use `ensureDebian`: for tests that say loudly that they skip. */
export async function hasApt(): Promise<boolean> {
  const versions = ["apt-get", "dpkg-deb"].map(async (file) => await execa(file, ["--version"], { reject: false }));
  return (await Promise.all(versions)).every(({ failed }) => !failed);
}

interface Answer {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}
type Apt = (...args: readonly string[]) => Promise<Answer>;

async function privateApt(folder: string): Promise<Apt> {
  const state = path.join(folder, "state");
  const cache = path.join(folder, "cache");
  await Promise.all([state, cache].map(async (each) => await fs.mkdir(each, { recursive: true })));
  // Read after the machine's own configuration, which is why it can take back the hooks that would touch the machine.
  const config = path.join(folder, "apt.conf");
  const lines = [
    "#clear APT::Update::Pre-Invoke;",
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
    `Dir::State "${state}";`,
    `Dir::Cache "${cache}";`,
    `Acquire::Languages "none";`,
    `APT::Install-Recommends "false";`,
    // Not as user _apt, who cannot write here.
    `APT::Sandbox::User "root";`,
    // Only dpkg's database would be locked, which is read only here; the folder is under a lock of ours.
    `Debug::NoLocking "true";`,
  ];
  await writeFileAtomic(config, `${lines.join("\n")}\n`);
  return async (...args) => {
    const env = { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
    return await execa("apt-get", ["-c", config, "-y", ...args], { env, reject: false, stdin: "ignore" });
  };
}

/** The folder with the packages; undefined when apt, with the lists that it has now, cannot say or get what is needed. */
async function extracted(
  apt: Apt,
  folder: string,
  packages: readonly string[],
  progress: Progress,
): Promise<string | undefined> {
  const install = ["install", "--reinstall", ...packages];
  const plan = await apt(...install, "--print-uris");
  const files = [...plan.stdout.matchAll(/^'\S+' (\S+\.deb) \d+/gm)].map(([, file = ""]) => file).sort();
  if (plan.failed || files.length === 0) return undefined;
  checkLibc(files, packages);
  const root = path.join(folder, createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 16));
  if (await isThere(root)) return root;
  progress(`download ${files.length} Debian packages for ${packages.join(", ")} (once)`);
  const archives = path.join(folder, "cache", "archives");
  await fs.mkdir(path.join(archives, "partial"), { recursive: true });
  if ((await apt(...install, "--download-only")).failed) return undefined;
  await extract(
    files.map((file) => path.join(archives, file)),
    root,
    progress,
  );
  await fs.rm(archives, { recursive: true });
  return root;
}

async function refreshed(apt: Apt, folder: string, packages: readonly string[], progress: Progress): Promise<string> {
  progress("read the lists of Debian packages");
  const update = await apt("update");
  const root = await extracted(apt, folder, packages, progress);
  if (root !== undefined) return root;
  const install = await apt("install", "--reinstall", ...packages, "--download-only");
  throw new UserError(
    `${packages.join(", ")}: apt-get cannot download them:\n${lastLines(update.stderr)}\n${lastLines(install.stderr)}\n` +
      `See that \`apt-get update\` reaches the sources in /etc/apt and that they have these packages, and try again.`,
  );
}

/** The libraries of a newer libc would be loaded by the machine's own loader, and crash. */
function checkLibc(files: readonly string[], packages: readonly string[]): void {
  const libc = files.find((file) => file.startsWith("libc6_"));
  if (libc === undefined) return;
  throw new UserError(
    `${packages.join(", ")}: built for a newer C library than this machine has (${libc}). Run \`apt-get upgrade\`.`,
  );
}

async function extract(archives: readonly string[], root: string, progress: Progress): Promise<void> {
  progress(`extract them into ${root}`);
  const temporary = `${root}.extracting`;
  await fs.rm(temporary, { recursive: true, force: true });
  await fs.mkdir(temporary);
  for (const archive of archives) await execa("dpkg-deb", ["--extract", archive, temporary]);
  await fs.rename(temporary, root);
}

async function environment(root: string): Promise<DebianPackages["env"]> {
  const programs = ["usr/bin", "usr/sbin", "bin", "sbin"].map((folder) => path.join(root, folder));
  return {
    PATH: [...programs, process.env["PATH"] ?? ""].join(path.delimiter),
    LD_LIBRARY_PATH: [
      ...(await libraryFolders(path.join(root, "usr", "lib"))),
      ...(await libraryFolders(path.join(root, "lib"))),
      ...[process.env["LD_LIBRARY_PATH"] ?? ""].filter((value) => value !== ""),
    ].join(path.delimiter),
  };
}

/** `usr/lib/x86_64-linux-gnu`, and folders in it that programs find only where they are installed (`pulseaudio`). */
async function libraryFolders(lib: string): Promise<string[]> {
  const found: string[] = [];
  const look = async (folder: string, depth: number): Promise<void> => {
    const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
    if (entries.some(({ name }) => /^lib.*\.so/.test(name))) found.push(folder);
    if (depth === 0) return;
    for (const entry of entries) if (entry.isDirectory()) await look(path.join(folder, entry.name), depth - 1);
  };
  await look(lib, 2);
  return found;
}

async function isThere(file: string): Promise<boolean> {
  return await fs.access(file).then(
    () => true,
    () => false,
  );
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-12).join("\n");
}
