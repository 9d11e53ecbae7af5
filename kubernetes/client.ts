import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../shared/errors.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { ApiError, isNotFound } from "./errors.ts";
import { describeObject, type KubernetesObject } from "./objects.ts";
import type { RequestStats } from "./stats.ts";
import { Watches, type Verdict } from "./watch.ts";

export type ClientOptions = ConnectionOptions;

/** What names an object. */
export type ObjectRef = Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">;

/** A kind as the API server serves it. */
export interface ResourceType {
  readonly apiVersion: string;
  readonly kind: string;
  /** `deployments` */
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  /** Take over fields that belong to others. @default false */
  readonly force?: boolean;
  /** Change nothing. @default false */
  readonly dryRun?: boolean;
  /** Of what waits to be sent, the most urgent goes first. @default more than any other */
  readonly urgency?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DeleteOptions {
  /** Delete this object, not another of its name: else the server answers 409. */
  readonly uid?: string | undefined;
  /** @default "Background" */
  readonly propagation?: "Background" | "Foreground" | "Orphan";
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Only `metadata` of each object: what a listing of large objects is spared. @default false */
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface WaitOptions {
  /** Look at the metadata of the object only, which large objects change cheaply. @default false */
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
}

const METADATA = "as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const METADATA_LIST = "as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
/** How long a kind that discovery shows may still be refused, by a server of several that does not know it yet. */
const NEW_KIND_SECONDS = 30;

interface Discovered {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

interface Listed {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  /** `null` for none, in listings of metadata. */
  readonly items: readonly KubernetesObject[] | null;
}

/** A Kubernetes API: discovery, server-side apply, reads, deletes and waits. Knows nothing of what it is used for. */
export class KubernetesClient {
  readonly #connection: Connection;
  readonly #watches: Watches;
  readonly #types = new Map<string, ReadonlyMap<string, ResourceType>>();
  readonly #discovering = new Map<string, Promise<ReadonlyMap<string, ResourceType>>>();

  constructor(options: ClientOptions = {}) {
    this.#connection = new Connection(options);
    this.#watches = new Watches(this.#connection);
  }

  /** Of the API server, e.g. `1.34`. */
  async serverVersion(): Promise<string> {
    const version = (await this.#connection.request({ method: "GET", path: "/version" })) as Record<string, string>;
    // Managed clusters write the minor version as `33+`.
    return `${version["major"] ?? ""}.${(version["minor"] ?? "").replace(/\D+$/, "")}`;
  }

  /** Requests so far, by verb and status. */
  get stats(): RequestStats {
    return this.#connection.stats;
  }

  /** When the last change was answered, in milliseconds since 1970. */
  get lastWrite(): number | undefined {
    return this.#connection.lastWrite;
  }

  /** The namespace of objects that name none. */
  get defaultNamespace(): string {
    return this.#connection.namespace;
  }

  /** How the server serves a kind; `undefined` when it does not. What is known is not asked for again. */
  async resourceType(apiVersion: string, kind: string): Promise<ResourceType | undefined> {
    return this.#types.get(apiVersion)?.get(kind) ?? (await this.#discover(apiVersion)).get(kind);
  }

  #discover(apiVersion: string): Promise<ReadonlyMap<string, ResourceType>> {
    const running = this.#discovering.get(apiVersion);
    if (running !== undefined) return running;
    const started = this.#fetchTypes(apiVersion).finally(() => this.#discovering.delete(apiVersion));
    this.#discovering.set(apiVersion, started);
    return started;
  }

  async #fetchTypes(apiVersion: string): Promise<ReadonlyMap<string, ResourceType>> {
    const found = await orAbsent(this.#connection.request({ method: "GET", path: groupPath(apiVersion) }));
    const resources = (found as Discovered | undefined)?.resources ?? [];
    const types = new Map<string, ResourceType>();
    for (const { name: plural, kind, namespaced } of resources) {
      if (!plural.includes("/")) types.set(kind, { apiVersion, kind, plural, namespaced });
    }
    this.#types.set(apiVersion, types);
    return types;
  }

  /**
   * Server-side apply: creates the object or changes the fields that it has, and drops those that the manager applied
   * before and no longer has.
   * @returns the object as it is now.
   */
  async apply(object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    const { fieldManager, force = false, dryRun = false, urgency, signal } = options;
    const query = new URLSearchParams({
      fieldManager,
      // It would read every body twice, to warn of keys that are there twice: JSON.stringify writes none.
      fieldValidation: "Ignore",
      ...(force ? { force: "true" } : {}),
      ...(dryRun ? { dryRun: "All" } : {}),
    });
    const started = Date.now();
    for (;;) {
      const type = await this.#requireType(object);
      try {
        return (await this.#connection.request({
          method: "PATCH",
          path: `${this.#objectPath(type, object)}?${query.toString()}`,
          contentType: "application/apply-patch+yaml",
          body: this.located(object, type),
          urgency,
          signal,
        })) as KubernetesObject;
      } catch (error) {
        if (Date.now() - started > NEW_KIND_SECONDS * 1000 || !mayPass(error)) throw error;
        await delay(100, undefined, { signal });
      }
    }
  }

  /** Changes some fields of the object's status, if the object is still at its `resourceVersion`; else ApiError 409. */
  async patchStatus(
    object: KubernetesObject,
    status: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<KubernetesObject> {
    const { resourceVersion } = object.metadata;
    return (await this.#connection.request({
      method: "PATCH",
      path: `${this.#objectPath(await this.#requireType(object), object)}/status`,
      contentType: "application/merge-patch+json",
      body: { metadata: { resourceVersion }, status },
      signal,
    })) as KubernetesObject;
  }

