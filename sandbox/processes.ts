import fs from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { componentNames, type ComponentName } from "./config.ts";
import type { Place } from "./place.ts";

/**
 * The sandbox's processes by component, from the process table: a pid file may be stale, and after a restart of the
 * machine its number may be somebody else's. A process is ours when it was started from the sandbox's own `bin` folder.
 */
export async function runningProcesses(place: Place): Promise<ReadonlyMap<ComponentName, readonly number[]>> {
  const found = new Map<ComponentName, number[]>();
  for (const { pid, command } of await processTable()) {
    const name = componentNames.find((component) => command === path.join(place.bin, component));
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), pid]);
  }
  return found;
}

/**
 * Ends all processes of the sandbox, also such that no pid file knows, and removes the pid files. All state is etcd's,
 * which is asked to end; the others are killed, because a polite API server takes up to a minute over its watches.
 */
export async function stopProcesses(place: Place): Promise<void> {
  await signalAll(place, (name) => (name === "etcd" ? "SIGTERM" : "SIGKILL"));
  if (!(await allGone(place, 5_000))) {
    await signalAll(place, () => "SIGKILL");
    await allGone(place, 10_000);
  }
  await removeStalePidFiles(place);
}

/** Removes the pid files of processes that run no more: kwokctl believes any number that is taken. */
export async function removeStalePidFiles(place: Place): Promise<void> {
  const running = await runningProcesses(place);
  for (const name of componentNames) {
    if (!running.has(name)) await fs.rm(path.join(place.pids, `${name}.pid`), { force: true });
  }
}

async function signalAll(place: Place, signalFor: (name: ComponentName) => NodeJS.Signals): Promise<void> {
  for (const [name, pids] of await runningProcesses(place)) {
    for (const pid of pids) {
      try {
        process.kill(pid, signalFor(name));
      } catch (error) {
        // Gone since we looked.
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
      }
    }
  }
}

async function allGone(place: Place, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while ((await runningProcesses(place)).size > 0) {
    if (Date.now() > deadline) return false;
    await delay(50);
  }
  return true;
}

interface Process {
  readonly pid: number;
  /** What it was started as, without arguments. */
  readonly command: string;
}

async function processTable(): Promise<readonly Process[]> {
  if (process.platform === "linux") return await linuxProcesses();
  const { stdout } = await execa("ps", ["-axww", "-o", "pid=,args="]);
  return stdout.split("\n").map((line) => {
    const [pid = "", command = ""] = line.trim().split(/\s+/, 2);
    return { pid: Number(pid), command };
  });
}

/** From /proc, because small containers have no `ps`. A zombie has an empty command line and so counts as gone. */
async function linuxProcesses(): Promise<readonly Process[]> {
  const pids = (await fs.readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  return await Promise.all(
    pids.map(async (pid) => {
      const line = await fs.readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return { pid: Number(pid), command: line.split("\0", 1)[0] ?? "" };
    }),
  );
}
