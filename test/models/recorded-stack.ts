/** What a stack of stacks/config asks its cloud for, with names and ids as the cloud would give them. */
import { createHash } from "node:crypto";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import { readRawConfig } from "../../cli/stack-file.ts";
import { configuredStacks, loadProject } from "../../engine/project.ts";
import { checkInputs } from "../../engine/simulation/check.ts";
import type { SimulationTable } from "../../engine/simulation/table.ts";
import { isMap, type PropertyMap, type Value } from "../../engine/values.ts";
import { projectRoot } from "../../shared/paths.ts";
import { parseStackConfig, type StackConfig } from "../../stacks/config.ts";
import { targets } from "../../stacks/targets.ts";
import { isSecret, opened, record } from "../support/recording.ts";

/** A resource of a cloud as its provider is asked to create it. */
export interface CloudResource {
  readonly type: string;
  readonly name: string;
  /** Plain, and with the physical name that the provider makes up. */
  readonly inputs: PropertyMap;
  /** What the cloud adds, the id among it. */
  readonly outputs: PropertyMap;
  /** The provider's own configuration: region, default tags. */
  readonly provider: PropertyMap;
}

/** The cloud that answers. */
export interface RecordedCloud {
  /** Whose resources are given: `aws`. */
  readonly packages: readonly string[];
  /** Ids and outputs in the cloud's own form. */
  readonly table: SimulationTable;
  /** What is in an id beside the cloud's own words, where 17 hexadecimal digits are not as the cloud has it. */
  readonly token?: (type: string, digest: string) => string;
  /** What functions answer, where a target has to call one. */
  readonly functions?: (token: string) => PropertyMap;
}

/** Stacks of the cloud, by name. */
export async function stacksOf(target: StackConfig["target"]): Promise<ReadonlyMap<string, StackConfig>> {
  const names = await configuredStacks(await loadProject(projectRoot));
  const configs = await Promise.all(
    names.map(async (name) => [name, parseStackConfig(name, await readRawConfig(name))] as const),
  );
  return new Map(configs.filter(([, config]) => config.target === target));
}

/** Constructs the stack's target under mocks, and one service account's access to the bucket, as the platform does. */
export async function recordStack(
  config: StackConfig,
  { packages, table, functions, token = (_, digest) => digest.slice(0, 17) }: RecordedCloud,
): Promise<readonly CloudResource[]> {
  const providers = new Map<string, PropertyMap>();
  const resources: CloudResource[] = [];
  const answer = ({ type, name, inputs }: MockResourceArgs): PropertyMap => {
    const given = plainMap(inputs);
    if (type.startsWith(providerPrefix)) providers.set(type.slice(providerPrefix.length), given);
    const cloud = type.split(":", 1)[0] ?? "";
    if (!packages.includes(cloud)) return others[type]?.(digestOf(`${type} ${name}`), given) ?? {};
    const provider = providers.get(cloud) ?? {};
    const known = table[type];
    const named = known === undefined ? given : withName(type, name, known, given);
    const asked = { token: token(type, digestOf(`${type} ${name}`)), config: provider, inputs: named };
    const { id, outputs } = known?.answer(asked) ?? nothing;
    resources.push({ type, name, inputs: named, outputs: { ...outputs, id }, provider });
    return { ...named, ...outputs, id };
  };
  const make = async () => {
    const target = await targets[config.target]({
      ...config,
      kubeconfig: undefined,
      oauthClientSecret: undefined,
      secrets: {},
    });
    const serviceAccount = { namespace: "team-a", name: "default-editor" };
    const access = [{ prefix: "artifacts/team-a/", permission: "read-write" }] as const;
    target.identity?.bind("team-a-default-editor", serviceAccount, access, { parent: target.provider });
  };
  await record(make, answer, functions);
  return resources;
}

/** Of a type that the simulated cloud does not know; the test tells that it has no mapping. */
const nothing = { id: "unknown", outputs: {} };

const providerPrefix = "pulumi:providers:";

/** Of packages that are no cloud. @param digest of type and name, hexadecimal. */
const others: Readonly<Record<string, (digest: string, inputs: PropertyMap) => PropertyMap>> = {
  "random:index/randomPassword:RandomPassword": () => ({ result: "0123456789abcdefABCDEF0123456789" }),
  "random:index/randomString:RandomString": (digest, { length }) => ({ result: digest.slice(0, Number(length)) }),
  "random:index/randomUuid:RandomUuid": (digest) => ({
    result: digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5"),
  }),
};

function withName(type: string, name: string, known: SimulationTable[string], inputs: PropertyMap): PropertyMap {
  const ref = { urn: `urn:pulumi:test::kubeflow::${type}::${name}`, type, name };
  return checkInputs(ref, known, undefined, inputs).inputs;
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

function plainMap(value: unknown): PropertyMap {
  const map = plain(value);
  return isMap(map) ? map : {};
}

/** Without the wrappers of secrets. */
function plain(value: unknown): Value {
  if (isSecret(value)) return plain(opened(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}
