import { mkdir, open, readFile } from "node:fs/promises";
import path from "node:path";
import type { OperationType, SerializedResource } from "./deployment.ts";
import { errorCode } from "./files.ts";
import type { Change } from "./state.ts";

/**
 * What happened since the snapshot was written, one JSON line each. A line is whole or, at the end of a file whose
 * writer was killed, torn; a torn line was never acted upon.
 */
export type JournalEntry =
  /** Written before a provider is asked to change anything. */
  | { readonly begin: string; readonly type: OperationType; readonly resource: SerializedResource }
  /** What came of it. `end` names the operations that this settles. */
  | { readonly end: readonly string[]; readonly changes: readonly Change<SerializedResource>[] };

interface Header {
  /** sha256 of the snapshot that the entries follow; empty when there was none. */
  readonly base: string;
  /** Of the secrets in the entries: the first snapshot may not have been written yet. */
  readonly salt: string;
}

export class Journal {
  readonly #file: string;
  readonly #header: Header;
  #started = false;
  #lines: string[] = [];
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(file: string, header: Header) {
    this.#file = file;
    this.#header = header;
  }

  /** Resolves when the entry is on disk. Entries that come while the disk is busy are written, and synced, together. */
  append(entry: JournalEntry): Promise<void> {
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
    const lines = this.#lines.splice(0);
    if (!this.#started) {
      lines.unshift(JSON.stringify(this.#header));
      await mkdir(path.dirname(this.#file), { recursive: true });
    }
    const file = await open(this.#file, this.#started ? "a" : "w", 0o600);
    this.#started = true;
    try {
      await file.appendFile(lines.map((line) => `${line}\n`).join(""));
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}

/** What follows the snapshot with digest `base`: nothing when the journal belongs to an older one. */
export async function readJournal(
  file: string,
  base: string,
): Promise<{ readonly salt?: string; readonly entries: readonly JournalEntry[] }> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  });
  // What follows the last newline was torn off.
  const [first = "", ...lines] = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  const header = first === "" ? undefined : (JSON.parse(first) as Header);
  if (header?.base !== base) return { entries: [] };
  return {
    salt: header.salt,
    entries: lines.filter((line) => line !== "").map((line) => JSON.parse(line) as JournalEntry),
  };
}
