import { createHash, randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import * as z from "zod";
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
import { ifExists } from "./files.ts";
import { Journal, mapEntry, readJournal, type JournalEntry } from "./journal.ts";
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
  /** What is in memory only. */
  #foreseen: readonly Change[] = [];

  private constructor(options: StoreOptions, base: string, secrets?: PassphraseSecrets, generatedPassphrase?: string) {
    this.#options = options;
    this.#files = stackFiles(options);
    this.#journal = new Journal(this.#files.journal, { base, salt: secrets?.salt ?? "" });
    this.secrets = secrets;
    this.generatedPassphrase = generatedPassphrase;
  }

  static async open(options: StoreOptions): Promise<StackStore> {
    const files = stackFiles(options);
    const { base, deployment } = await readSnapshot(files.snapshot);
    const journal = await readJournal(files.journal, base);
    const known = deployment?.secrets_providers?.state?.salt ?? journal.salt;
    const salt = known ?? options.salt;
    // Where there is nothing to open and nothing to close, nobody is asked for a passphrase.
    const passphrase = known === undefined && options.readOnly ? undefined : await findPassphrase(options.stateDir);
    const secrets = passphrase && (await PassphraseSecrets.open(passphrase, salt));
    const generated = salt === undefined && passphrase?.generated === true ? passphrase.source : undefined;
    const store = new StackStore(options, base, secrets, generated);
    if (deployment !== undefined) store.#load(deployment);
    for (const entry of journal.entries) store.#apply(mapEntry(entry, (resource) => store.#deserialize(resource)));
    store.#dirty = journal.entries.length > 0;
    if (store.#dirty && !options.readOnly) await store.save();
    return store;
  }

  /** Notes an operation before it starts; resolves when that is on disk. @returns its id. */
  async begin(type: OperationType, resource: ResourceState): Promise<string> {
    const id = randomUUID();
    await this.#note({ begin: id, type, resource });
    return id;
  }

  /** Notes what happened, and which operations it settles. Not waited for: the next `begin` or `save` is. */
  record(changes: readonly Change[], settles: readonly string[] = []): void {
    // A failing disk is told by every later append and by `save`.
    this.#note({ end: settles, changes }).catch(() => undefined);
  }

  /** Takes changes over in memory; they are noted before whatever is noted next. */
  foresee(changes: readonly Change[]): void {
    changes.forEach((change) => this.state.apply(change));
    this.#foreseen = [...this.#foreseen, ...changes];
  }

  noteForeseen(): void {
    const changes = this.#foreseen;
    this.#foreseen = [];
    if (changes.length > 0) this.record(changes);
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

  #note(entry: JournalEntry): Promise<void> {
    this.noteForeseen();
    const secrets = this.#secrets();
    const serialized = mapEntry(entry, (resource) => serializeResource(resource, secrets));
    this.#dirty = true;
    this.#apply(entry);
    return this.#journal.append(serialized);
  }

  #apply(entry: JournalEntry): void {
    if ("begin" in entry) this.state.pending.set(entry.begin, { type: entry.type, resource: entry.resource });
    else {
      entry.changes.forEach((change) => this.state.apply(change));
      entry.end.forEach((id) => this.state.pending.delete(id));
    }
  }

  #secrets(): PassphraseSecrets {
    if (this.secrets === undefined) throw new Error("state was opened to be read only");
    return this.secrets;
  }

  #load({ resources = [], pending_operations: pending = [] }: Deployment["deployment"]): void {
    for (const resource of resources) this.state.apply({ put: this.#deserialize(resource) });
    this.#setPending(pending.map(({ type, resource }) => ({ type, resource: this.#deserialize(resource) })));
  }

  /** Counted as in the snapshot, not random: by these ids the journal that follows it settles them. */
  #setPending(operations: readonly PendingOperation[]): void {
    this.state.pending.clear();
    for (const [index, operation] of operations.entries()) this.state.pending.set(`snapshot-${index}`, operation);
  }

  #deserialize(resource: SerializedResource): ResourceState {
    return deserializeResource(resource, this.#secrets());
  }
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A snapshot and what its journal calls it. @throws UserError when the file is not a deployment of version 3. */
export async function readSnapshot(
  file: string,
): Promise<{ readonly base: string; readonly deployment?: Deployment["deployment"] }> {
  const text = await ifExists(readFile(file, "utf8"));
  return text === undefined
    ? { base: "" }
    : {
        base: digest(text),
        deployment: parseDeployment(text, `State file ${file}`, "The last good ones are kept under backups.")
          .deployment,
      };
}

const deploymentFile = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(z.looseObject({ urn: z.string(), type: z.string() })).optional(),
    pending_operations: z
      .array(z.looseObject({ type: z.string(), resource: z.looseObject({ urn: z.string(), type: z.string() }) }))
      .optional(),
  }),
});

/**
 * @param source what the text is, for messages.
 * @param remedy what to do where it is none.
 * @throws UserError when it is not a deployment of version 3.
 */
export function parseDeployment(text: string, source: string, remedy: string): Deployment {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${source} is not JSON. ${remedy}`, { cause });
  }
  const version = typeof json === "object" && json !== null && "version" in json ? json.version : undefined;
  if (version !== 3) {
    const found = version === undefined ? "none" : JSON.stringify(version);
    throw new UserError(`${source}: deployment version ${found}, this engine reads version 3 only. ${remedy}`);
  }
  const { error } = deploymentFile.safeParse(json);
  if (error === undefined) return json as Deployment;
  throw new UserError(`${source} is not a whole deployment: ${z.prettifyError(error)}\n${remedy}`);
}

async function backUp(snapshot: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const name = `${new Date().toISOString().replaceAll(":", "-")}.json`;
  await ifExists(copyFile(snapshot, path.join(folder, name)));
  const kept = (await readdir(folder)).sort();
  await Promise.all(kept.slice(0, -keptBackups).map((file) => rm(path.join(folder, file))));
}
