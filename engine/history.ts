/** What was done to a stack, one file an operation, laid out and worded as Pulumi's own file backend keeps it. */
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { loadProject } from "./project.ts";
import type { OperationKind, Summary } from "./report.ts";

/** Older ones are dropped: an environment is asked about its last weeks. */
const keptUpdates = 200;

/** Fields of Pulumi's `UpdateInfo` (`pulumi stack history`). */
export interface UpdateInfo {
  /** An `up` is an `update`. */
  readonly kind: "update" | "refresh" | "destroy" | "preview";
  /** Seconds since 1970. */
  readonly startTime: number;
  readonly endTime: number;
  /** `in-progress` is also what an operation leaves that was killed. */
  readonly result: "in-progress" | "succeeded" | "failed";
  /** What the caller noted of the operation; no secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly resourceChanges?: Readonly<Record<string, number>>;
}

export interface HistoryOptions {
  readonly stateDir: string;
  readonly project: string;
  readonly stack: string;
}

export interface BegunUpdate {
  readonly end: (failed: boolean, summary?: Summary) => Promise<void>;
  /** Nothing came of it. */
  readonly forget: () => Promise<void>;
}

/** Notes that an operation begins. @returns what notes its end. */
export async function beginUpdate(
  options: HistoryOptions,
  kind: OperationKind,
  environment: Readonly<Record<string, string>>,
): Promise<BegunUpdate> {
  const folder = folderOf(options);
  const started = Date.now();
  const file = path.join(folder, `${options.stack}-${String(started)}.history.json`);
  const begun: UpdateInfo = {
    kind: kind === "up" ? "update" : kind,
    startTime: seconds(started),
    endTime: 0,
    result: "in-progress",
    environment,
  };
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(file, JSON.stringify(begun), { mode: 0o600 });
  return {
    async end(failed, summary) {
      const result = failed ? "failed" : "succeeded";
      const changes = summary === undefined ? {} : { resourceChanges: { ...summary } };
      const ended: UpdateInfo = { ...begun, endTime: seconds(Date.now()), result, ...changes };
      await writeFileAtomic(file, JSON.stringify(ended), { mode: 0o600 });
      const names = await historyFiles(folder);
      await Promise.all(names.slice(0, -keptUpdates).map((name) => rm(path.join(folder, name), { force: true })));
    },
    forget: () => rm(file, { force: true }),
  };
}

/** What was done to a stack by this engine, oldest first. */
export async function stackHistory(options: {
  readonly projectRoot: string;
  readonly stateDir: string;
  readonly stack: string;
}): Promise<readonly UpdateInfo[]> {
  const { name: project } = await loadProject(options.projectRoot);
  const folder = folderOf({ ...options, project });
  const names = await historyFiles(folder);
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(path.join(folder, name), "utf8")) as UpdateInfo),
  );
}

function folderOf({ stateDir, project, stack }: HistoryOptions): string {
  return path.join(stateDir, "history", project, stack);
}

/** In the order of their times, which have as many digits until the year 2286. */
async function historyFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(".history.json")).sort();
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
