import type { KubernetesClient, ObjectRef } from "../../kubernetes/client.ts";
import { ApiError, explain } from "../../kubernetes/errors.ts";
import { describeObject, objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { messageOf, UserError } from "../../shared/errors.ts";
import { awaitGone } from "./deletion.ts";
import { otherManagers, ownedFields, withMark } from "./ownership.ts";
import { findForeign, foreignMessage } from "./preflight.ts";
import { awaitReady } from "./readiness.ts";

export interface KeeperOptions {
  readonly fieldManager: string;
  readonly adopt?: boolean;
  readonly progress?: (message: string) => void;
}

/** How an object is known to be ours: by the name under which it was applied, or as the very one that we made. */
export interface Claim {
  readonly manager: string;
  readonly uid: string | undefined;
}

/** How a change is asked for. */
export interface Call {
  readonly signal: AbortSignal;
  /** Of what waits to be sent, the most urgent goes first. @default more than any other */
  readonly urgency?: number | undefined;
}

/** Makes, changes and deletes the objects of one stack, and touches nobody else's. */
export class ObjectKeeper {
  readonly client: KubernetesClient;
  readonly fieldManager: string;
  readonly #adopt: boolean;
  readonly #progress: (message: string) => void;
  /** Objects of which a preflight has found that nobody else has one of that name. */
  readonly #free = new Set<string>();

  constructor(client: KubernetesClient, { fieldManager, adopt = false, progress = () => undefined }: KeeperOptions) {
    this.client = client;
    this.fieldManager = fieldManager;
    this.#adopt = adopt;
    this.#progress = progress;
  }

  /** What making these objects would run into: one message a problem. */
  async preflight(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
    try {
      const { foreign, free } = await findForeign(objects, this.client, this.fieldManager);
      free.forEach((object) => this.#free.add(objectKey(object)));
      return this.#adopt ? [] : foreign.map((object) => foreignMessage(object, this.fieldManager));
    } catch (error) {
      if (error instanceof UserError) return [error.message];
      throw error;
    }
  }

  /**
   * Asks the API server to apply the object without doing it. Only what it calls invalid is told: what a webhook, a
   * quota or a right stands in the way of may be changed by the very run that is to come.
   */
  async rehearse(
    object: KubernetesObject,
    { manager: fieldManager }: Pick<Claim, "manager">,
  ): Promise<string | undefined> {
    try {
      await this.client.apply(withMark(object, fieldManager), { fieldManager, force: true, dryRun: true });
      return undefined;
    } catch (error) {
      if (error instanceof ApiError) {
        // A body that does not fit the schema of its kind is a 500 without a reason.
        const isInvalid = error.status === 422 || (error.status === 500 && error.reason === undefined);
        return isInvalid ? messageOf(explain(error, object, "dry run")) : undefined;
      }
      if (error instanceof UserError) return error.message;
      throw error;
    }
  }

  /** Makes the object, or what a run that was cut off left of it, and waits until it is ready. */
  async create(object: KubernetesObject, call: Call): Promise<KubernetesObject> {
    if (!this.#adopt && !this.#free.has(objectKey(object))) {
      const existing = await this.client.get(object, { metadataOnly: true, signal: call.signal });
      if (existing !== undefined && ownedFields(existing, this.fieldManager) === undefined) {
        const { apiVersion, kind } = object;
        throw new UserError(foreignMessage({ ...existing, apiVersion, kind }, this.fieldManager));
      }
    }
    return this.update(object, { manager: this.fieldManager, uid: undefined }, call);
  }

  /** Applies under the manager that applied it before, and waits until it is ready. */
  async update(object: KubernetesObject, claim: Claim, call: Call): Promise<KubernetesObject> {
    const applied = await this.#apply(object, claim, call).catch((error: unknown) => {
      throw explain(error, object, "apply");
    });
    return awaitReady(applied, { client: this.client, signal: call.signal, progress: this.#progress });
  }

  /**
   * Applies what is ours by state, or what has just been found free: fields that somebody else has changed meanwhile
   * are taken back, and said so. The first try is without force only to learn of them.
   */
  async #apply(object: KubernetesObject, claim: Claim, call: Call): Promise<KubernetesObject> {
    const { manager: fieldManager } = claim;
    const marked = withMark(object, fieldManager);
    try {
      return await this.client.apply(marked, { fieldManager, force: this.#adopt, ...call });
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isFieldConflict) throw error;
      const existing = await this.client.get(object, { metadataOnly: true, signal: call.signal });
      if (existing === undefined || !isClaimed(existing, claim)) throw error;
      const fields = error.causes.map(({ field = "" }) => field.replace(/^\./, "")).join(", ");
      this.tell(object, `${fields} taken back from ${otherManagers(existing, fieldManager).join(", ")}`);
      return this.client.apply(marked, { fieldManager, force: true, ...call });
    }
  }

  /** The live object, if it is ours. */
  async get(ref: ObjectRef, claim: Claim): Promise<KubernetesObject | undefined> {
    const live = await this.client.get(ref);
    return live !== undefined && isClaimed(live, claim) ? live : undefined;
  }

  /** Deletes the object with `uid` and waits until it is gone; another one of its name is left alone. */
  async delete(object: KubernetesObject, uid: string | undefined, signal: AbortSignal): Promise<void> {
    const policy = object.metadata.annotations?.["pulumi.com/deletionPropagationPolicy"];
    const propagation = policy === "foreground" ? "Foreground" : policy === "orphan" ? "Orphan" : "Background";
    try {
      const deleting = await this.client.delete(object, { uid, propagation, signal });
      if (deleting !== undefined) await awaitGone(deleting, this.client, signal);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw explain(error, object, "delete");
      this.tell(object, `left alone, as it is not the object that this stack made (${error.message})`);
    }
  }

  tell(object: KubernetesObject, message: string): void {
    this.#progress(`${describeObject(object)}: ${message}`);
  }
}

function isClaimed(object: KubernetesObject, { manager, uid }: Claim): boolean {
  return object.metadata["uid"] === uid || ownedFields(object, manager) !== undefined;
}
