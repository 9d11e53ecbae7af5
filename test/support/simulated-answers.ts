/** Mocks that answer as the simulated clouds do: ids and computed values look like the cloud's own. */
import assert from "node:assert/strict";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import { awsTable } from "../../engine/simulation/aws.ts";
import { azureNativeFunctions, azureNativeTable } from "../../engine/simulation/azure-native.ts";
import { azureadTable } from "../../engine/simulation/azuread.ts";
import { gcpTable } from "../../engine/simulation/gcp.ts";
import type { SimulationTable } from "../../engine/simulation/table.ts";
import type { PropertyMap, Value } from "../../engine/values.ts";
import { opened } from "./recording.ts";

const table: SimulationTable = { ...gcpTable, ...awsTable, ...azureNativeTable, ...azureadTable };

/** What the generated secrets are, in every test: to look for it where it must not be. */
export const generatedSecret = "generated-0123456789abcdefghijklmnop";

const random: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "random:index/randomPassword:RandomPassword": { result: generatedSecret, bcryptHash: `$2a$${generatedSecret}` },
  "random:index/randomString:RandomString": { result: "a1b2c3" },
  "random:index/randomUuid:RandomUuid": { result: "00000000-0000-4000-8000-0000000000ff" },
  "random:index/randomId:RandomId": { hex: "a1b2c3d4", b64Url: generatedSecret },
  "random:index/randomBytes:RandomBytes": { base64: generatedSecret, hex: "a1b2c3d4" },
};

/** @param config of the cloud's provider. */
export function simulatedAnswer(config: PropertyMap) {
  return ({ type, name, inputs }: MockResourceArgs): Readonly<Record<string, unknown>> => {
    const known = table[type];
    if (known === undefined) return random[type] ?? {};
    const plain = open(inputs as Value) as PropertyMap;
    const { autoName } = known;
    const named = autoName === undefined ? plain : { [autoName.property]: `${name}-a1b2c3d`, ...plain };
    const { id, outputs } = known.answer({ token: "sim-0123456789", config, inputs: named });
    return { ...named, ...outputs, id };
  };
}

/** What functions answer that take the cluster's name. */
export function simulatedCall(token: string): Readonly<Record<string, unknown>> {
  const answer = azureNativeFunctions[token];
  assert.ok(answer, `a preview must need no credentials, and ${token} does`);
  return answer({ resourceName: "kubeflow" });
}

/** With nothing wrapped, to any depth. */
function open(value: unknown): unknown {
  const bare = opened(value);
  if (Array.isArray(bare)) return bare.map(open);
  if (typeof bare !== "object" || bare === null) return bare;
  return Object.fromEntries(Object.entries(bare).map(([key, item]) => [key, open(item)]));
}
