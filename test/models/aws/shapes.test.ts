import assert from "node:assert/strict";
import type { PropertyMap } from "../../../engine/values.ts";
import { requestProblems, type Service } from "./shapes.ts";
import { requestsOf, type AwsType } from "./translate.ts";

/** A service with one of everything that a model can say. */
const service: Service = {
  operations: { CreateThing: { input: { shape: "Thing" } }, OldThing: { deprecated: true } },
  shapes: {
    Thing: {
      type: "structure",
      required: ["ThingName", "Token"],
      members: {
        ThingName: { shape: "Name" },
        Token: { shape: "Text", idempotencyToken: true },
        Mode: { shape: "Mode" },
        Size: { shape: "Size" },
        Encrypted: { shape: "Flag" },
        Parts: { shape: "Parts" },
        Attributes: { shape: "Attributes" },
        Source: { shape: "Source" },
        Tags: { shape: "Tags" },
        Old: { shape: "Text", deprecated: true, deprecatedMessage: "take Mode" },
      },
    },
    Name: { type: "string", min: 2, max: 4, pattern: "[a-z\\-]+" },
    Text: { type: "string" },
    Mode: { type: "string", enum: ["fast", "slow"] },
    Size: { type: "integer", min: 1, max: 9 },
    Flag: { type: "boolean" },
    Parts: { type: "list", max: 1, member: { shape: "Part" } },
    Part: { type: "structure", required: ["URL"], members: { URL: { shape: "Text" } } },
    Attributes: { type: "map", key: { shape: "AttributeName" }, value: { shape: "Text" } },
    AttributeName: { type: "string", enum: ["MaxSize"] },
    Source: { type: "structure", union: true, members: { Left: { shape: "Text" }, Right: { shape: "Text" } } },
    Tags: { type: "list", member: { shape: "Tag" } },
    Tag: { type: "structure", members: { TagKey: { shape: "Text" }, TagValue: { shape: "Text" } } },
  },
};

const problems = (request: PropertyMap) => requestProblems(service, "CreateThing", { ThingName: "abc", ...request });

describe("a request, by a model of botocore", () => {
  it("is right as the model has it", () => {
    const whole = {
      ...{ Mode: "fast", Size: 9, Encrypted: true, Parts: [{ URL: "u" }], Attributes: { MaxSize: "1" } },
      ...{ Source: { Left: "a" }, Tags: [{ TagKey: "k", TagValue: "v" }] },
    };
    assert.deepEqual(problems(whole), []);
  });

  const wrong: readonly (readonly [string, PropertyMap, RegExp])[] = [
    ["an unknown member", { Parts: [{ URL: "u", Url: "u" }] }, /^Parts\[0\]\.Url: unknown member; known: URL$/],
    ["another type", { Size: "3" }, /^Size: "3" is no integer$/],
    ["a fraction for an integer", { Size: 1.5 }, /^Size: 1\.5 is no integer$/],
    ["null", { Size: null }, /^Size: null is no integer$/],
    ["a member that is missing", { Parts: [{}] }, /^Parts\[0\]\.URL: is required$/],
    ["a word that is no choice", { Mode: "FAST" }, /^Mode: "FAST" is none of fast, slow$/],
    ["a text that is too short", { ThingName: "a" }, /^ThingName: 1 characters is less than 2$/],
    ["a text that is too long", { ThingName: "abcde" }, /^ThingName: 5 characters is more than 4$/],
    ["a text that matches in part only", { ThingName: "ab!" }, /^ThingName: "ab!" does not match/],
    ["a number out of range", { Size: 10 }, /^Size: 10 is more than 9$/],
    ["too many items", { Parts: [{ URL: "u" }, { URL: "v" }] }, /^Parts: 2 items is more than 1$/],
    ["a key that is no choice", { Attributes: { Min: "1" } }, /^Attributes\{key\}: "Min" is none of MaxSize$/],
    ["a value of a map", { Attributes: { MaxSize: 1 } }, /^Attributes\["MaxSize"\]: 1 is no string$/],
    ["two members of a union", { Source: { Left: "a", Right: "b" } }, /^Source: has 2 members, and may have one$/],
    ["none of a union", { Source: {} }, /^Source: has 0 members/],
    ["what is deprecated", { Old: "a" }, /^Old: is deprecated: take Mode$/],
  ];
  for (const [what, request, problem] of wrong) {
    it(`is wrong with ${what}`, () => {
      const found = problems(request);
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", problem);
    });
  }

  it("may have a deprecated member that is excused, and no other mistake in its place", () => {
    const excused = (request: PropertyMap) =>
      requestProblems(service, "CreateThing", { ThingName: "abc", ...request }, ["Old"]);
    assert.deepEqual(excused({ Old: "a" }), []);
    assert.deepEqual(excused({ Old: 1 }), ["Old: 1 is no string"]);
  });

  it("has to be of an operation that there is, and that is not deprecated", () => {
    assert.match(requestProblems(service, "MakeThing", {})[0] ?? "", /no such operation/);
    assert.match(requestProblems(service, "OldThing", {})[0] ?? "", /deprecated/);
  });

  it("tells of a model that this check does not understand", () => {
    const odd: Service = { ...service, shapes: { ...service.shapes, Flag: { type: "bigdecimal" } } };
    assert.match(requestProblems(odd, "CreateThing", { ThingName: "abc", Encrypted: true })[0] ?? "", /bigdecimal/);
  });
});

