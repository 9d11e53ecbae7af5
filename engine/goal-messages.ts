import resourcePb, {
  type RegisterResourceRequest,
  type TransformResourceOptions,
} from "@pulumi/pulumi/proto/resource_pb.js";
import type { CustomTimeouts } from "./deployment.ts";
import type { Goal, GoalOptions } from "./goal.ts";
import type { PropertyMap } from "./values.ts";

/** Goals as the protocol's messages carry them. */

/** @throws for what this engine does not do, by the option's name. */
export function goalOf(request: RegisterResourceRequest, inputs: PropertyMap): Goal {
  refuse({
    "a remote component": request.getRemote(),
    import: request.getImportid() !== "",
    hooks: request.hasHooks(),
    replacementTrigger: request.hasReplacementTrigger(),
    replaceWith: request.getReplaceWithList().length > 0,
    stateMigrations: request.getStateMigrationsList().length > 0,
  });
  const propertyDependencies: [string, readonly string[]][] = [];
  request.getPropertydependenciesMap().forEach((dependencies, key) => {
    const urns = dependencies.getUrnsList();
    if (urns.length > 0) propertyDependencies.push([key, urns]);
  });
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: orUndefined(request.getParent()),
    inputs,
    propertyDependencies: Object.fromEntries(propertyDependencies),
    transforms: request.getTransformsList(),
    dependencies: request.getDependenciesList(),
    protect: request.getProtect() ?? false,
    provider: orUndefined(request.getProvider()),
    version: request.getVersion(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: request.getAliasesList(),
    customTimeouts: timeoutsOf(request.getCustomtimeouts()),
    retainOnDelete: request.getRetainondelete() ?? false,
    deletedWith: orUndefined(request.getDeletedwith()),
  };
}

/** The options as a transform is shown them. */
export function toTransformOptions(goal: Goal): TransformResourceOptions {
  const options = new resourcePb.TransformResourceOptions()
    .setDependsOnList([...goal.dependencies])
    .setIgnoreChangesList([...goal.ignoreChanges])
    .setReplaceOnChangesList([...goal.replaceOnChanges])
    .setVersion(goal.version)
    .setAliasesList([...goal.aliases])
    .setProvider(goal.provider ?? "")
    .setCustomTimeouts(toTimeouts(goal.customTimeouts))
    .setDeletedWith(goal.deletedWith ?? "")
    .setAdditionalSecretOutputsList([...goal.additionalSecretOutputs])
    .setProtect(goal.protect)
    .setRetainOnDelete(goal.retainOnDelete);
  return goal.deleteBeforeReplace === undefined ? options : options.setDeleteBeforeReplace(goal.deleteBeforeReplace);
}

/** The options that a transform answered with. */
export function fromTransformOptions(options: TransformResourceOptions): GoalOptions {
  refuse({
    "import (by a transform)": options.getImport() !== "",
    "hooks (by a transform)": options.hasHooks() && (options.getHooks()?.serializeBinary().length ?? 0) > 0,
    "replacementTrigger (by a transform)": options.hasReplacementTrigger(),
    "replaceWith (by a transform)": options.getReplaceWithList().length > 0,
  });
  return {
    dependencies: options.getDependsOnList(),
    protect: options.getProtect() ?? false,
    provider: orUndefined(options.getProvider()),
    version: options.getVersion(),
    deleteBeforeReplace: options.hasDeleteBeforeReplace() ? options.getDeleteBeforeReplace() : undefined,
    ignoreChanges: options.getIgnoreChangesList(),
    replaceOnChanges: options.getReplaceOnChangesList(),
    additionalSecretOutputs: options.getAdditionalSecretOutputsList(),
    aliases: options.getAliasesList(),
    customTimeouts: timeoutsOf(options.getCustomTimeouts()),
    retainOnDelete: options.getRetainOnDelete() ?? false,
    deletedWith: orUndefined(options.getDeletedWith()),
  };
}

const orUndefined = (text: string): string | undefined => (text === "" ? undefined : text);

function refuse(features: Readonly<Record<string, boolean>>): void {
  for (const [name, used] of Object.entries(features))
    if (used) throw new Error(`the offline engine does not support ${name}; use the Pulumi CLI for this program`);
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** Seconds of a duration as Go writes it: `30s`, `1h15m`. */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text))
    throw new Error(`customTimeouts: ${JSON.stringify(text)} is not a duration; write it as 30s, 5m or 1h15m`);
  const parts = text.matchAll(/([\d.]+)(ms|s|m|h)/g);
  return parts.reduce((sum, [, amount, unit = "s"]) => sum + Number(amount) * (unitSeconds[unit] ?? 1), 0);
}

function timeoutsOf(timeouts: RegisterResourceRequest.CustomTimeouts | undefined): CustomTimeouts {
  const texts = { create: timeouts?.getCreate(), update: timeouts?.getUpdate(), delete: timeouts?.getDelete() };
  const given = Object.entries(texts).filter(([, text]) => text !== undefined && text !== "");
  return Object.fromEntries(given.map(([name, text]) => [name, parseDuration(text ?? "")]));
}

function toTimeouts(timeouts: CustomTimeouts): RegisterResourceRequest.CustomTimeouts {
  const text = (seconds: number | undefined): string => (seconds === undefined ? "" : `${seconds}s`);
  return new resourcePb.RegisterResourceRequest.CustomTimeouts()
    .setCreate(text(timeouts.create))
    .setUpdate(text(timeouts.update))
    .setDelete(text(timeouts.delete));
}