  /** The object, or `undefined` when it, or its kind, is not there. */
  async get(ref: ObjectRef, options: WaitOptions = {}): Promise<KubernetesObject | undefined> {
    const type = await this.resourceType(ref.apiVersion, ref.kind);
    if (type === undefined) return undefined;
    const accept = options.metadataOnly === true ? `application/json;${METADATA}` : "application/json";
    const path = this.#objectPath(type, ref);
    const request = this.#connection.request({ method: "GET", path, accept, signal: options.signal });
    return (await orAbsent(request)) as KubernetesObject | undefined;
  }

  /** All objects of a kind, of one namespace or of all. None when the kind is not there. */
  async list(apiVersion: string, kind: string, options: ListOptions = {}): Promise<readonly KubernetesObject[]> {
    const type = await this.resourceType(apiVersion, kind);
    if (type === undefined) return [];
    const { namespace, labelSelector, fieldSelector, metadataOnly = false, signal } = options;
    const accept = metadataOnly ? `application/json;${METADATA_LIST}` : "application/json";
    const items: KubernetesObject[] = [];
    const query = new URLSearchParams({ limit: "500" });
    if (labelSelector !== undefined) query.set("labelSelector", labelSelector);
    if (fieldSelector !== undefined) query.set("fieldSelector", fieldSelector);
    for (;;) {
      const path = `${collectionPath(type, namespace)}?${query.toString()}`;
      const page = (await this.#connection.request({ method: "GET", path, accept, signal })) as Listed;
      items.push(...(page.items ?? []).map((item) => ({ ...item, apiVersion, kind })));
      if (!page.metadata.continue) return items;
      query.set("continue", page.metadata.continue);
    }
  }

  /**
   * Asks for the object's deletion.
   * @returns the object while finalizers hold it, `undefined` once it is gone.
   * @throws ApiError 409 when the object of that name is not the one with `uid`.
   */
  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<KubernetesObject | undefined> {
    const type = await this.resourceType(ref.apiVersion, ref.kind);
    if (type === undefined) return undefined;
    const { uid, propagation = "Background", signal } = options;
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: propagation, ...preconditions };
    const request = this.#connection.request({ method: "DELETE", path: this.#objectPath(type, ref), body, signal });
    const answer = (await orAbsent(request)) as KubernetesObject | undefined;
    // What goes at once is answered with a Status, or (Services, ServiceAccounts) as it was at its end.
    return answer?.metadata["deletionTimestamp"] === undefined ? undefined : answer;
  }

  /**
   * Follows an object through one watch per kind until `verdict` has something to say, and returns that.
   * @param object as the server last gave it: it is judged first, and followed from its resourceVersion.
   */
  async waitFor<T>(object: KubernetesObject, verdict: Verdict<T>, options: WaitOptions = {}): Promise<T> {
    const type = await this.#requireType(object);
    const accept = options.metadataOnly === true ? `application/json;${METADATA}` : "application/json";
    const current = () => this.get(object, options);
    return this.#watches.waitFor({
      path: collectionPath(type),
      accept,
      object,
      current,
      verdict,
      signal: options.signal,
    });
  }

  /** Ends all connections and waits. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** The object with the namespace that it has on the server: the default one, or none for a cluster-scoped kind. */
  located(object: KubernetesObject, type: ResourceType): KubernetesObject {
    const { namespace = this.defaultNamespace, ...metadata } = object.metadata;
    return { ...object, metadata: type.namespaced ? { ...metadata, namespace } : metadata };
  }

  async #requireType(ref: ObjectRef): Promise<ResourceType> {
    const type = await this.resourceType(ref.apiVersion, ref.kind);
    if (type !== undefined) return type;
    throw new UserError(
      `${describeObject(ref)}: the API server has no kind ${ref.kind} in ${ref.apiVersion}. Check that its ` +
        "CustomResourceDefinition is installed before it and serves this version",
    );
  }

  #objectPath(type: ResourceType, { metadata }: ObjectRef): string {
    // Without a name the path would be that of all objects of the kind.
    if (metadata.name === "") throw new Error(`a ${type.kind} without a name`);
    return `${collectionPath(type, metadata.namespace ?? this.defaultNamespace)}/${encodeURIComponent(metadata.name)}`;
  }
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function collectionPath(type: ResourceType, namespace?: string): string {
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${groupPath(type.apiVersion)}${scope}/${type.plural}`;
}

/** A write that crossed another one, or a new kind that one server of several does not serve yet. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (
    (error.status === 409 && !error.isFieldConflict && error.reason !== "Invalid") ||
    (error.status === 404 && error.reason === undefined)
  );
}

async function orAbsent(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
