import assert from "node:assert/strict";
import fc from "fast-check";
import { leanCrd, leanSchema } from "../../release/lean.ts";

/** A schema without texts, and the same one with a text at every schema in it. */
interface Pair {
  readonly bare: unknown;
  readonly described: unknown;
}

const merged = (parts: readonly (readonly [string, Pair])[], side: keyof Pair) =>
  Object.fromEntries(parts.map(([key, pair]) => [key, pair[side]]));

/** Names that look like keywords are names all the same. */
const propertyName = fc.constantFrom("description", "properties", "items", "default", "name", "spec");
/** Values that look like schemas are values all the same. */
const literal = fc.constantFrom<unknown>({ description: "a value" }, ["description"], "text", 1, null);

const leaf = fc.constant<Pair>({ bare: { type: "string" }, described: { type: "string", description: "A text." } });

const { schema } = fc.letrec<{ schema: Pair; node: Pair; byName: Pair; list: Pair }>((tie) => ({
  byName: fc.array(fc.tuple(propertyName, tie("schema")), { maxLength: 3 }).map((parts) => ({
    bare: merged(parts, "bare"),
    described: merged(parts, "described"),
  })),
  list: fc.array(tie("schema"), { maxLength: 2 }).map((items) => ({
    bare: items.map((item) => item.bare),
    described: items.map((item) => item.described),
  })),
  schema: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf, tie("node")),
  node: fc
    .record(
      {
        properties: tie("byName"),
        patternProperties: tie("byName"),
        definitions: tie("byName"),
        items: fc.oneof(tie("schema"), tie("list")),
        additionalProperties: fc.oneof(tie("schema"), fc.constant({ bare: true, described: true })),
        not: tie("schema"),
        allOf: tie("list"),
        anyOf: tie("list"),
        oneOf: tie("list"),
        default: literal.map((value) => ({ bare: value, described: value })),
        enum: literal.map((value) => ({ bare: [value], described: [value] })),
        "x-kubernetes-validations": literal.map((value) => ({ bare: [value], described: [value] })),
      },
      { requiredKeys: [], noNullPrototype: true },
    )
    .map((keywords) => {
      const parts = Object.entries(keywords);
      return {
        bare: merged(parts, "bare"),
        described: { description: "A text.", ...merged(parts, "described") },
      };
    }),
}));

describe("lean CRDs", () => {
  it("drops the texts of all schemas and nothing else", () => {
    fc.assert(
      fc.property(schema, ({ bare, described }) => assert.deepEqual(leanSchema(described), bare)),
      {
        numRuns: 500,
      },
    );
  });

  it("changes nothing where there is no text", () => {
    fc.assert(fc.property(schema, ({ bare }) => assert.deepEqual(leanSchema(bare), bare)));
  });

  it("keeps what the schemas of a CRD are not: names, conversion, printer columns with their texts", () => {
    const crd = (openAPIV3Schema: unknown) => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "queues.sample.example.com", annotations: { description: "kept" } },
      spec: {
        conversion: { strategy: "None" },
        versions: [
          {
            name: "v1",
            additionalPrinterColumns: [{ name: "Depth", description: "kept" }],
            schema: { openAPIV3Schema },
          },
        ],
      },
    });
    const described = crd({
      description: "dropped",
      properties: { description: { type: "string", description: "x" } },
    });
    assert.deepEqual(leanCrd(described), crd({ properties: { description: { type: "string" } } }));
  });
});
