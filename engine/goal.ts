import type { Alias } from "@pulumi/pulumi/proto/alias_pb.js";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb.js";
import resourcePb, {
  type RegisterResourceRequest,
  type TransformResourceOptions,
} from "@pulumi/pulumi/proto/resource_pb.js";
import type { CustomTimeouts, ResourceState } from "./deployment.ts";
import { makeUrn, nameOfUrn, parseUrn, providerPackage, typeOfUrn } from "./urn.ts";
import { signatures } from "./marshal.ts";
import { isMap, Secret, type PropertyMap, type Value } from "./values.ts";

/** What the program wants a resource to be. */
export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly parent: string | undefined;
  readonly inputs: PropertyMap;
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** Run on this resource and on its children. */
  readonly transforms: readonly Callback[];
  /** As transforms are shown them, and answer them. */
  readonly options: TransformResourceOptions;
}

/** @throws for what this engine does not do, by the option's name. */
export function goalOf(request: RegisterResourceRequest, inputs: PropertyMap): Goal {
  refuseUnsupported(request, {
    import: request.getImportid() !== "",
    "a remote component": request.getRemote(),
    stateMigrations: request.getStateMigrationsList().length > 0,
    hideDiffs: request.getHidediffsList().length > 0,
    envVarMappings: request.getEnvvarmappingsMap().getLength() > 0,
  });
  if (holdsAsset(inputs)) throw new Error(unsupported("assets and archives"));
  const propertyDependencies: [string, readonly string[]][] = [];
  request.getPropertydependenciesMap().forEach((dependencies, key) => {
    propertyDependencies.push([key, dependencies.getUrnsList()]);
  });
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent() || undefined,
    inputs,
    propertyDependencies: Object.fromEntries(propertyDependencies),
    transforms: request.getTransformsList(),
    options: optionsOf(request),
  };
}

function optionsOf(request: RegisterResourceRequest): TransformResourceOptions {
  const options = new resourcePb.TransformResourceOptions()
    .setDependsOnList(request.getDependenciesList())
    .setIgnoreChangesList(request.getIgnorechangesList())
    .setReplaceOnChangesList(request.getReplaceonchangesList())
    .setVersion(request.getVersion())
    .setAliasesList(request.getAliasesList())
    .setProvider(request.getProvider())
    .setCustomTimeouts(request.getCustomtimeouts())
    .setDeletedWith(request.getDeletedwith())
    .setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  // Where nothing is said the parent's holds, which is not the same as "no".
  if (request.hasProtect()) options.setProtect(request.getProtect() ?? false);
  if (request.hasRetainondelete()) options.setRetainOnDelete(request.getRetainondelete() ?? false);
  if (request.getDeletebeforereplacedefined()) options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  return options;
}

/** @throws for what this engine does not do, by the option's name. */
export function refuseUnsupported(
  options: RegisterResourceRequest | TransformResourceOptions,
  more: Readonly<Record<string, boolean>>,
): void {
  const features = {
    ...more,
    hooks: (options.getHooks()?.serializeBinary().length ?? 0) > 0,
    replacementTrigger: options.hasReplacementTrigger(),
    replaceWith: options.getReplaceWithList().length > 0,
  };
  for (const [name, used] of Object.entries(features)) if (used) throw new Error(unsupported(name));
}

const unsupported = (name: string): string =>
  `the offline engine does not support ${name}; use the Pulumi CLI for this program`;

/** Whether a file or an archive is among the values: its content is not looked at here, so a change would not be seen. */
function holdsAsset(value: Value): boolean {
  if (value instanceof Secret) return holdsAsset(value.value);
  if (Array.isArray(value)) return (value as readonly Value[]).some(holdsAsset);
  if (!isMap(value)) return false;
  const kind = value[signatures.key];
  return kind === signatures.asset || kind === signatures.archive || Object.values(value).some(holdsAsset);
}

/** What a resource takes from its parent where it says nothing itself (pulumi/pulumi source_eval.go, `inheritFromParent`). */
export function inheriting(goal: Goal, parent: ResourceState | undefined): Goal {
  if (parent === undefined) return goal;
  const { options } = goal;
  const { protect, retainOnDelete, deletedWith = "" } = parent;
  if (options.getDeletedWith() === "") options.setDeletedWith(deletedWith);
  if (!options.hasProtect() && protect !== undefined) options.setProtect(protect);
  if (!options.hasRetainOnDelete() && retainOnDelete !== undefined) options.setRetainOnDelete(retainOnDelete);
  return goal;
}

