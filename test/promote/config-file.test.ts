import assert from "node:assert/strict";
import fc from "fast-check";
import { format } from "prettier";
import { parse, stringify } from "yaml";
import { configOf, editConfig, valueAt } from "../../cli/promote/config-file.ts";

const text = `# The head stays.
config:
  kubeflow:target: gke
  # Why this release.
  kubeflow:release: "26.03" # until May
  kubeflow:components:
    preset: minimal
    # Of the environment.
    size: small
  kubeflow:edge: { issuer: { kind: self-signed }, hosts: [a.example.com] }
  kubeflow:list:
    - one
    # the end
encryptionsalt: v1:abc
`;

describe("changes of a stack's file", () => {
  it("touch the lines of their keys alone, comments and all", () => {
    const edited = editConfig(text, [
      { path: ["kubeflow:release"], value: "1.11.0" },
      { path: ["kubeflow:components", "preset"], value: undefined },
      { path: ["kubeflow:components", "without"], value: ["katib"] },
      { path: ["kubeflow:crds"], value: "full" },
      { path: ["kubeflow:list"], value: undefined },
    ]);
    assert.equal(
      edited,
      text
        .replace('"26.03"', '"1.11.0"')
        .replace("    preset: minimal\n", "")
        .replace("    size: small\n", "    size: small\n    without:\n      - katib\n")
        .replace("  kubeflow:list:\n    - one\n    # the end\n", "  kubeflow:crds: full\n"),
    );
  });

  it("are formatted as the other files are", async () => {
    const flow = "config:\n  kubeflow:a: { size: small, list: [x] }\n";
    const edited = editConfig(flow, [
      { path: ["kubeflow:a", "with"], value: ["kserve", { a: 1 }] },
      { path: ["kubeflow:b"], value: [{ name: "x", values: { list: [1, 2], empty: [] } }] },
    ]);
    assert.match(edited, /^ {2}kubeflow:a: \{ size: small, list: \[x\], with: \[kserve, \{ a: 1 \}\] \}$/m);
    assert.equal(edited, await format(edited, { parser: "yaml", printWidth: 120 }));
  });

  it("are none where nothing changes", () => {
    assert.equal(editConfig(text, []), text);
  });

  it("reach a map that is written as JSON text, and a file that is JSON", () => {
    const json = JSON.stringify({ config: { "kubeflow:components": '{"preset":"full","size":"small"}' } });
    const edited = editConfig(json, [{ path: ["kubeflow:components", "preset"], value: "minimal" }]);
    assert.deepEqual(configOf(edited, "f"), { "kubeflow:components": { preset: "minimal", size: "small" } });
  });

  it("come to what they say, whatever is in the file", () => {
    const scalar = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom("26.03", "# no", "a: b", "[", "- "),
    );
    const map = fc.dictionary(fc.constantFrom("preset", "size", "with", "a.b"), fc.oneof(scalar, fc.array(scalar)), {
      minKeys: 1,
      noNullPrototype: true,
    });
    const keys = ["kubeflow:a", "kubeflow:b", "kubeflow:c", "other:d"] as const;
    const config = fc.dictionary(fc.constantFrom(...keys), fc.oneof(scalar, map), {
      minKeys: 1,
      noNullPrototype: true,
    });
    const change = fc.record({
      path: fc.oneof(fc.tuple(fc.constantFrom(...keys))),
      value: fc.option(fc.oneof(scalar, map), { nil: undefined }),
    });
    fc.assert(
      fc.property(config, fc.uniqueArray(change, { selector: ({ path: [key] }) => key }), (given, changes) => {
        // A stack has a target, whatever else it has.
        const before = { ...given, "kubeflow:target": "gke" };
        const lines = `# head\n${stringify({ config: before, encryptionsalt: "s" })}# tail\n`;
        const edited = editConfig(lines, changes);
        const changed = new Map<string, unknown>(changes.map(({ path: [key], value }) => [key, value as unknown]));
        const all = Object.entries({ ...before, ...Object.fromEntries(changed) } as Readonly<Record<string, unknown>>);
        const wanted = Object.fromEntries(all.filter(([key, value]) => !changed.has(key) || value !== undefined));
        const parsed = parse(edited) as { readonly config: unknown; readonly encryptionsalt: unknown };
        assert.deepEqual(parsed.config ?? {}, wanted);
        assert.equal(parsed.encryptionsalt, "s");
        assert.match(edited, /^# head\n/);
        assert.match(edited, /# tail\n$/);
      }),
      { numRuns: 100 },
    );
  });

  it("say which file is none of a stack's", () => {
    assert.throws(() => configOf("a: 1", "Pulumi.x.yaml"), /Pulumi\.x\.yaml: it has no config/);
    assert.throws(() => configOf("config: {", "Pulumi.x.yaml"), /Pulumi\.x\.yaml/);
  });

  it("find a member of a map that is text", () => {
    assert.equal(valueAt({ "kubeflow:serving": '{"mode":"raw"}' }, ["kubeflow:serving", "mode"]), "raw");
  });
});
