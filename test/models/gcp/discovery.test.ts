import assert from "node:assert/strict";
import type { PropertyMap, Value } from "../../../engine/values.ts";
import { requestProblems, type Discovery, type Schema } from "./discovery.ts";

/** A document with one method, `things.insert`, whose body is of these properties. */
function documentOf(properties: Readonly<Record<string, Schema>>, schemas: Discovery["schemas"] = {}): Discovery {
  const project = { type: "string", location: "path", required: true, pattern: "[a-z]{3,}" } as const;
  return {
    schemas: { ...schemas, Thing: { type: "object", properties } },
    resources: {
      things: {
        methods: { insert: { id: "api.things.insert", parameters: { project }, request: { $ref: "Thing" } } },
        resources: { parts: { methods: { start: { id: "api.things.parts.start" } } } },
      },
    },
  };
}

function problems(properties: Readonly<Record<string, Schema>>, body: PropertyMap): readonly string[] {
  return requestProblems(documentOf(properties), "things.insert", { parameters: { project: "abc" }, body });
}

/** What is said of one value. */
function problemOf(schema: Schema, value: Value): readonly string[] {
  return problems({ x: schema }, { x: value });
}

describe("a request against a discovery document", () => {
  it("has to be of a method that there is, nested or not", () => {
    const request = { parameters: {}, body: {} };
    assert.deepEqual(requestProblems(documentOf({}), "things.parts.stop", request), [
      "the document has no such method",
    ]);
    assert.deepEqual(requestProblems(documentOf({}), "things.parts.start", request), []);
    assert.deepEqual(requestProblems(documentOf({}), "things.parts.start", { parameters: {}, body: { a: 1 } }), [
      "a: the method takes no body",
    ]);
  });

  it("needs the parameters of the path, in their form, and no others", () => {
    const check = (parameters: PropertyMap) =>
      requestProblems(documentOf({}), "things.insert", { parameters, body: {} });
    assert.deepEqual(check({}), ["project: is required"]);
    assert.deepEqual(check({ project: "abC" }), ['project: "abC" does not match [a-z]{3,}']);
    assert.deepEqual(check({ project: "abc", zone: "z" }), ["zone: unknown; known: project"]);
  });

  it("has no property that the schema does not know, at any depth", () => {
    const inner: Schema = { type: "object", properties: { y: { type: "string" } } };
    assert.deepEqual(problemOf(inner, { z: "a" }), ["x.z: unknown; known: y"]);
    assert.deepEqual(problemOf({ type: "array", items: inner }, [{ y: "a" }, { z: "a" }]), [
      "x[1].z: unknown; known: y",
    ]);
    assert.deepEqual(problemOf({ type: "object", additionalProperties: inner }, { any: { z: "a" } }), [
      'x["any"].z: unknown; known: y',
    ]);
  });

  it("follows references, and tells one that leads nowhere", () => {
    const document = documentOf({ x: { $ref: "Part" }, y: { $ref: "Lost" } }, { Part: { type: "boolean" } });
    const request = { parameters: { project: "abc" }, body: { x: "no", y: 1 } };
    assert.deepEqual(requestProblems(document, "things.insert", request), [
      'x: "no" is no boolean',
      "y: the document has no schema Lost",
    ]);
  });

  it("has values of the type and the format", () => {
    const cases: readonly (readonly [Schema, good: readonly Value[], bad: readonly Value[]])[] = [
      [{ type: "string" }, ["", "a"], [1, true, null, {}, []]],
      [{ type: "boolean" }, [false], ["false", 0]],
      [{ type: "integer", format: "int32" }, [0, -1, 2147483647], ["1", 1.5, 2147483648]],
      [{ type: "integer", format: "uint32" }, [4294967295], [-1]],
      [{ type: "string", format: "int64" }, ["9223372036854775807", 5], ["9223372036854775808", "5.0", "five", 1.5]],
      [{ type: "string", format: "uint64" }, ["18446744073709551615"], ["-1"]],
      [{ type: "number", format: "double" }, [0.5, 1], ["0.5"]],
      [{ type: "string", format: "google-duration" }, ["7776000s", "1.5s"], ["90d", "7776000"]],
      [{ type: "string", format: "google-datetime" }, ["2026-01-04T02:00:00Z"], ["2026-01-04T02:00:00", "2026-01-04"]],
      [{ type: "string", format: "google-fieldmask" }, ["bindings,etag"], ["a b"]],
      [{ type: "array", items: { type: "string" } }, [[], ["a"]], ["a", {}]],
      [{ type: "object", additionalProperties: { type: "string" } }, [{}, { a: "b" }], [[], { a: 1 }]],
      [{ type: "any" }, ["a", 1, {}, []], []],
    ];
    for (const [schema, good, bad] of cases) {
      for (const value of good) assert.deepEqual(problemOf(schema, value), [], JSON.stringify([schema, value]));
      for (const value of bad) assert.notDeepEqual(problemOf(schema, value), [], JSON.stringify([schema, value]));
    }
  });

  it("is not passed by a type or a format that the check does not know", () => {
    assert.deepEqual(problemOf({ type: "string", format: "new" }, "a"), [
      "x: format new is not one that this test knows",
    ]);
    assert.deepEqual(problemOf({ type: "new" }, "a"), ['x: "a" is no value of a type that this test knows: new']);
  });

  it("has values of the enum, the pattern and the range", () => {
    const named: Schema = { type: "string", enum: ["A", "B"], enumDeprecated: [false, true] };
    assert.deepEqual(problemOf(named, "A"), []);
    assert.deepEqual(problemOf(named, "a"), ['x: "a" is none of A, B']);
    assert.deepEqual(problemOf(named, "B"), ["x: B is deprecated"]);
    assert.deepEqual(problemOf({ type: "string", pattern: "[a-z]+|[0-9]+" }, "a1"), [
      'x: "a1" does not match [a-z]+|[0-9]+',
    ]);
    const ranged: Schema = { type: "string", format: "int64", minimum: "1", maximum: "3" };
    assert.deepEqual(problemOf(ranged, "2"), []);
    assert.deepEqual(problemOf(ranged, "0"), ["x: 0 is less than 1"]);
    assert.deepEqual(problemOf(ranged, 4), ["x: 4 is more than 3"]);
  });

  it("has what is required of this method, by annotation or by description", () => {
    assert.deepEqual(problems({ x: { type: "string", annotations: { required: ["api.things.insert"] } } }, {}), [
      "x: is required",
    ]);
    assert.deepEqual(problems({ x: { type: "string", annotations: { required: ["api.things.patch"] } } }, {}), []);
    assert.deepEqual(problems({ x: { type: "string", description: "Required. Its name." } }, {}), ["x: is required"]);
    assert.deepEqual(problems({ x: { type: "string", description: "Required for disks only." } }, {}), []);
  });

  it("has nothing that is read only, and nothing that is deprecated without a reason", () => {
    assert.deepEqual(problemOf({ type: "string", readOnly: true }, "a"), ["x: is read only"]);
    assert.deepEqual(problemOf({ type: "string", description: "Output only. The id." }, "a"), ["x: is read only"]);
    const old: Schema = { type: "string", deprecated: true, description: "Use y." };
    assert.deepEqual(problemOf(old, "a"), ["x: is deprecated: Use y."]);
    const request = { parameters: { project: "abc" }, body: { x: "a" } };
    assert.deepEqual(requestProblems(documentOf({ x: old }), "things.insert", request, ["x"]), []);
  });

  it("keeps to limits that only a description tells", () => {
    const text = (description: string, value: string) => problemOf({ type: "string", description }, value);
    assert.deepEqual(text("Must be 6-30 characters long.", "short"), ["x: 5 characters are less than 6"]);
    assert.deepEqual(text("The name can be up to 4 characters.", "longer"), ["x: 6 characters are more than 4"]);
    assert.deepEqual(text("must match the regular expression `[a-z]+`", "A"), ['x: "A" does not match [a-z]+']);
    assert.equal(text("* Lowercase letters, numbers, and hyphens only.", "Ab").length, 1);
    assert.equal(text("must comply withRFC1035", "a-").length, 1);
    assert.deepEqual(text("An example is `a`. It may be anything.", "B c"), []);
    assert.equal(problemOf({ type: "number", description: "must be in [0, 1]." }, 1.5).length, 1);
    const list: Schema = { type: "array", items: { type: "string" }, description: "A maximum of 2 are allowed" };
    assert.deepEqual(problemOf(list, ["a", "b", "c"]), ["x: 3 are more than 2"]);
  });

  it("keeps to limits of labels that only a description tells", () => {
    const description =
      "may contain up to 2 entries. Keys and values may be no longer than 3 characters: lowercase letters, numerals, underscores, and dashes";
    const labels: Schema = { type: "object", additionalProperties: { type: "string" }, description };
    assert.deepEqual(problemOf(labels, { a: "", b: "1_-" }), []);
    assert.deepEqual(problemOf(labels, { a: "", b: "", c: "" }), ["x: 3 entries are more than 2"]);
    for (const wrong of [{ A: "a" }, { a: "A" }, { a: "long" }, { "1": "a" }]) {
      assert.equal(problemOf(labels, wrong).length, 1, JSON.stringify(wrong));
    }
  });

  it("names members in one of the forms that a description lists", () => {
    const description =
      "`members` can have the following values: * `allUsers`: Anyone. * `user:{emailid}`: Somebody. " +
      "* `principal://iam.googleapis.com/projects/{project_number}/pools/{pool_id}/subject/{subject_attribute_value}`: One.";
    const schema: Schema = { type: "array", items: { type: "string" }, description };
    const members = [
      "allUsers",
      "user:a@example.com",
      "principal://iam.googleapis.com/projects/1/pools/p/subject/ns/a/sa/b",
    ];
    assert.deepEqual(problemOf(schema, members), []);
    for (const wrong of ["a@example.com", "user:a", "group:a@example.com", "principal://iam.googleapis.com/pools/p"]) {
      assert.deepEqual(problemOf(schema, [wrong]), [`x: "${wrong}" has none of the forms that are told`]);
    }
  });
});