/**
 * A provider notes the version of the plugin that the program asks for, as Pulumi's engine has it in its inputs
 * (pulumi/pulumi pkg/resource/deploy/providers/registry.go, `SetProviderVersion`). Other goals stay as they are.
 */
export function withPluginVersion(goal: Goal): Goal {
  const version = goal.options.getVersion();
  if (providerPackage(goal.type) === undefined || version === "") return goal;
  return { ...goal, inputs: { ...goal.inputs, [pluginKey]: {}, version } };
}

/** What is the engine's own of a provider's inputs, and nothing of its plugin's. */
const pluginKey = "__internal";

/** What a provider gives out: its inputs, but for the engine's own. */
export function providerOutputs(inputs: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== pluginKey));
}

/** A resource's state as far as its goal decides it: no id, no outputs yet. */
export function stateOf(urn: string, goal: Goal, provider: string | undefined, inputs: PropertyMap): ResourceState {
  const { type, custom, parent, options } = goal;
  // The SDK gathers them as they resolve, in another order each time.
  const sorted = (urns: readonly string[]): readonly string[] => [...new Set(urns)].sort();
  const properties = Object.entries(goal.propertyDependencies).filter(([, urns]) => urns.length > 0);
  return {
    urn,
    type,
    custom,
    id: "",
    inputs,
    outputs: {},
    parent,
    provider,
    dependencies: sorted(options.getDependsOnList()),
    propertyDependencies: Object.fromEntries(properties.map(([key, urns]) => [key, sorted(urns)])),
    protect: options.getProtect() || undefined,
    retainOnDelete: options.getRetainOnDelete() || undefined,
    deletedWith: options.getDeletedWith() || undefined,
    additionalSecretOutputs: options.getAdditionalSecretOutputsList(),
    customTimeouts: timeoutsOf(options.getCustomTimeouts()),
  };
}

function timeoutsOf(timeouts: RegisterResourceRequest.CustomTimeouts | undefined): CustomTimeouts {
  const texts = { create: timeouts?.getCreate(), update: timeouts?.getUpdate(), delete: timeouts?.getDelete() };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text ? [[name, parseDuration(text)]] : [])),
  );
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** Seconds of a duration as Go writes it: `30s`, `1h15m`. */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text))
    throw new Error(`customTimeouts: ${JSON.stringify(text)} is not a duration; write it as 30s, 5m or 1h15m`);
  const parts = text.matchAll(/([\d.]+)(ms|s|m|h)/g);
  return parts.reduce((sum, [, amount, unit = "s"]) => sum + Number(amount) * (unitSeconds[unit] ?? 1), 0);
}

/**
 * The URNs that a resource may have had: what its aliases say, and what follows from its parent having been renamed.
 * @param parentAlias the URN under which the parent was found in state, when that is not its own.
 */
export function aliasUrns(goal: Goal, urn: string, parentAlias: string | undefined): ReadonlySet<string> {
  const own = goal.options.getAliasesList().map((alias) => resolveAlias(alias, goal, urn));
  const urns = new Set(own);
  if (goal.parent !== undefined && parentAlias !== undefined) {
    const parent = goal.parent;
    for (const alias of [urn, ...own])
      urns.add(inheritedAlias(typeOfUrn(alias), nameOfUrn(alias), nameOfUrn(parent), parentAlias));
  }
  urns.delete(urn);
  return urns;
}

function resolveAlias(alias: Alias, goal: Goal, urn: string): string {
  const spec = alias.getSpec();
  if (spec === undefined) return alias.getUrn();
  const current = parseUrn(urn);
  const given = (text: string, otherwise: string): string => (text === "" ? otherwise : text);
  const parent = spec.getNoparent() ? undefined : given(spec.getParenturn(), goal.parent ?? "");
  const of = { stack: given(spec.getStack(), current.stack), project: given(spec.getProject(), current.project) };
  return makeUrn(of, given(spec.getType(), goal.type), given(spec.getName(), goal.name), parent || undefined);
}

/** A child named after its parent (`web-port` below `web`) was named after the old parent before. */
function inheritedAlias(type: string, name: string, parentName: string, parentAlias: string): string {
  const oldName = name.startsWith(parentName) ? nameOfUrn(parentAlias) + name.slice(parentName.length) : name;
  return makeUrn(parseUrn(parentAlias), type, oldName, parentAlias);
}
