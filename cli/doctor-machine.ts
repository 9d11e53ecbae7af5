/** The machine itself: Node, packages, memory, disk, the folders that we write to. */
import { constants } from "node:fs";
import { access, readFile, statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import semver from "semver";
import { cacheDir, dataDir, projectRoot } from "../shared/paths.ts";
import { missing, ok, warn, type Finding, type Probe } from "./doctor-probe.ts";

const gib = 1024 ** 3;
const wantedMemoryGiB = 4;
const wantedCores = 2;
/** What the sandbox's data and a stack's state come to, with room to spare. */
const runGiB = 1;
/** Sources, modules and build cache of the sandbox's Kubernetes, which are compiled when it can't be downloaded. */
const buildGiB = 3;

/** What strips types by itself; package.json says the same. */
const wantedNode = ">=22.18";

/** @param toolsThere whether all tools of the sandbox are installed already: building them needs the most room. */
export function machineProbes(toolsThere: () => Promise<boolean>): readonly Probe[] {
  return [
    { name: "node", wanted: wantedNode, look: lookAtNode },
    { name: "npm packages", wanted: "as in package-lock.json", look: () => lookAtPackages(projectRoot) },
    { name: "cores", wanted: `${wantedCores} or more`, look: lookAtCores },
    { name: "memory", wanted: `${wantedMemoryGiB} GiB or more`, look: lookAtMemory },
    {
      name: "cache folder",
      wanted: `writable, ${buildGiB} GiB free to build the sandbox's tools`,
      look: async () => lookAtFolder(cacheDir(), (await toolsThere()) ? runGiB : buildGiB, "KF_CACHE_DIR"),
    },
    {
      name: "data folder",
      wanted: `writable, ${runGiB} GiB free`,
      look: () => lookAtFolder(dataDir(), runGiB, "KF_DATA_DIR"),
    },
  ];
}

function lookAtNode(): Promise<Finding> {
  const { node } = process.versions;
  const remedy = "install a newer Node; npm start brings its own where it can";
  return Promise.resolve(semver.satisfies(node, wantedNode) ? ok(node) : missing(node, remedy));
}

/** Compares what npm installed, by its own record in `node_modules`, with the lockfile. */
export async function lookAtPackages(root: string): Promise<Finding> {
  const remedy = "npm ci";
  const [wanted, installed] = await Promise.all(
    ["package-lock.json", path.join("node_modules", ".package-lock.json")].map(async (file) =>
      readFile(path.join(root, file), "utf8").then(
        (text) => (JSON.parse(text) as PackageLock).packages,
        () => undefined,
      ),
    ),
  );
  if (wanted === undefined) return missing("no package-lock.json", "check the project out again");
  if (installed === undefined) return missing("not installed", remedy);
  const others = Object.entries(wanted).filter(
    ([folder, { version, optional }]) =>
      folder !== "" &&
      installed[folder]?.version !== version &&
      !(optional === true && installed[folder] === undefined),
  );
  const [first] = others;
  if (first === undefined) return ok(`${Object.keys(installed).length} installed`);
  const [folder, { version = "" }] = first;
  const name = folder.replace(/^.*node_modules\//, "");
  const more = others.length === 1 ? "" : ` and ${others.length - 1} more`;
  return missing(`${name} ${installed[folder]?.version ?? "is absent"}, not ${version}${more}`, remedy);
}

interface PackageLock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;
}

function lookAtCores(): Promise<Finding> {
  const cores = os.availableParallelism();
  return Promise.resolve(
    cores >= wantedCores ? ok(String(cores)) : warn(String(cores), "give the machine more cores; it works, slowly"),
  );
}

function lookAtMemory(): Promise<Finding> {
  // In a container the limit counts, where there is one.
  const limit = process.constrainedMemory();
  const bytes = limit > 0 && limit < os.totalmem() ? limit : os.totalmem();
  const found = `${(bytes / gib).toFixed(1)} GiB`;
  const remedy = "give the machine more memory; building and running the sandbox may be killed for the lack of it";
  return Promise.resolve(bytes >= wantedMemoryGiB * gib ? ok(found) : warn(found, remedy));
}

/** Looks without making anything: a folder that is not there yet is as good as its nearest parent. */
export async function lookAtFolder(folder: string, wantedGiB: number, variable: string): Promise<Finding> {
  const there = await nearest(folder);
  const writable = await access(there, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) return missing(`${there}: not writable`, `make it writable, or set ${variable} to a folder that is`);
  const { bavail, bsize } = await statfs(there);
  const found = `${folder}, ${((bavail * bsize) / gib).toFixed(1)} GiB free`;
  return bavail * bsize >= wantedGiB * gib
    ? ok(found)
    : missing(found, `make room for ${wantedGiB} GiB, or set ${variable} to a folder on another disk`);
}

async function nearest(folder: string): Promise<string> {
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  return there || path.dirname(folder) === folder ? folder : nearest(path.dirname(folder));
}
