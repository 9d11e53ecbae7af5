import { once } from "node:events";
import net from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import getPort, { portNumbers } from "get-port";
import { portOptionNames, portOptions, portsOf, type ComponentName, type PortOption, type Ports } from "./config.ts";
import { placeOf, readIfThere, sandboxNames } from "./place.ts";

/** Below the ports that systems give to outgoing connections, and clear of the well-known ones. */
const range = { from: 20_000, to: 29_999 } as const;

/**
 * The range from a place in it at random: sandboxes that start at the same time and know nothing of each other (other
 * users', other data folders') would all take the first free ones.
 */
function candidates(): readonly number[] {
  const start = range.from + Math.floor(Math.random() * (range.to - range.from));
  return [...portNumbers(start, range.to), ...portNumbers(range.from, start)];
}

/**
 * Ports for every component: the ones it had, as long as it still listens there or nobody else does, else free ones
 * that no other sandbox has.
 */
export async function choosePorts(saved: Partial<Ports>, running: ReadonlyMap<ComponentName, unknown>): Promise<Ports> {
  const taken = new Set<number>(await savedPorts());
  const chosen: Partial<Record<PortOption, number>> = {};
  for (const name of portOptionNames) {
    const port = saved[name];
    const keep = port !== undefined && (running.has(portOptions[name]) || (await isFreeSoon(port)));
    chosen[name] = keep ? port : await getPort({ port: candidates(), exclude: taken });
  }
  return chosen as Ports;
}

/** The ports of all sandboxes of this user, running or not. */
async function savedPorts(): Promise<readonly number[]> {
  const configs = await Promise.all((await sandboxNames()).map((name) => readIfThere(placeOf(name).config)));
  return configs.flatMap((config) => (config === undefined ? [] : Object.values(portsOf(config))));
}

/** A process that was just killed may hold its port for a moment longer. */
async function isFreeSoon(port: number): Promise<boolean> {
  const deadline = Date.now() + 1_000;
  while (!(await isFree(port))) {
    if (Date.now() > deadline) return false;
    await delay(50);
  }
  return true;
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  try {
    // `once` rejects when the server emits "error" first.
    await once(server.listen(port, "127.0.0.1"), "listening");
    return true;
  } catch {
    // Whatever is in the way, this port is of no use.
    return false;
  } finally {
    server.close();
  }
}
