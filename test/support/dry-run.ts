/** Server-side dry run of objects against a real API server, as strict as it can be told to be. */
import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";
import { KubernetesClient } from "../../kubernetes/client.ts";
import { Connection } from "../../kubernetes/connection.ts";
import { ApiError } from "../../kubernetes/errors.ts";
import { describeObject, objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { messageOf } from "../../shared/errors.ts";

const manager = "pulumi-kubeflow-dry-run";
const together = 16;

export interface Refusal {
  readonly object: string;
  readonly reason: string;
}

/** What is there for real: CRDs and namespaces, without which the API can judge nothing. Everything else is dry. */
export class DryRun {
  readonly #client: KubernetesClient;
  readonly #connection: Connection;
  readonly #there = new Set<string>();

  constructor(kubeconfig: string) {
    this.#client = new KubernetesClient({ kubeconfig });
    this.#connection = new Connection({ kubeconfig });
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#connection.close()]);
  }

  /** Applies the CRDs that are not there yet, and waits until their kinds are served. */
  async install(crds: readonly KubernetesObject[]): Promise<void> {
    const queue = new PQueue({ concurrency: together });
    const missing = crds.filter((crd) => !this.#there.has(objectKey(crd)));
    await Promise.all(
      missing.map((crd) =>
        queue.add(async () => {
          this.#there.add(objectKey(crd));
          const applied = await this.#client.apply(crd, { fieldManager: manager, force: true });
          await this.#client.waitFor(applied, (now) => (isEstablished(now) ? true : undefined));
        }),
      ),
    );
  }

  /** @returns what the API would not take, and why. */
  async refusals(objects: readonly KubernetesObject[]): Promise<readonly Refusal[]> {
    await this.#makeNamespaces(objects);
    const queue = new PQueue({ concurrency: together });
    const answers = await Promise.all(objects.map((object) => queue.add(() => this.#refusal(object))));
    return answers.filter((refusal) => refusal !== undefined);
  }

  /** Those of the objects, and those that they are in. */
  async #makeNamespaces(objects: readonly KubernetesObject[]): Promise<void> {
    const names = new Set(
      objects.flatMap(({ kind, metadata }) => (kind === "Namespace" ? [metadata.name] : (metadata.namespace ?? []))),
    );
    const existing = ["default", "kube-system", "kube-public", "kube-node-lease"];
    for (const name of names) {
      const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
      if (existing.includes(name) || this.#there.has(objectKey(namespace))) continue;
      this.#there.add(objectKey(namespace));
      await this.#client.apply(namespace, { fieldManager: manager, force: true });
    }
  }

  async #refusal(object: KubernetesObject): Promise<Refusal | undefined> {
    try {
      await this.#dryRun(object);
      return undefined;
    } catch (error) {
      return { object: `${object.apiVersion} ${describeObject(object)}`, reason: messageOf(error) };
    }
  }

  async #dryRun(object: KubernetesObject): Promise<void> {
    const type = await this.#client.resourceType(object.apiVersion, object.kind);
    if (type === undefined) throw new Error("the API serves no such kind");
    const located = this.#client.located(object, type);
    const { namespace } = located.metadata;
    const root = object.apiVersion.includes("/") ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
    const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
    const name = encodeURIComponent(object.metadata.name);
    // Strict: a field that the schema does not have is refused, where the API would only warn and drop it.
    const query = `dryRun=All&force=true&fieldManager=${manager}&fieldValidation=Strict`;
    const path = `${root}${scope}/${type.plural}/${name}?${query}`;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const contentType = "application/apply-patch+yaml";
        await this.#connection.request({ method: "PATCH", path, contentType, body: located });
        return;
      } catch (error) {
        // A kind that discovery shows may be refused for a moment.
        const isNew = error instanceof ApiError && error.status === 404 && error.reason === undefined;
        if (!isNew || attempt === 50) throw error;
        await delay(200);
      }
    }
  }
}

function isEstablished(crd: KubernetesObject | undefined): boolean {
  const conditions = (crd?.["status"] as { conditions?: readonly { type: string; status: string }[] } | undefined)
    ?.conditions;
  return conditions?.some(({ type, status }) => type === "Established" && status === "True") === true;
}
