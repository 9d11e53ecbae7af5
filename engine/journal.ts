import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { OperationType, ResourceState, SerializedResource } from "./deployment.ts";
import { ifExists } from "./files.ts";
import type { Change } from "./state.ts";

/**
 * What happened since the snapshot was written, one JSON line each. A line is whole or, at the end of a file whose
 * writer was killed, torn; a torn line was never acted upon.
 */
export type JournalEntry<Resource = ResourceState> =
  /** Written before a provider is asked to change anything. */
  | { readonly begin: string; readonly type: OperationType; readonly resource: Resource }
  /** What came of it. `end` names the operations that this settles. */
  | { readonly end: readonly string[]; readonly changes: readonly Change<Resource>[] };

/** The same entry with its resources in another form. */
export function mapEntry<From, To>(entry: JournalEntry<From>, map: (resource: From) => To): JournalEntry<To> {
  if ("begin" in entry) return { ...entry, resource: map(entry.resource) };
  const { end, changes } = entry;
  return { end, changes: changes.map((change) => ("put" in change ? { put: map(change.put) } : change)) };
}

interface Header {
  /** sha256 of the snapshot that the entries follow; empty when there was none. */
  readonly base: string;
  /** Of the secrets in the entries: the first snapshot may not have been written yet. */
  readonly salt: string;
}

export class Journal {
  readonly #file: string;
  #started = false;
  /** Still to be written. */
  readonly #lines: string[];
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(file: string, header: Header) {
    this.#file = file;
    this.#lines = [JSON.stringify(header)];
  }

  /** Resolves when the entry is on disk. Entries that come while the disk is busy are written, and synced, together. */
  append(entry: JournalEntry<SerializedResource>): Promise<void> {
    this.#lines.push(JSON.stringify(entry));
    this.#next ??= this.#running = this.#running.then(() => this.#write());
    return this.#next;
  }

  /** Resolves when everything that was appended is on disk. */
  flush(): Promise<void> {
    return this.#running;
  }

  async #write(): Promise<void> {
    this.#next = undefined;
    const text = this.#lines.splice(0).map((line) => `${line}\n`);
    if (!this.#started) await mkdir(path.dirname(this.#file), { recursive: true });
    const flag = this.#started ? "a" : "w";
    this.#started = true;
    await writeFile(this.#file, text.join(""), { flag, mode: 0o600, flush: true });
  }
}

/** What follows the snapshot with digest `base`: nothing when the journal belongs to an older one. */
export async function readJournal(
  file: string,
  base: string,
): Promise<{ readonly salt?: string; readonly entries: readonly JournalEntry<SerializedResource>[] }> {
  const text = (await ifExists(readFile(file, "utf8"))) ?? "";
  // What follows the last newline was torn off.
  const [first = "", ...lines] = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  const header = first === "" ? undefined : (JSON.parse(first) as Header);
  if (header?.base !== base) return { entries: [] };
  return {
    salt: header.salt,
    entries: lines.filter((line) => line !== "").map((line) => JSON.parse(line) as JournalEntry<SerializedResource>),
  };
}
