/** Waiting for objects: one watch per kind that serves every waiter, and no polling. */
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../shared/errors.ts";
import type { Connection } from "./connection.ts";
import { ApiError, type ApiStatus } from "./errors.ts";
import type { KubernetesObject } from "./objects.ts";

/** Looks at an object (`undefined`: it is gone); anything but `undefined` ends the wait, and so does an error. */
export type Verdict<T> = (object: KubernetesObject | undefined) => T | undefined;

interface Wait<T> {
  /** Of the collection, over all namespaces. */
  readonly path: string;
  readonly accept: string;
  readonly object: KubernetesObject;
  /** Asks the server for the object as it is now. */
  readonly current: () => Promise<KubernetesObject | undefined>;
  readonly verdict: Verdict<T>;
  readonly signal: AbortSignal | undefined;
}

interface Follower {
  readonly key: string;
  readonly current: () => Promise<KubernetesObject | undefined>;
  readonly look: (object: KubernetesObject | undefined) => void;
  readonly fail: (error: unknown) => void;
}

type WatchEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK"; readonly object: KubernetesObject }
  | { readonly type: "ERROR"; readonly object: ApiStatus & { readonly code?: number } };

const RECONNECT_MS = 100;

export class Watches {
  readonly #connection: Connection;
  readonly #watches = new Map<string, Watch>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async waitFor<T>(wait: Wait<T>): Promise<T> {
    wait.signal?.throwIfAborted();
    const already = wait.verdict(wait.object);
    if (already !== undefined) return already;
    const key = `${wait.path} ${wait.accept}`;
    let watch = this.#watches.get(key);
    if (watch === undefined) {
      watch = new Watch(this.#connection, wait, () => this.#watches.delete(key));
      this.#watches.set(key, watch);
    }
    return watch.follow(wait);
  }
}

/** One kind. It runs while somebody waits. */
class Watch {
  readonly #connection: Connection;
  readonly #path: string;
  readonly #accept: string;
  readonly #onIdle: () => void;
  readonly #start: number;
  readonly #idle = new AbortController();
  readonly #followers = new Set<Follower>();
  /** The latest of every object since the start: whoever comes later may have missed it. */
  readonly #seen = new Map<string, { readonly version: number; readonly object: KubernetesObject | undefined }>();

  constructor(connection: Connection, { path, accept, object }: Wait<unknown>, onIdle: () => void) {
    this.#connection = connection;
    this.#path = path;
    this.#accept = accept;
    this.#onIdle = onIdle;
    this.#start = versionOf(object);
  }

  follow<T>({ object, current, verdict, signal }: Wait<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (settle: () => void) => {
        signal?.removeEventListener("abort", onAbort);
        if (this.#followers.delete(follower) && this.#followers.size === 0) this.#stop();
        settle();
      };
      const fail = (error: unknown) => end(() => reject(error instanceof Error ? error : new Error(String(error))));
      const onAbort = () => fail(signal?.reason);
      const look = (now: KubernetesObject | undefined) => {
        try {
          const found = verdict(now);
          if (found !== undefined) end(() => resolve(found));
        } catch (error) {
          fail(error);
        }
      };
      const follower: Follower = { key: keyOf(object), current, look, fail };
      this.#followers.add(follower);
      if (this.#followers.size === 1) void this.#run(object.metadata["resourceVersion"] as string | undefined);
      signal?.addEventListener("abort", onAbort, { once: true });
      const seen = this.#seen.get(follower.key);
      if (seen !== undefined && seen.version > versionOf(object)) look(seen.object);
      // What happened to it before this watch started is not among the events.
      else if (versionOf(object) < this.#start) current().then(look, fail);
    });
  }

  #stop(): void {
    this.#onIdle();
    this.#idle.abort();
  }

  /** Follows events from `version` on; without one, from now on, after a fresh look at everything waited for. */
  async #run(startVersion: string | undefined): Promise<void> {
    let version = startVersion;
    const { signal } = this.#idle;
    while (this.#followers.size > 0) {
      try {
        version ??= await this.#restart();
        const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
        const lines = this.#connection.lines({
          method: "GET",
          path: `${this.#path}?${query}`,
          accept: this.#accept,
          signal,
        });
        for await (const line of lines) version = this.#deliver(line as WatchEvent);
      } catch (error) {
        if (this.#followers.size === 0) return;
        if (error instanceof ApiError && error.status === 410) version = undefined;
        else if (error instanceof ApiError || error instanceof UserError) {
          this.#failAll(error);
          return;
        }
      }
      // The server ends every watch after a while, and a lost connection is opened again.
      await delay(RECONNECT_MS);
    }
  }

  #deliver(event: WatchEvent): string {
    if (event.type === "ERROR") throw new ApiError(event.object.code ?? 500, event.object);
    const { type, object } = event;
    if (type !== "BOOKMARK") {
      const key = keyOf(object);
      const now = type === "DELETED" ? undefined : object;
      this.#seen.set(key, { version: versionOf(object), object: now });
      for (const follower of [...this.#followers]) if (follower.key === key) follower.look(now);
    }
    return String(object.metadata["resourceVersion"]);
  }

  /** The version that the collection has now; every follower looks anew, as events were missed. */
  async #restart(): Promise<string> {
    this.#seen.clear();
    const { signal } = this.#idle;
    const answer = await this.#connection.request({ method: "GET", path: `${this.#path}?limit=1`, signal });
    for (const follower of [...this.#followers]) follower.current().then(follower.look, follower.fail);
    return (answer as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion;
  }

  #failAll(error: unknown): void {
    for (const follower of [...this.#followers]) follower.fail(error);
  }
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

/** Versions grow over the whole cluster (etcd's revision), so two of them can be compared. */
function versionOf({ metadata }: KubernetesObject): number {
  return Number(metadata["resourceVersion"] ?? 0);
}
