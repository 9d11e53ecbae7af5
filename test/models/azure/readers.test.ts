import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { CompositeMapper, Mapper } from "@azure/core-client";
import type { Value } from "../../../engine/values.ts";
import { Declarations } from "./declarations.ts";
import { schemaOfMapper } from "./mappers.ts";
import { placed } from "./placing.ts";
import { problemsOf, type Schema } from "./schema.ts";
import { operationOf } from "./sdks.ts";

const text = (rest: Partial<Mapper> = {}): Mapper => ({ type: { name: "String" }, ...rest });

const pool: CompositeMapper = {
  type: {
    name: "Composite",
    className: "Pool",
    modelProperties: {
      name: text({ serializedName: "name", required: true, constraints: { MaxLength: 4, Pattern: /^[a-z]+$/ } }),
      size: {
        serializedName: "properties.count",
        required: true,
        type: { name: "Number" },
        constraints: { InclusiveMaximum: 9 },
      },
      mode: text({ serializedName: "properties.mode" }),
      state: text({ serializedName: "properties.state", readOnly: true }),
      tier: { serializedName: "tier", type: { name: "Enum", allowedValues: ["Free", "Paid"] } },
      parts: {
        serializedName: "properties.parts",
        constraints: { MinItems: 1 },
        type: { name: "Sequence", element: { type: { name: "Composite", className: "Pool" } } },
      },
      identities: { serializedName: "identities", type: { name: "Dictionary", value: { type: { name: "any" } } } },
    },
  },
};

const sources = {
  "index.d.ts": `
    export * from "./models/index.js";
    export { Client } from "./client.js";
    declare interface Pool_2 { mode?: Mode }
    type Mode = string;
    declare enum KnownMode { System = "System", User = "User" }
    export { Pool_2 as Pool };
  `,
  "models/index.d.ts": `
    import type { Base as Foundation } from "./base.js";
    export interface Zone extends Foundation {
      kind: "Public" | "Private";
      readonly state?: string;
      links?: Array<Zone>;
      tags?: Record<string, string>;
      count?: number | null;
    }
  `,
  "models/base.d.ts": `export interface Base { location: string; }`,
  "client.d.ts": `
    import type { ZonesOperations } from "./operations.js";
    export declare class Client { readonly zones: ZonesOperations; }
  `,
  "operations.d.ts": `
    import type { Zone } from "./models/index.js";
    export interface ZonesOperations {
      create: (groupName: string, zoneName: string, body: Zone, options?: object) => Promise<Zone>;
    }
  `,
};

describe("readers of Azure's models", () => {
  let folder: string;
  let declarations: Declarations;
  let ofMapper: Schema;

  before(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "kf-declarations-"));
    for (const [name, source] of Object.entries(sources)) {
      await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await fs.writeFile(path.join(folder, name), source);
    }
    declarations = new Declarations(path.join(folder, "index.d.ts"));
    ofMapper = schemaOfMapper(pool, { Pool: pool }, (name) => declarations.object(name));
  });

  after(() => fs.rm(folder, { recursive: true }));

  const wrong = (schema: Schema, value: Value): readonly string[] => problemsOf(schema, value, "");

  it("take from a mapper names, limits, what is required, and from declarations the values", () => {
    const good = {
      name: "ab",
      tier: "Free",
      properties: { count: 9, mode: "System", parts: [{ name: "a", properties: { count: 1 } }] },
    };
    assert.deepEqual(wrong(ofMapper, good), []);
    assert.deepEqual(wrong(ofMapper, { name: "ab" }), ["properties: is required"]);
    assert.deepEqual(wrong(ofMapper, { name: "ab", properties: {} }), ["properties.count: is required"]);
    assert.deepEqual(
      wrong(ofMapper, { name: "ABCDE", tier: "free", properties: { count: 10, mode: "system", parts: [] } }),
      [
        "name: 5 characters is more than 4",
        'name: "ABCDE" does not match ^[a-z]+$',
        'tier: "free" is none of Free, Paid',
        "properties.count: 10 is more than 9",
        'properties.mode: "system" is none of System, User',
        "properties.parts: 0 items is less than 1",
      ],
    );
    assert.deepEqual(wrong(ofMapper, { name: "a", other: 1, properties: { count: "1", state: "up" } }), [
      "other: Pool has no such member",
      'properties.count: "1" is no number',
      "properties.state: only Azure sets it",
    ]);
  });

  it("refuse a mapper that is one of several", () => {
    const shape: CompositeMapper = {
      type: { ...pool.type, polymorphicDiscriminator: { serializedName: "kind", clientName: "kind" } },
    };
    assert.throws(() => schemaOfMapper(shape, {}, (name) => declarations.object(name)), /told apart/);
  });

  it("take from declarations what an operation has in its URL and in its body", () => {
    const { parameters, bodyName, body } = declarations.operation("Client", "zones.create");
    assert.deepEqual([parameters, bodyName], [["groupName", "zoneName"], "Zone"]);
    assert.deepEqual(wrong(body, { location: "x", kind: "Public", tags: { a: "b" }, count: 1 }), []);
    assert.deepEqual(wrong(body, { kind: "public", state: "up", tags: { a: 1 }, links: [{ kind: "Private" }] }), [
      "location: is required",
      'kind: "public" is none of Public, Private',
      "state: only Azure sets it",
      "tags[a]: 1 is no text",
      "links[0].location: is required",
    ]);
    assert.throws(() => declarations.operation("Client", "zones.delete"), /no zones.delete/);
  });

  it("put inputs back where azure-native took them from, at any depth", () => {
    const inputs = {
      name: "ab",
      count: 1,
      parts: [{ name: "a", size: 2, state: "up" }],
      identities: ["/id"],
      other: 1,
    };
    assert.deepEqual(placed(ofMapper, inputs, ""), {
      value: {
        name: "ab",
        properties: { count: 1, parts: [{ name: "a", properties: { count: 2 } }] },
        identities: { "/id": {} },
      },
      lost: ["parts[0].state", "other"],
    });
  });

  it("read of a real model what a cluster may be", async () => {
    const { body, url } = await operationOf("containerservice", "managedClusters.beginCreateOrUpdate");
    const name = url.get("resourceName");
    assert.ok(name);
    assert.deepEqual(problemsOf(name, "kubeflow-", "name").length, 1);
    const request = placed(
      body,
      {
        location: "westeurope",
        networkProfile: { networkPlugin: "cni", podCidr: "10.0.0/8" },
        agentPoolProfiles: [{ vmSize: "a" }],
      },
      "",
    );
    assert.deepEqual(request.lost, []);
    assert.deepEqual(problemsOf(body, request.value, ""), [
      'properties.networkProfile.networkPlugin: "cni" is none of azure, kubenet, none',
      'properties.networkProfile.podCidr: "10.0.0/8" does not match ^([0-9]{1,3}\\.){3}[0-9]{1,3}(\\/([0-9]|[1-2][0-9]|3[0-2]))?$',
      "properties.agentPoolProfiles[0].name: is required",
    ]);
  });
});
