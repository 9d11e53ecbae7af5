/** Servers of the storage tests: each a process of ours on an address of the loopback network that nobody else uses. */
import { randomInt } from "node:crypto";
import fs from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";

export interface Server {
  /** Ends the process and waits until it is gone. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Of the machine's own variables; some of them change what a server does. @default - PATH and HOME only */
  readonly listensOn: { readonly host: string; readonly port: number } | string;
}

const startSeconds = 30;

/**
 * Starts a server and waits until it listens, on an address or a socket's path.
 *
 * @throws with the end of what it said when it ends or does not listen in time.
 */
export async function startServer(
  file: string,
  args: readonly string[],
  { env = {}, listensOn }: ServerOptions,
): Promise<Server> {
  const { PATH = "", HOME = "" } = process.env;
  const running = execa(file, args, {
    extendEnv: false,
    env: { PATH, HOME, ...env },
    reject: false,
    stdin: "ignore",
    all: true,
    maxBuffer: 1_000_000,
    cleanup: true,
  });
  const ended: string[] = [];
  void running.then(({ all }) => ended.push(all));
  const until = Date.now() + startSeconds * 1000;
  while (!(await listens(listensOn))) {
    if (ended.length > 0 || Date.now() > until) {
      running.kill("SIGKILL");
      const said = ended.join("").slice(-2000);
      throw new Error(`${path.basename(file)} does not listen on ${JSON.stringify(listensOn)}: ${said}`);
    }
    await delay(50);
  }
  return {
    stop: async (signal = "SIGTERM") => {
      running.kill(signal);
      await running;
    },
  };
}

async function listens(on: ServerOptions["listensOn"]): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = typeof on === "string" ? net.connect(on) : net.connect(on.port, on.host);
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => {
      done(true);
    });
    socket.once("error", () => {
      done(false);
    });
  });
}

/** 127.x.y.z: any port of it is free, so that rendered ports can be used as they are. Linux has all of 127.0.0.0/8. */
export function ownAddress(): string {
  return `127.${randomInt(2, 250)}.${randomInt(1, 250)}.${randomInt(1, 250)}`;
}

/** Short, since paths of sockets may have some hundred characters only. */
export async function temporaryFolder(): Promise<string> {
  return await fs.mkdtemp(path.join(os.tmpdir(), "kf-st-"));
}
