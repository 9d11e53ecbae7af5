import { createHash, randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { UserError } from "../shared/errors.ts";
import {
  deserializeResource,
  makeDeployment,
  serializeResource,
  type Deployment,
  type OperationType,
  type PendingOperation,
  type ResourceState,
  type SerializedResource,
} from "./deployment.ts";
import { errorCode } from "./files.ts";
import { Journal, readJournal, type JournalEntry } from "./journal.ts";
import { findPassphrase, PassphraseSecrets } from "./secrets.ts";
import { StackState, type Change } from "./state.ts";

const keptBackups = 10;

export interface StoreOptions {
  readonly stateDir: string;
  readonly project: string;
  readonly stack: string;
  /** `encryptionsalt` of the stack's config, for a state that has none yet. */
  readonly salt?: string | undefined;
  /** For the manifest: the SDK's version. */
  readonly version: string;
  /** Nothing is written, not even a passphrase for a new stack. */
  readonly readOnly: boolean;
}

export function stackFiles(options: Pick<StoreOptions, "stateDir" | "project" | "stack">) {
  const base = path.join(options.stateDir, "stacks", options.project, options.stack);
  const backups = path.join(options.stateDir, "backups", options.project, options.stack);
  return { snapshot: `${base}.json`, journal: `${base}.journal`, lock: `${base}.lock`, backups } as const;
}

/** A stack's state on disk: a snapshot in Pulumi's format and, while something is going on, a journal of what came after. */
export class StackStore {
  readonly state = new StackState();
  /** Of the snapshot; made with the first one. */
  readonly secrets: PassphraseSecrets | undefined;
  /** This machine's own passphrase file has just become what the stack's secrets hang on. */
  readonly generatedPassphrase: string | undefined;
  readonly #options: StoreOptions;
  readonly #files: ReturnType<typeof stackFiles>;
  #journal: Journal;
  #dirty = false;

  private constructor(options: StoreOptions, base: string, secrets?: PassphraseSecrets, generatedPassphrase?: string) {
    this.#options = options;
    this.#files = stackFiles(options);
    this.#journal = new Journal(this.#files.journal, { base, salt: secrets?.salt ?? "" });
    this.secrets = secrets;
    this.generatedPassphrase = generatedPassphrase;
  }

  static async open(options: StoreOptions): Promise<StackStore> {
    const files = stackFiles(options);
    const text = await readSnapshot(files.snapshot);
    const base = digest(text);
    const snapshot = text === undefined ? undefined : parseSnapshot(text, files.snapshot);
    const journal = await readJournal(files.journal, base);
    const salt = snapshot?.deployment.secrets_providers?.state?.salt ?? journal.salt ?? options.salt;
    const passphrase = salt === undefined && options.readOnly ? undefined : await findPassphrase(options.stateDir);
    const secrets = passphrase && (await PassphraseSecrets.open(passphrase, salt));
    const generated = salt === undefined && passphrase?.generated === true ? passphrase.source : undefined;
    const store = new StackStore(options, base, secrets, generated);
    if (snapshot !== undefined) store.#load(snapshot);
    journal.entries.forEach((entry) => store.#replay(entry));
    store.#dirty = journal.entries.length > 0;
    if (store.#dirty && !options.readOnly) await store.save();
    return store;
  }

  /** Notes an operation before it starts; resolves when that is on disk. @returns its id. */
  async begin(type: OperationType, resource: ResourceState): Promise<string> {
    const id = randomUUID();
    this.state.pending.set(id, { type, resource });
    await this.#append({ begin: id, type, resource: serializeResource(resource, this.#secrets()) });
    return id;
  }

  /** Notes what happened, and which operations it settles. Not waited for: the next `begin` or `save` is. */
  record(changes: readonly Change[], settles: readonly string[] = []): void {
    const serialized = changes.map((change) =>
      "put" in change ? { put: serializeResource(change.put, this.#secrets()) } : change,
    );
    this.#settle(settles, changes);
    // A failing disk is told by every later append and by `save`.
    this.#append({ end: settles, changes: serialized }).catch(() => undefined);
  }

  /** Writes a new snapshot if anything changed since the last one, keeps the old one as a backup, ends the journal. */
  async save(): Promise<void> {
    await this.#journal.flush();
    if (!this.#dirty) return;
    const { snapshot, journal, backups } = this.#files;
    const pending = [...this.state.pending.values()];
    const deployment = makeDeployment(this.state.resources, pending, this.#secrets(), this.#options.version);
    const text = JSON.stringify(deployment);
    await mkdir(path.dirname(snapshot), { recursive: true });
    await backUp(snapshot, backups);
    await writeFileAtomic(snapshot, text, { mode: 0o600 });
    await rm(journal, { force: true });
    this.#journal = new Journal(journal, { base: digest(text), salt: this.#secrets().salt });
    this.#setPending(pending);
    this.#dirty = false;
  }

  async #append(entry: JournalEntry): Promise<void> {
    this.#dirty = true;
    await this.#journal.append(entry);
  }

  #secrets(): PassphraseSecrets {
    if (this.secrets === undefined) throw new Error("state was opened to be read only");
    return this.secrets;
  }

  #load(snapshot: Deployment): void {
    const { resources = [], pending_operations: pending = [] } = snapshot.deployment;
    for (const resource of resources) this.state.apply({ put: this.#deserialize(resource) });
    this.#setPending(pending.map(({ type, resource }) => ({ type, resource: this.#deserialize(resource) })));
  }

  /** Counted as in the snapshot, not random: by these ids the journal that follows it settles them. */
  #setPending(operations: readonly PendingOperation[]): void {
    this.state.pending.clear();
    for (const [index, operation] of operations.entries()) this.state.pending.set(`snapshot-${index}`, operation);
  }

  #replay(entry: JournalEntry): void {
    if ("begin" in entry)
      this.state.pending.set(entry.begin, { type: entry.type, resource: this.#deserialize(entry.resource) });
    else
      this.#settle(
        entry.end,
        entry.changes.map((change) => ("put" in change ? { put: this.#deserialize(change.put) } : change)),
      );
  }

  #settle(ids: readonly string[], changes: readonly Change[]): void {
    changes.forEach((change) => this.state.apply(change));
    ids.forEach((id) => this.state.pending.delete(id));
  }

  #deserialize(resource: SerializedResource): ResourceState {
    return deserializeResource(resource, this.#secrets());
  }
}

const digest = (text: string | undefined): string =>
  text === undefined ? "" : createHash("sha256").update(text).digest("hex");

async function readSnapshot(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @throws UserError when the file is not a deployment of version 3. */
export function parseSnapshot(text: string, file: string): Deployment {
  const parsed = ((): Partial<Deployment> => {
    try {
      return JSON.parse(text) as Partial<Deployment>;
    } catch (cause) {
      throw new UserError(`State file ${file} is not JSON; the last good ones are kept under backups.`, { cause });
    }
  })();
  if (parsed.version === 3 && parsed.deployment !== undefined) return parsed as Deployment;
  throw new UserError(
    `State file ${file}: deployment version ${String(parsed.version)}, this engine reads version 3 only`,
  );
}

async function backUp(snapshot: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const name = `${new Date().toISOString().replaceAll(":", "-")}.json`;
  try {
    await copyFile(snapshot, path.join(folder, name));
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
  const kept = (await readdir(folder)).sort();
  await Promise.all(kept.slice(0, -keptBackups).map((file) => rm(path.join(folder, file))));
}
