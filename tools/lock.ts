import fs from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "../shared/processes.ts";

const refreshMs = 5_000;
/** A holder that did not refresh its lock for this long is gone, whatever process has its number now. */
const staleAfterMs = 60_000;
const pollMs = 200;

/**
 * Runs `work` while no other process on this machine runs something under the same lock file. A lock whose holder is
 * gone is taken over.
 *
 * @param waiting called once, with the holder's process id, when the lock is held by another process.
 */
export async function withLock<T>(file: string, waiting: (pid: number) => void, work: () => Promise<T>): Promise<T> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  await acquire(file, waiting);
  const refresh = setInterval(() => {
    const now = new Date();
    // Fails when somebody deleted the folder meanwhile, and then there is nothing to keep.
    fs.utimes(file, now, now).catch(() => undefined);
  }, refreshMs);
  refresh.unref();
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    await fs.rm(file, { force: true });
  }
}

async function acquire(file: string, waiting: (pid: number) => void): Promise<void> {
  // Linked into place, so that a lock file never exists without its holder's number.
  const own = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  await fs.writeFile(own, String(process.pid));
  try {
    for (let told = false; !(await tryLink(own, file));) {
      const holder = await liveHolder(file);
      if (holder === undefined) {
        await fs.rm(file, { force: true });
        continue;
      }
      if (!told) waiting(holder);
      told = true;
      await delay(pollMs);
    }
  } finally {
    await fs.rm(own, { force: true });
  }
}

async function tryLink(existing: string, file: string): Promise<boolean> {
  try {
    await fs.link(existing, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** The process that holds the lock; `undefined` when it is gone. */
async function liveHolder(file: string): Promise<number | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([fs.readFile(file, "utf8"), fs.stat(file)]);
    const pid = Number(text);
    return Date.now() - mtimeMs < staleAfterMs && isAlive(pid) ? pid : undefined;
  } catch {
    // Released between the two looks.
    return undefined;
  }
}
