/** What a plan of `kf diff` is given, and what its listing gives away. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { planStacks } from "../../cli/diff/plans.ts";
import { plannedResources } from "../../cli/planned-resource.ts";
import type { ResourceState } from "../../engine/deployment.ts";
import { Secret, Unknown, type PropertyMap } from "../../engine/values.ts";

describe("the plans of kf diff", () => {
  it("get no credential of the environment, and a home with nothing in it", async () => {
    const root = await mkdtemp(path.join(os.tmpdir(), "kf-diff-plans-"));
    const secrets = ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "KUBECONFIG"];
    const outer = secrets.map((name) => process.env[name]);
    try {
      for (const name of secrets) process.env[name] = "hunter2";
      await mkdir(path.join(root, "cli"));
      // What it says of itself comes back as the reason why there is no plan.
      const program = "process.stderr.write(JSON.stringify(process.env)); process.exitCode = 1;";
      await writeFile(path.join(root, "cli", "kf.mjs"), program);
      const plan = (await planStacks(root, "a tree", ["dev"], "key")).get("dev");
      assert.ok(plan !== undefined && "failure" in plan);
      assert.match(plan.failure, /"KF_STATE_DIR"/);
      assert.doesNotMatch(plan.failure, /hunter2/);
      for (const name of secrets) assert.ok(!plan.failure.includes(`"${name}"`), name);
      if (process.env["HOME"] !== undefined) assert.ok(!plan.failure.includes(`"HOME":"${process.env["HOME"]}"`));
    } finally {
      secrets.forEach((name, index) => {
        const value = outer[index];
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      });
      await rm(root, { recursive: true, force: true });
    }
  });

  it("list a secret as a digest by which it is equal to itself only, and without a key as nothing", () => {
    const listed = (inputs: PropertyMap, key: string | undefined) => {
      const nothing = { outputs: {}, dependencies: [], propertyDependencies: {}, additionalSecretOutputs: [] };
      const state: ResourceState = {
        ...{ urn: "urn:pulumi:dev::kubeflow::a:b:C::d", type: "a:b:C", custom: true, id: "", customTimeouts: {} },
        ...nothing,
        inputs,
      };
      return JSON.stringify(plannedResources([state], key)[0]?.inputs);
    };
    const password = (text: string) => ({ password: new Secret({ text }) });
    assert.equal(listed(password("a"), "key"), listed(password("a"), "key"));
    assert.notEqual(listed(password("a"), "key"), listed(password("b"), "key"));
    assert.notEqual(listed(password("a"), "key"), listed(password("a"), "another"));
    assert.match(listed(password("hunter2"), "key"), /^\{"password":"\[secret [0-9a-f]{12}\]"\}$/);
    assert.equal(listed(password("hunter2"), ""), '{"password":"[secret]"}');
    assert.equal(listed({ a: new Secret(Unknown.value) }, "key"), listed({ a: new Secret(Unknown.value) }, "key"));
  });
});
