import fs from "node:fs/promises";
import path from "node:path";
import { Agent, request } from "undici";
import type { Place } from "./place.ts";

/** The few requests that the sandbox itself has to make, as its administrator. */
export class SandboxApi {
  readonly #agent: Agent;
  readonly #server: string;

  private constructor(server: string, agent: Agent) {
    this.#server = server;
    this.#agent = agent;
  }

  static async open(place: Place, server: string): Promise<SandboxApi> {
    const [ca, cert, key] = await Promise.all(
      ["ca.crt", "admin.crt", "admin.key"].map(async (file) => await fs.readFile(path.join(place.pki, file), "utf8")),
    );
    return new SandboxApi(server, new Agent({ connect: { ca, cert, key, timeout: 2_000 } }));
  }

  /** Whether the API server says that it is ready; an answer that takes longer than `timeoutMs` is a no. */
  async ready(timeoutMs: number): Promise<boolean> {
    try {
      const options = { dispatcher: this.#agent, signal: AbortSignal.timeout(timeoutMs) };
      const { statusCode, body } = await request(`${this.#server}/readyz`, options);
      await body.dump();
      return statusCode === 200;
    } catch {
      // Refused, reset, timed out: all mean "not ready" and nothing more; who asks, asks again or tells.
      return false;
    }
  }

  /** The items of a collection, e.g. `/api/v1/nodes`. */
  async list(collection: string): Promise<readonly ListedObject[]> {
    const { items } = (await this.#send("GET", collection)) as { readonly items: readonly ListedObject[] };
    return items;
  }

  async create(collection: string, object: unknown): Promise<void> {
    await this.#send("POST", collection, object);
  }

  async delete(collection: string, name: string): Promise<void> {
    await this.#send("DELETE", `${collection}/${name}`);
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #send(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<unknown> {
    const response = await request(`${this.#server}${path}`, {
      method,
      dispatcher: this.#agent,
      headersTimeout: 30_000,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) {
      throw new Error(`sandbox: ${method} ${path}: the API server answered ${response.statusCode}: ${text}`);
    }
    return JSON.parse(text);
  }
}

/** What we look at in a listed Node, PersistentVolume or StorageClass. */
export interface ListedObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly taints?: readonly { readonly key: string }[] };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}