describe("inputs of a resource", () => {
  const requests = (type: AwsType, inputs: PropertyMap, outputs: PropertyMap = {}) =>
    requestsOf(type, { type: "t", name: "n", inputs, outputs, provider: {} }, () => service).map(
      ({ call, request }) => [call.operation, request] as const,
    );
  const create = { operation: "s.CreateThing" };

  it("take the model's names, whatever their case and number, and its types", () => {
    const inputs = { thingName: "abc", size: "3", encrypted: "true", part: { url: "u" }, attributes: { maxSize: "1" } };
    const request = {
      ...{ ThingName: "abc", Size: 3, Encrypted: true },
      ...{ Parts: [{ URL: "u" }], Attributes: { MaxSize: "1" } },
    };
    assert.deepEqual(requests({ calls: [create] }, inputs), [["s.CreateThing", request]]);
  });

  it("stay in the request under their own name when the model has none for them", () => {
    const found = requests({ calls: [create] }, { thingName: "abc", colour: "red" }).flatMap(([, request]) =>
      problems(request),
    );
    assert.match(found.join(), /^colour: unknown member/);
  });

  it("are renamed where they have another name, inside of lists too", () => {
    const type = { calls: [{ ...create, renames: { name: "thingName", "parts.address": "url" } }] };
    assert.deepEqual(requests(type, { name: "abc", parts: [{ address: "u" }] }), [
      ["s.CreateThing", { ThingName: "abc", Parts: [{ URL: "u" }] }],
    ]);
  });

  it("have the tags that all resources have, as the service writes tags", () => {
    assert.deepEqual(requests({ calls: [create] }, { tags: { a: "1" } }, { tagsAll: { a: "1", b: "2" } }), [
      [
        "s.CreateThing",
        {
          Tags: [
            { TagKey: "a", TagValue: "1" },
            { TagKey: "b", TagValue: "2" },
          ],
        },
      ],
    ]);
  });

  it("go to the call that takes them, which is not made without", () => {
    const type = { calls: [create, { ...create, takes: ["size"], shares: ["thingName"] }], dropped: { force: "" } };
    assert.deepEqual(requests(type, { thingName: "abc", force: true }), [["s.CreateThing", { ThingName: "abc" }]]);
    assert.deepEqual(requests(type, { thingName: "abc", size: 1 }), [
      ["s.CreateThing", { ThingName: "abc" }],
      ["s.CreateThing", { ThingName: "abc", Size: 1 }],
    ]);
  });
});
