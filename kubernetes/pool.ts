import type { ClientOptions, KubernetesClient } from "./client.ts";
import { addStats, emptyStats, type RequestStats } from "./stats.ts";

/**
 * One client per cluster and credentials, however many provider resources name it: they share connections, discovery,
 * watches and the limit on concurrent requests.
 */
export class ClientPool {
  readonly #clients = new Map<string, Promise<KubernetesClient>>();
  readonly #made: KubernetesClient[] = [];
  readonly #options: Omit<ClientOptions, "kubeconfig" | "context">;

  constructor(options: Omit<ClientOptions, "kubeconfig" | "context"> = {}) {
    this.#options = options;
  }

  /**
   * `kubeconfig`: contents or a path; without it, what kubectl would take (`KUBECONFIG`, then `~/.kube/config`).
   * @throws UserError for a file, a context or a cluster that is not there.
   */
  get(where: Pick<ClientOptions, "kubeconfig" | "context">): Promise<KubernetesClient> {
    const key = JSON.stringify([where.kubeconfig, where.context]);
    const client = this.#clients.get(key) ?? this.#make(where);
    this.#clients.set(key, client);
    return client;
  }

  /** Loads the client ahead of its use. The official one below it is 900 modules: a third of a second. */
  async load(): Promise<void> {
    await import("./client.ts");
  }

  async #make(where: Pick<ClientOptions, "kubeconfig" | "context">): Promise<KubernetesClient> {
    const { KubernetesClient } = await import("./client.ts");
    const client = new KubernetesClient({ ...this.#options, ...where });
    this.#made.push(client);
    return client;
  }

  /** The requests of all clients so far. */
  get stats(): RequestStats {
    return this.#made.map((client) => client.stats).reduce(addStats, emptyStats());
  }

  /** When the last change of any of them was answered, in milliseconds since 1970. */
  get lastWrite(): number | undefined {
    const times = this.#made.flatMap((client) => client.lastWrite ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#clients.values());
    this.#clients.clear();
    await Promise.all(this.#made.splice(0).map((client) => client.close()));
  }
}
