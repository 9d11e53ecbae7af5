import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluate } from "../../policy/evaluate.ts";
import type { Resource, Settings } from "../../policy/rule.ts";
import { rules } from "../../policy/rules/index.ts";
import { settingsOf } from "../../policy/settings.ts";
import { isMap, unknown, type Properties, type Value } from "../../policy/values.ts";
import { soundStack } from "./sound-stack/sound-stack.ts";
import { changed, set, wrongs } from "./violations.ts";

const prod: Settings = { environment: "prod", maxGpuNodesPerPool: 16, unprotected: [] };
const sound = Object.values<Resource>(soundStack);

type Path = readonly (string | number)[];

/** Every place in a value, its own included. */
function pathsIn(value: Value, path: Path = []): readonly Path[] {
  if (Array.isArray(value)) {
    return [path, ...(value as readonly Value[]).flatMap((item, index) => pathsIn(item, [...path, index]))];
  }
  if (!isMap(value)) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => pathsIn(item, [...path, key]))];
}

describe("policy rules", () => {
  it("have nothing to say of a sound stack", () => {
    assert.deepEqual(evaluate(sound, prod), []);
  });

  for (const { name } of rules) {
    describe(name, () => {
      const own = wrongs.filter(({ rule }) => rule === name);
      it("has ways to be violated", () => assert.notEqual(own.length, 0));
      for (const wrong of own) {
        it(`refuses ${wrong.resource} with ${Object.keys(wrong.change).join(", ")}: ${wrong.message.source}`, () => {
          const found = evaluate(changed(wrong), prod).filter(({ rule }) => rule === name);
          assert.equal(found.length > 0, true, "nothing was found");
          assert.ok(
            found.some(({ message }) => wrong.message.test(message)),
            JSON.stringify(found),
          );
        });
      }
    });
  }

  it("are violated by every row, so that no row is of a rule that is gone", () => {
    const names = new Set(rules.map(({ name }) => name));
    assert.deepEqual(
      wrongs.filter(({ rule }) => !names.has(rule)),
      [],
    );
  });

  it("take no value that is not known for a violation, wherever it is in a sound resource", () => {
    // The known role of upstream is excused by its name alone.
    for (const resource of sound.filter((other) => other !== soundStack.dexRole)) {
      for (const path of pathsIn(resource.props).filter(({ length }) => length > 0)) {
        const props = set(resource.props, path, unknown) as Properties;
        const stack = sound.map((other) => (other === resource ? { ...resource, props } : other));
        assert.deepEqual(evaluate(stack, prod), [], `${resource.urn} ${path.join(".")}`);
      }
    }
  });

  it("survive properties of any shape", () => {
    const json = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Value>(null, true, false, 0, "*", "[", unknown),
        fc.array(tie("value"), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom("spec", "rules", "policy", "Statement", "taints", "tags"), tie("value")),
      ),
    })).value;
    fc.assert(
      fc.property(fc.constantFrom(...sound), json, fc.nat(), (resource, value, place) => {
        const paths = pathsIn(resource.props).filter(({ length }) => length > 0);
        const path = paths[place % Math.max(1, paths.length)] ?? ["spec"];
        evaluate([{ ...resource, props: set(resource.props, path, value) as Properties }], prod);
      }),
      { numRuns: 500 },
    );
  });

  it("never tell the value of a credential", () => {
    const found = evaluate(changed({ resource: "secret", change: { "stringData.password": "minio123" } }), prod);
    assert.deepEqual(
      found.map(({ rule }) => rule),
      ["no-known-credentials"],
    );
    assert.doesNotMatch(JSON.stringify(found), /minio123/);
  });
});

describe("policy settings", () => {
  const levels = (environment: Settings["environment"]): Readonly<Record<string, string>> => {
    const stack = changed({ resource: "gcs", change: { encryption: undefined, labels: undefined } });
    const found = evaluate(stack, { ...prod, environment });
    return Object.fromEntries(found.map(({ rule, enforcement }) => [rule, enforcement]));
  };

  it("advise in dev, insist on security in staging, and on everything in prod", () => {
    assert.deepEqual(levels("dev"), { "encrypted-buckets": "advisory", "labels-present": "advisory" });
    assert.deepEqual(levels("staging"), { "encrypted-buckets": "mandatory", "labels-present": "advisory" });
    assert.deepEqual(levels("prod"), { "encrypted-buckets": "mandatory", "labels-present": "mandatory" });
  });

  it("take the largest GPU pool from the stack's configuration", () => {
    const larger = settingsOf({ "kubeflow:environment": "dev", "policy:maxGpuNodesPerPool": "32" });
    assert.deepEqual(larger, { settings: { environment: "dev", maxGpuNodesPerPool: 32, unprotected: [] } });
    const settings: Settings = { environment: "dev", maxGpuNodesPerPool: 32, unprotected: [] };
    const stack = changed({ resource: "gkePool", change: { "autoscaling.totalMaxNodeCount": 17 } });
    assert.deepEqual(evaluate(stack, settings), []);
  });

  it("are as strict as in prod where no stack is known", () => {
    assert.deepEqual(settingsOf({}), { settings: prod });
  });

  it("lets go of the data that somebody named, and of no other", () => {
    const { gcs, cloudSql, account } = soundStack;
    const open = [gcs, cloudSql, account].map((resource) => ({ ...resource, protect: false }));
    const urns = open.map(({ urn }) => urn);
    const named = (unprotected: readonly string[]) =>
      evaluate([...Object.values(soundStack).filter(({ urn }) => !urns.includes(urn)), ...open], {
        ...prod,
        unprotected,
      })
        .filter(({ rule }) => rule === "protected-data")
        .map(({ urn }) => urn.split("::").at(-1));
    const all = open.map(({ urn }) => urn.split("::").at(-1) ?? "");
    assert.deepEqual(new Set(named([])), new Set(all));
    for (const name of all) assert.deepEqual(new Set(named([name])), new Set(all.filter((other) => other !== name)));
    const { problem } = settingsOf({ "policy:unprotected": "artifacts" }) as { problem: string };
    assert.match(problem, /^policy:unprotected: "artifacts": expected a list of names/);
  });

  it("name the key that is wrong and what it is", () => {
    const result = settingsOf({ "kubeflow:environment": "test", "policy:maxGpuNodesPerPool": "many" });
    const problem = "problem" in result ? result.problem : "";
    assert.match(problem, /kubeflow:environment: "test"/);
    assert.match(problem, /policy:maxGpuNodesPerPool: "many"/);
  });
});
