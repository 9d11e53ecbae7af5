import type { PropertyMap, Value } from "./values.ts";

/** What a provider is told of the resource it works on. */
export interface ResourceRef {
  readonly urn: string;
  /** Type token, e.g. `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
}

/** What a provider is to make or change. */
export interface Task extends ResourceRef {
  /** How many resources, at the most, wait for it one after the other: where there is a queue, the longest goes first. */
  readonly urgency?: number | undefined;
}

export interface CheckFailure {
  /** Property path in Pulumi's notation, e.g. `spec.template.spec.containers[0].image`. */
  readonly property: string;
  readonly reason: string;
}

interface Checked {
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

/** What a provider says of a difference between the inputs in state and the new ones. */
export interface ProviderDiff {
  readonly changed: boolean;
  /** Property paths that cannot be changed in place, each with the reason a person reads. Empty: update in place. */
  readonly replaces: readonly { readonly path: string; readonly reason: string }[];
  /** Whether the old object has to go before the new one can exist (same physical name). */
  readonly deleteBeforeReplace: boolean;
}

export interface PlannedCreate {
  readonly resource: ResourceRef;
  readonly inputs: PropertyMap;
}

/** A change in place, or with a reason to replace of an object by one of the same name. */
export interface PlannedChange extends PlannedCreate {
  readonly old: LiveResource;
  readonly replaces: boolean;
}

/** What a plan can tell of a resource: values that it cannot are unknown. */
export interface Planned {
  readonly id?: string;
  readonly outputs: PropertyMap;
}

/** A resource as the outside world has it. */
export interface LiveResource {
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

/** Who has set a field, as the API server keeps it in `metadata.managedFields`. */
export interface FieldManager {
  /** `kubectl-edit`, `kube-controller-manager` */
  readonly manager: string;
  /** `Apply` or `Update`. */
  readonly operation: string;
  /** ISO time of the manager's last change of any field of the object. */
  readonly time?: string;
  /** `scale` */
  readonly subresource?: string;
}

/** A place where the live object is not as its inputs have it. */
export interface LiveDifference {
  /** Property path in Pulumi's notation, in the inputs. */
  readonly path: string;
  /** Undefined: not to be there. Secrets as such. */
  readonly expected: Value | undefined;
  /** Undefined: not there. */
  readonly live: Value | undefined;
  /** Whose the place is now. None where nobody records it: of what was taken out. The latest first. */
  readonly managers: readonly FieldManager[];
}

/** What a look at a live object finds. */
export interface Sight {
  readonly is: "gone" | "there";
  readonly differences: readonly LiveDifference[];
  /** Who else has set fields of the object, the latest first. */
  readonly writers: readonly FieldManager[];
  /** What could not be looked at, and why. */
  readonly note?: string;
}

/**
 * One configured provider instance, in the engine's own process. The methods mean what they mean in Pulumi's
 * `ResourceProvider` protocol. Inputs and outputs keep their `Secret` wrappers; a provider wraps what it copies.
 * Every method throws an `Error` whose message is fit for a person; the engine adds the URN.
 */
export interface Provider {
  /** Validates and normalises inputs. Inputs may hold unknowns during a plan. */
  check(resource: ResourceRef, olds: PropertyMap | undefined, news: PropertyMap): Promise<Checked>;
  diff(resource: ResourceRef, old: LiveResource, news: PropertyMap): Promise<ProviderDiff>;
  /**
   * Looks for what `creates` would run into, all at once and before anything is changed: an object that exists and is
   * not ours, an unreachable API, expired credentials. Returns one message per problem.
   */
  preflight?(creates: readonly PlannedCreate[]): Promise<readonly string[]>;
  /**
   * Looks for what `changes` would run into, before anything is changed: a field that cannot be changed, and nobody knew.
   * @param all of every provider, creates included: what these depend on may change in the same run.
   */
  rehearse?(changes: readonly PlannedChange[], all: readonly PlannedCreate[]): Promise<readonly string[]>;
  /** Creates and waits until ready. Called twice for one resource (after a crash) it must converge, not fail. */
  create(resource: Task, inputs: PropertyMap, signal: AbortSignal): Promise<Omit<LiveResource, "inputs">>;
  /** The outputs of a create or update that a plan can already tell. @param old what is updated. */
  plan(resource: ResourceRef, inputs: PropertyMap, old?: LiveResource): Planned | Promise<Planned>;
  /** `undefined` when the object is gone. */
  read(resource: ResourceRef, known: LiveResource): Promise<LiveResource | undefined>;
  /** Like `read`, but tells who did what. Changes nothing. */
  look?(resource: ResourceRef, known: LiveResource): Promise<Sight>;
  update(resource: Task, old: LiveResource, news: PropertyMap, signal: AbortSignal): Promise<{ outputs: PropertyMap }>;
  /** Deletes and waits until it is gone. Deleting what is gone already is success. */
  delete(resource: ResourceRef, old: LiveResource, signal: AbortSignal): Promise<void>;
  /** Whether two resources in state are one and the same object. @default - they are not */
  isSame?(one: LiveResource, other: LiveResource): boolean;
  /** A function of the package, e.g. `aws:index/getRegion:getRegion`; `undefined` when it has none of that name. */
  invoke?(token: string, args: PropertyMap): Promise<PropertyMap | undefined>;
  close?(): Promise<void>;
}

/** Makes the provider instance that a `pulumi:providers:<package>` resource with these inputs describes. */
export interface ProviderFactory {
  (config: PropertyMap): Promise<Provider>;
  /**
   * Which changes of a configuration lead to another place, where nothing of what was made is: then everything is made
   * anew there. @default - none
   */
  readonly diffConfig?: (olds: PropertyMap, news: PropertyMap) => ProviderDiff["replaces"];
}

/** A factory whose providers are wrapped. */
export function wrapped(
  factory: ProviderFactory,
  configure: (config: PropertyMap) => Promise<Provider>,
): ProviderFactory {
  const { diffConfig } = factory;
  return Object.assign(configure, diffConfig === undefined ? {} : { diffConfig });
}
