import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { equalValues } from "../../../engine/diff.ts";
import type { LiveResource, Provider, ProviderFactory, ResourceRef } from "../../../engine/provider.ts";
import { nameOfUrn } from "../../../engine/urn.ts";
import { unwrapSecrets, type PropertyMap, type Value } from "../../../engine/values.ts";

/**
 * The package `test`: resources are files in a folder, so that they outlive a killed process. Inputs steer it:
 * `key` is its id, `name` is fixed (a change replaces, the new one first), `place` too (the old one goes first), `invalid` fails the
 * check, `lean` keeps the inputs out of the outputs, `region` of the provider is another place with other ids, `broken` the create, `stuck` the delete; `milliseconds` is how long an operation takes.
 */
export class World {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  readonly factory: ProviderFactory = Object.assign(
    async (config: PropertyMap) => {
      await mkdir(this.folder, { recursive: true });
      return this.#provider(config);
    },
    {
      diffConfig: ({ region: old }: PropertyMap, { region }: PropertyMap) =>
        equalValues(old, region) ? [] : [{ path: "region", reason: "it is another place" }],
    },
  );

  /** What was done, oldest first: `create a`, `delete a`. */
  async log(): Promise<readonly string[]> {
    const text = await readFile(this.#logFile, "utf8").catch(() => "");
    return text.split("\n").filter((line) => line !== "");
  }

  async clearLog(): Promise<void> {
    await rm(this.#logFile, { force: true });
  }

  /** Ids of what exists. */
  async ids(): Promise<readonly string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names
      .filter((name) => name.endsWith(".json"))
      .map((name) => name.slice(0, -".json".length))
      .sort();
  }

  async get(id: string): Promise<PropertyMap | undefined> {
    const text = await readFile(this.#file(id), "utf8").catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as PropertyMap);
  }

  async set(id: string, inputs: PropertyMap): Promise<void> {
    await writeFile(this.#file(id), JSON.stringify(unwrapSecrets(inputs)));
  }

  async remove(id: string): Promise<void> {
    await rm(this.#file(id), { force: true });
  }

  get #logFile(): string {
    return path.join(this.folder, "log");
  }

  #file(id: string): string {
    return path.join(this.folder, `${id}.json`);
  }

  async #note(what: string, { urn }: ResourceRef): Promise<void> {
    await appendFile(this.#logFile, `${what} ${nameOfUrn(urn)}\n`);
  }

  #provider(config: PropertyMap): Provider {
    const idOf = ({ urn }: ResourceRef, inputs: PropertyMap): string => {
      if (typeof inputs["key"] === "string") return inputs["key"];
      const parts = [nameOfUrn(urn), inputs["name"], config["region"]].filter((part) => typeof part === "string");
      return parts.join("-");
    };
    const outputsOf = (inputs: PropertyMap): PropertyMap => ({
      ...(inputs["lean"] === true ? {} : inputs),
      token: "given",
    });
    return {
      check: (_ref, _olds, news) =>
        Promise.resolve({
          inputs: news,
          failures: news["invalid"] === undefined ? [] : [{ property: "invalid", reason: "is not allowed" }],
        }),
      diff: (_ref, old, news) => {
        const replaces = ["name", "place"].filter((key) => !equalValues(old.inputs[key], news[key]));
        return Promise.resolve({
          changed: !equalValues(unwrapSecrets(old.inputs), unwrapSecrets(news)),
          replaces: replaces.map((key) => ({ path: key, reason: `${key} is fixed` })),
          deleteBeforeReplace: replaces.includes("place"),
        });
      },
      preflight: (creates) =>
        Promise.resolve(
          creates
            .filter(({ inputs }) => inputs["taken"] === true)
            .map(({ resource }) => `${nameOfUrn(resource.urn)} exists and is not ours`),
        ),
      plan: (_ref, inputs) => ({ outputs: inputs }),
      create: async (ref, inputs, signal) => {
        await this.#pause(inputs, signal);
        if (inputs["broken"] === true) throw new Error("the cloud said no");
        const id = idOf(ref, inputs);
        await this.set(id, inputs);
        await this.#note("create", ref);
        return { id, outputs: outputsOf(inputs) };
      },
      read: async (ref, known) => {
        const id = known.id === "" ? idOf(ref, known.inputs) : known.id;
        const found = await this.get(id);
        return found && live(id, found, known);
      },
      update: async (ref, old, news, signal) => {
        await this.#pause(news, signal);
        if (news["broken"] === true) throw new Error("the cloud said no");
        await this.set(old.id, news);
        await this.#note("update", ref);
        return { outputs: outputsOf(news) };
      },
      delete: async (ref, old, signal) => {
        await this.#pause(old.inputs, signal);
        if (old.inputs["stuck"] === true) throw new Error("it will not go");
        await this.remove(old.id);
        await this.#note(typeof config["region"] === "string" ? `in ${config["region"]}: delete` : "delete", ref);
      },
      isSame: (one, other) => one.id === other.id,
      invoke: (token, args) => Promise.resolve(token === "test:index:echo" ? args : undefined),
    };

    function live(id: string, found: PropertyMap, known: LiveResource): LiveResource {
      // What was not changed behind our back keeps its secret wrappers.
      const same = (key: string, value: Value): Value =>
        equalValues(unwrapSecrets(known.inputs[key] ?? null), value) ? (known.inputs[key] ?? value) : value;
      const inputs = Object.fromEntries(Object.entries(found).map(([key, value]) => [key, same(key, value)]));
      return { id, inputs, outputs: outputsOf(inputs) };
    }
  }

  async #pause(inputs: PropertyMap, signal: AbortSignal): Promise<void> {
    const milliseconds = inputs["milliseconds"];
    if (typeof milliseconds === "number") await delay(milliseconds, undefined, { signal });
  }
}
