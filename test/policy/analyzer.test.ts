import assert from "node:assert/strict";
import { evaluate } from "../../policy/evaluate.ts";
import type { Resource } from "../../policy/rule.ts";
import { rules } from "../../policy/rules/index.ts";
import { soundStack } from "./sound-stack/sound-stack.ts";
import { startPack, type Diagnostic, type StartedPack } from "./support.ts";
import { changed, wrongs } from "./violations.ts";

const byName = new Map(rules.map((rule) => [rule.name, rule]));

/** What the offline engine finds, with the words that the Pulumi CLI puts around it. */
function expected(resources: readonly Resource[], environment: "dev" | "prod"): readonly string[] {
  return evaluate(resources, { environment, maxGpuNodesPerPool: 16, unprotected: [] })
    .map(({ rule, enforcement, urn, message }) => {
      const { title, remedy } = byName.get(rule) ?? assert.fail(rule);
      return { rule, enforcement, urn, message: `${title}\n${message}. ${remedy}` };
    })
    .map((diagnostic) => JSON.stringify(diagnostic))
    .sort();
}

async function analyzed(pack: StartedPack, resources: readonly Resource[]): Promise<readonly string[]> {
  const found: Diagnostic[] = [];
  for (const resource of resources) found.push(...(await pack.analyze(resource)));
  found.push(...(await pack.analyzeStack(resources)));
  return found.map((diagnostic) => JSON.stringify(diagnostic)).sort();
}

describe("the policy pack under Pulumi's analyzer protocol", () => {
  let pack: StartedPack;
  before(async () => {
    pack = await startPack({ "kubeflow:environment": "prod" });
  });
  after(() => pack.stop());

  it("tells every rule with its level", async () => {
    const { name, policiesList } = await pack.info();
    assert.equal(name, "kubeflow");
    assert.deepEqual(
      policiesList.map((policy) => policy.name),
      rules.map((rule) => rule.name),
    );
    assert.deepEqual(new Set(policiesList.map((policy) => policy.enforcementlevel)), new Set([1]));
  });

  it("has nothing to say of a sound stack, not even where values are not known", async () => {
    assert.deepEqual(await analyzed(pack, Object.values<Resource>(soundStack)), []);
  });

  it("finds what the offline engine finds, in every way to violate a rule", async () => {
    assert.notEqual(wrongs.length, 0);
    for (const wrong of wrongs) {
      const stack = changed(wrong);
      const names = Object.keys(soundStack);
      const one = stack.filter((_, index) => names[index] === wrong.resource);
      const found = [...(await Promise.all(one.map((resource) => pack.analyze(resource)))).flat()];
      found.push(...(await pack.analyzeStack(stack)));
      const told = found.map((diagnostic) => JSON.stringify(diagnostic)).sort();
      assert.deepEqual(told, expected(stack, "prod"), `${wrong.rule} ${wrong.resource}`);
    }
  });

  it("lets an operator switch a rule off", async () => {
    const stack = changed({ resource: "gcs", change: { labels: undefined } });
    assert.equal((await analyzed(pack, stack)).length, 1);
    await pack.disable("labels-present");
    assert.deepEqual(await analyzed(pack, stack), []);
  });
});

describe("the policy pack of a stack", () => {
  it("advises in dev", async () => {
    const pack = await startPack({ "kubeflow:environment": "dev" });
    const stack = changed({ resource: "gcs", change: { encryption: undefined } });
    assert.deepEqual(await analyzed(pack, stack), expected(stack, "dev"));
    await pack.stop();
  });

  it("is as strict as in prod without a stack", async () => {
    const pack = await startPack(undefined);
    const { policiesList } = await pack.info();
    assert.deepEqual(new Set(policiesList.map((policy) => policy.enforcementlevel)), new Set([1]));
    await pack.stop();
  });

  it("does not start with an environment that there is not", async () => {
    await assert.rejects(startPack({ "kubeflow:environment": "test" }), /kubeflow:environment: "test"/);
  });
});
