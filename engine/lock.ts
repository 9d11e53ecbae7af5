import { readFile, rename, rm } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { UserError } from "../shared/errors.ts";
import { isAlive } from "../shared/processes.ts";
import { createExclusively, ifExists } from "./files.ts";
import type { OperationKind } from "./report.ts";

/** What a stack is locked for. */
type LockedOperation = OperationKind | "import";

interface LockContent {
  readonly pid: number;
  readonly host: string;
  readonly user: string;
  readonly operation: LockedOperation;
  /** ISO time. */
  readonly since: string;
}

/**
 * Takes a stack for one operation. The lock of a process of this host that no longer runs is taken over.
 * @returns what releases it.
 * @throws UserError naming who holds it, since when, and the file.
 */
export async function acquireLock(
  file: string,
  stack: string,
  operation: LockedOperation,
): Promise<() => Promise<void>> {
  const since = new Date().toISOString();
  const content: LockContent = { pid: process.pid, host: hostname(), user: userInfo().username, operation, since };
  const text = JSON.stringify(content);
  while (!(await createExclusively(file, text))) {
    const held = await readFile(file, "utf8").catch(() => undefined);
    if (held !== undefined) await takeOver(file, stack, held);
  }
  return () => rm(file, { force: true });
}

/** Who works on the stack, as a person reads it; undefined for nobody, or for a process of this host that no longer runs. */
export async function lockHolder(file: string): Promise<string | undefined> {
  const held = await ifExists(readFile(file, "utf8"));
  const holder = held === undefined ? undefined : parse(held);
  if (held === undefined || (holder?.host === hostname() && !isAlive(holder.pid))) return undefined;
  return describeHolder(holder);
}

async function takeOver(file: string, stack: string, held: string): Promise<void> {
  const holder = parse(held);
  if (holder === undefined || holder.host !== hostname() || isAlive(holder.pid)) throw locked(file, stack, holder);
  // A rename moves one file for one process only; if it moved a newer lock than the one that was read, it goes back.
  const aside = `${file}.${process.pid}.stale`;
  await ifExists(rename(file, aside));
  const moved = await readFile(aside, "utf8").catch(() => undefined);
  if (moved !== undefined && moved !== held) await createExclusively(file, moved);
  await rm(aside, { force: true });
}

function parse(text: string): LockContent | undefined {
  try {
    return JSON.parse(text) as LockContent;
  } catch {
    return undefined;
  }
}

function locked(file: string, stack: string, holder: LockContent | undefined): UserError {
  return new UserError(
    `Stack ${stack} is locked by ${describeHolder(holder)}. Wait for it to end; if it no longer runs, delete ${file} and try again.`,
  );
}

function describeHolder(holder: LockContent | undefined): string {
  if (holder === undefined) return "an unreadable lock";
  return `${holder.user}@${holder.host} (pid ${holder.pid}, ${holder.operation}) since ${holder.since}`;
}
