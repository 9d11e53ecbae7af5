/** The simulated cloud of one stack: what exists in it, in a file that outlives the process as a cloud does. */
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import * as z from "zod";
import { UserError } from "../../shared/errors.ts";
import { errorCode } from "../files.ts";
import { nameOfUrn } from "../urn.ts";

const record = z.strictObject({
  urn: z.string(),
  type: z.string(),
  id: z.string(),
  /** The physical name, and whether it is one that nothing else has by chance. */
  name: z.string().optional(),
  unique: z.boolean(),
  /** Tokens of what its inputs name. Of the inputs themselves nothing is kept: they may be secret. */
  uses: z.array(z.string()),
});

const cloudFile = z.strictObject({
  simulated: z.literal(true),
  /** The cluster that stands in for the cloud's own. */
  cluster: z.string().optional(),
  resources: z.record(z.string(), record),
});

/** One resource that exists. Its token is its key in the file. */
export type CloudRecord = Readonly<z.infer<typeof record>>;

/** A text of a resource's inputs, under the last key of its path. */
export interface NamedText {
  readonly key: string;
  readonly text: string;
}

export class SimulatedCloud {
  readonly #file: string;
  readonly #resources: Map<string, CloudRecord>;
  #cluster: string | undefined;
  #writing: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  private constructor(file: string, content: z.infer<typeof cloudFile>) {
    this.#file = file;
    this.#resources = new Map(Object.entries(content.resources));
    this.#cluster = content.cluster;
  }

  static async open(file: string): Promise<SimulatedCloud> {
    const text = await readFile(file, "utf8").catch((error: unknown) => {
      if (errorCode(error) === "ENOENT") return JSON.stringify({ simulated: true, resources: {} });
      throw error;
    });
    const parsed = cloudFile.safeParse(parseJson(text));
    if (parsed.success) return new SimulatedCloud(file, parsed.data);
    throw new UserError(`${file} is not the file of a simulated cloud. Move it away, and the state beside it`);
  }

  get resources(): readonly CloudRecord[] {
    return [...this.#resources.values()];
  }

  /** Which cluster the simulated one's objects are in; undefined before there are any. */
  get cluster(): string | undefined {
    return this.#cluster;
  }

  async useCluster(identifier: string): Promise<void> {
    if (this.#cluster === identifier) return;
    this.#cluster = identifier;
    await this.#save();
  }

  get(token: string): CloudRecord | undefined {
    return this.#resources.get(token);
  }

  /** @returns the token of the resource with this id; without an id, of the last one that was made for the URN. */
  find(id: string, { urn, type }: Pick<CloudRecord, "urn" | "type">): string | undefined {
    const found = [...this.#resources].filter(([, other]) =>
      id === "" ? other.urn === urn : other.id === id && other.type === type,
    );
    return (found.findLast(([, other]) => other.urn === urn) ?? found.at(-1))?.[0];
  }

  /** Creates or changes a resource. @param texts all texts of its inputs. */
  async put(token: string, resource: Omit<CloudRecord, "uses">, texts: readonly NamedText[]): Promise<void> {
    const used = [...this.#resources].filter(
      ([other, { urn }]) => other !== token && urn !== resource.urn && this.#isNamed(other, texts),
    );
    this.#resources.set(token, { ...resource, uses: used.map(([other]) => other) });
    await this.#save();
  }

  /** @throws UserError while another resource uses it. */
  async delete(token: string): Promise<void> {
    const gone = this.#resources.get(token);
    if (gone === undefined) return;
    const users = this.resources.filter(({ uses }) => uses.includes(token));
    if (users.length > 0) {
      throw new UserError(
        `DependencyViolation: the simulated cloud does not delete ${describe(gone)} while it is used by ` +
          `${users.map(describe).join(", ")}. They have to go first: the program has to pass its outputs to them, or ` +
          "name it in their dependsOn",
      );
    }
    this.#resources.delete(token);
    await this.#save();
  }

  #isNamed(token: string, texts: readonly NamedText[]): boolean {
    const resource = this.#resources.get(token);
    if (resource === undefined) return false;
    const { id, name, unique, type } = resource;
    const words = [token, ...(id.includes(token) ? [id] : []), ...(name !== undefined && unique ? [name] : [])];
    return texts.some(
      ({ key, text }) =>
        words.some((word) => text.includes(word)) || ((text === id || text === name) && means(key, type)),
    );
  }

  /** Resolves when what is now the case is in the file. One write at a time, and one for all that came meanwhile. */
  #save(): Promise<void> {
    const next =
      this.#waiting ??
      this.#writing.then(() => {
        this.#waiting = undefined;
        return this.#write();
      });
    this.#waiting = next;
    // Whoever waits for it is told of its failure; the next write is not to fail of it.
    this.#writing = next.catch(() => undefined);
    return next;
  }

  async #write(): Promise<void> {
    const content: z.infer<typeof cloudFile> = {
      simulated: true,
      ...(this.#cluster === undefined ? {} : { cluster: this.#cluster }),
      resources: Object.fromEntries(this.#resources),
    };
    const text = `${JSON.stringify(content, undefined, 1)}\n`;
    await mkdir(path.dirname(this.#file), { recursive: true });
    await writeFileAtomic(this.#file, text, { mode: 0o600 });
  }
}

/** Whether an input such as `clusterName` names a resource of this type: names that people choose are not unique. */
function means(key: string, type: string): boolean {
  const subject = key.toLowerCase().replace(/(names?|ids?|s)$/, "");
  return subject !== "" && type.toLowerCase().endsWith(subject);
}

const describe = ({ type, urn }: CloudRecord): string => `${type} ${nameOfUrn(urn)}`;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
