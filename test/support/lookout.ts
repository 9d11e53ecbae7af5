/**
 * What is there only while a command runs: temporary files, which are kept by a second name, and the command lines of
 * all processes of this machine. Linux only, which has /proc.
 */
import fs from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import type { Canaries, Leak } from "./canaries.ts";

/** Shorter than any process of ours lives, and than a file of more than a moment is there. */
const everyMs = 25;
/** Node's own cache of compiled code: thousands of files, nothing of a run in them. */
const compiled = "node-compile-cache";

export class Lookout {
  readonly #folder: string;
  readonly #kept: string;
  readonly #files = new Map<string, string>();
  readonly #commands = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  private constructor(folder: string, kept: string) {
    this.#folder = folder;
    this.#kept = kept;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** @param folder that temporary files go to; it has a neighbour for what is kept. */
  static async open(folder: string): Promise<Lookout> {
    return new Lookout(folder, await mkdtemp(`${folder}-kept-`));
  }

  /** Ends, and searches what was seen. */
  async search(canaries: Canaries): Promise<{ readonly leaks: readonly Leak[]; readonly seen: number }> {
    clearInterval(this.#timer);
    this.#look();
    const leaks = [...this.#commands].flatMap((command) => canaries.find("a command line", command));
    for (const [file, name] of this.#files) leaks.push(...canaries.find(`temporary ${name}`, fs.readFileSync(file)));
    await rm(this.#kept, { recursive: true });
    return { leaks, seen: this.#files.size + this.#commands.size };
  }

  #look(): void {
    this.#keepFiles(this.#folder);
    for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const command = ifThere(() => fs.readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      if (command !== undefined) this.#commands.add(command);
    }
  }

  #keepFiles(folder: string): void {
    for (const entry of ifThere(() => fs.readdirSync(folder, { withFileTypes: true })) ?? []) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== compiled) this.#keepFiles(file);
      if (entry.isFile()) ifThere(() => this.#keep(file));
    }
  }

  #keep(file: string): void {
    const kept = path.join(this.#kept, String(fs.statSync(file).ino));
    if (this.#files.has(kept)) return;
    fs.linkSync(file, kept);
    this.#files.set(kept, file);
  }
}

/** What is looked at may be gone by then. */
function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
