import assert from "node:assert/strict";
import type { OperationResult } from "../../engine/report.ts";
import { deploymentFaults } from "./support/deployment-schema.ts";
import { changes, stepOf, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("failures", () => {
  usePassphrase("failing");
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create("failing");
  });
  beforeEach(() => stack.world.clearLog());
  after(() => stack.dispose());

  const up = (mode: string, skipPlan = true) => stack.run("up", { mode }, { skipPlan });
  const errorsOf = (result: OperationResult): string =>
    result.diagnostics.flatMap(({ severity, message }) => (severity === "error" ? [message] : [])).join("\n");

  it("reports a program that throws before it registers anything", async () => {
    const result = await up("throws-first");
    assert.ok(result.failed);
    assert.match(errorsOf(result), /no luck today[^]*failing\/index\.ts:\d+/);
    assert.deepEqual(await stack.world.log(), []);
  });

  it("lets independent resources go on when one fails, and skips what depends on it", async () => {
    const result = await up("broken");
    assert.ok(result.failed);
    assert.equal(stepOf(result, "broken").error, "the cloud said no");
    assert.deepEqual(changes(result).toSorted(), ["create broken", "create independent", "create one"]);
    assert.deepEqual(await stack.world.ids(), ["independent", "one"]);
    // Whether the cloud made it all the same is not known: the next run asks.
    const parsed = JSON.parse(await stack.snapshot()) as { deployment: { pending_operations?: { type: string }[] } };
    assert.deepEqual(deploymentFaults(parsed), []);
    assert.deepEqual(
      parsed.deployment.pending_operations?.map(({ type }) => type),
      ["creating"],
    );
    // What the SDK says of the dependents only repeats it.
    assert.equal(errorsOf(result), "");
  });

  it("goes on from there with the next run", async () => {
    const result = succeeded(await up("first"));
    assert.deepEqual(changes(result).toSorted(), ["create broken", "create child", "create dependent", "create extra"]);
    assert.ok(!(await stack.snapshot()).includes("pending_operations"));
  });

  it("deletes nothing when the program throws after registering, but keeps what it did", async () => {
    const result = await up("throws-later");
    assert.ok(result.failed);
    assert.match(errorsOf(result), /changed my mind/);
    assert.ok((await stack.world.ids()).includes("extra"));
    assert.match(await stack.snapshot(), /"outputs":\{"size":1\}/);
  });

  it("deletes nothing when a resource fails its check or the program logs an error", async () => {
    const invalid = await up("invalid");
    assert.equal(stepOf(invalid, "broken").error, "invalid: is not allowed");
    const logged = await up("logs");
    assert.equal(errorsOf(logged), "this will not do");
    assert.ok(logged.failed);
    assert.ok((await stack.world.ids()).includes("extra"));
  });

  it("asks the provider what creates would run into before it changes anything", async () => {
    const result = await up("taken", false);
    assert.ok(result.failed);
    assert.equal(errorsOf(result), "taken exists and is not ours");
    assert.deepEqual(await stack.world.log(), []);
  });

  it("refuses by name what it cannot do, and what takes longer than it may", async () => {
    const refused = await up("imports twice slow");
    assert.match(stepOf(refused, "imported").error ?? "", /does not support import; use the Pulumi CLI/);
    assert.equal(stepOf(refused, "slow").error, "not done after 0.05 s (customTimeouts)");
    const twice = refused.steps.filter(({ urn, error }) => urn.endsWith("::one") && error !== undefined);
    assert.match(twice[0]?.error ?? "", /registered twice/);
  });

  it("ends before anything is changed when the passphrase is wrong, and lets go of the lock", async () => {
    const before = await stack.snapshot();
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "mistaken";
    try {
      await assert.rejects(stack.run("up"), /Wrong passphrase \(from PULUMI_CONFIG_PASSPHRASE\)/);
    } finally {
      process.env["PULUMI_CONFIG_PASSPHRASE"] = "failing";
    }
    assert.equal(await stack.snapshot(), before);
    succeeded(await stack.run("refresh"));
  });

  it("stops when told to, and keeps what is done", async () => {
    const controller = new AbortController();
    const many = await TestStack.create("many");
    const running = many.run(
      "up",
      { count: "40", milliseconds: "200" },
      {
        skipPlan: true,
        parallel: 2,
        signal: controller.signal,
        onEvent(event) {
          if (event.kind === "step-finished" && event.step.urn.endsWith("::thing-3")) controller.abort();
        },
      },
    );
    const result = await running;
    assert.ok(result.failed);
    assert.match(errorsOf(result), /interrupted/);
    const made = (await many.world.ids()).length;
    assert.ok(made >= 4 && made < 40);
    assert.equal(succeeded(await many.run("up", { count: "40" }, { skipPlan: true })).summary.delete, 0);
    assert.equal((await many.world.ids()).length, 40);
    await many.dispose();
  });
});
