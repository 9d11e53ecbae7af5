import { KubernetesClient, type ClientOptions } from "./client.ts";
import { addStats, emptyStats, type RequestStats } from "./stats.ts";

/**
 * One client per cluster and credentials, however many provider resources name it: they share connections, discovery,
 * watches and the limit on concurrent requests.
 */
export class ClientPool {
  readonly #clients = new Map<string, KubernetesClient>();
  readonly #options: Omit<ClientOptions, "kubeconfig" | "context">;

  constructor(options: Omit<ClientOptions, "kubeconfig" | "context"> = {}) {
    this.#options = options;
  }

  /** `kubeconfig`: contents or a path; without it, what kubectl would take (`KUBECONFIG`, then `~/.kube/config`). */
  get(where: Pick<ClientOptions, "kubeconfig" | "context">): KubernetesClient {
    const key = JSON.stringify([where.kubeconfig, where.context]);
    let client = this.#clients.get(key);
    if (client === undefined) {
      client = new KubernetesClient({ ...this.#options, ...where });
      this.#clients.set(key, client);
    }
    return client;
  }

  /** The requests of all clients so far. */
  get stats(): RequestStats {
    return [...this.#clients.values()].map((client) => client.stats).reduce(addStats, emptyStats());
  }

  /** When the last change of any of them was answered, in milliseconds since 1970. */
  get lastWrite(): number | undefined {
    const times = [...this.#clients.values()].flatMap((client) => client.lastWrite ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    this.#clients.clear();
  }
}
