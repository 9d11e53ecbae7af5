/**
 * The Pulumi CLI was never run here: a fake `pulumi` on PATH stands in, a script that takes the CLI's arguments and
 * replays events of our own writing in the shape of apitype.EngineEvent, over gRPC as the CLI does from 3.206 on.
 */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import {
  urnOf,
  stackUrn,
  deployment,
  signed,
  pre,
  done,
  failedStep,
  told,
  summary,
  type Details,
} from "./fake-pulumi-events.ts";
import { useFakePulumi } from "./fake-pulumi.ts";

const secret = "apiVersion: v1\nkind: Config\nusers:\n  - name: a\n    user: { token: a-very-secret-token }\n";

describe("operation by the Pulumi CLI (a fake pulumi on PATH)", () => {
  const { root, install, calls, run } = useFakePulumi();

  it("reports steps, their changes with old and new value, outputs and sums", async () => {
    const change: Details = {
      before: { spec: { replicas: 1, gone: "x" }, metadata: { labels: { "a.b/c": "old" } } },
      inputs: { spec: { replicas: 2 }, metadata: { labels: { "a.b/c": "new" } }, key: signed },
      detailedDiff: {
        "spec.replicas": { diffKind: "update" as never, inputDiff: true },
        "spec.gone": { diffKind: "delete" as never, inputDiff: true },
        'metadata.labels["a.b/c"]': { diffKind: "update" as never, inputDiff: true },
        key: { diffKind: "add" as never, inputDiff: true },
      },
    };
    await install({
      events: [
        pre("same", stackUrn),
        pre("create", urnOf("pulumi:providers:kubernetes", "default_4_34_2")),
        done("create", urnOf("pulumi:providers:kubernetes", "default_4_34_2")),
        pre("update", deployment, change),
        done("update", deployment, change),
        done("same", stackUrn, { outputs: { release: "26.03", password: signed } }),
        summary(7),
      ],
    });
    const result = await run();
    assert.equal(result.failed, false);
    assert.deepEqual(
      result.steps.map(({ op, urn }) => [op, urn]),
      [
        ["update", deployment],
        ["same", stackUrn],
      ],
    );
    assert.deepEqual(result.steps[0]?.diffs, [
      { path: "spec.replicas", kind: "update", old: 1, new: 2 },
      { path: "spec.gone", kind: "delete", old: "x" },
      { path: 'metadata.labels["a.b/c"]', kind: "update", old: "old", new: "new" },
      { path: "key", kind: "add", new: "[secret]" },
    ]);
    assert.deepEqual(result.summary, { same: 1, create: 0, update: 1, replace: 0, delete: 0 });
    assert.deepEqual(result.outputs, { release: "26.03", password: "[secret]" });
    assert.deepEqual(result.timings, { apply: 7000 });
  });

  it("reports a replacement once, with its reason", async () => {
    const details: Details = {
      before: { spec: { selector: "a" } },
      inputs: { spec: { selector: "b" } },
      detailedDiff: { "spec.selector": { diffKind: "update-replace" as never, inputDiff: true } },
    };
    await install({
      events: (["create-replacement", "replace", "delete-replaced"] as const).flatMap((op) => [
        pre(op, deployment, details),
        done(op, deployment, details),
      ]),
    });
    const { steps, summary: sums } = await run();
    assert.equal(steps.length, 1);
    assert.equal(steps[0]?.op, "replace");
    assert.deepEqual(
      steps[0].replaceReasons?.map((reason) => reason.path),
      ["spec.selector"],
    );
    assert.deepEqual(steps[0].diffs, [{ path: "spec.selector", kind: "update", old: "a", new: "b" }]);
    assert.equal(sums.replace, 1);
  });

  it("counts a component once, whether it names outputs twice or never", async () => {
    const [named, silent] = [urnOf("demo:index:Platform", "named"), urnOf("demo:index:Platform", "silent")];
    await install({
      events: [pre("create", named), pre("create", silent), done("create", named), done("create", named), summary(1)],
    });
    const { summary: sums } = await run({ kind: "preview" });
    assert.equal(sums.create, 2);
  });

  it("reports a failed step with the provider's words, and the rest", async () => {
    const other = urnOf("kubernetes:core/v1:Service", "web");
    await install({
      events: [
        pre("create", deployment),
        pre("create", other),
        told("error", "<{%fg 1%}>deployments.apps is forbidden<{%reset%}>\n", deployment),
        failedStep("create", deployment),
        done("create", other),
        told("error", "update failed", stackUrn),
      ],
      exit: { code: 255, stderr: "error: update failed\n" },
    });
    const result = await run();
    assert.equal(result.failed, true);
    assert.equal(result.steps.find(({ urn }) => urn === deployment)?.error, "deployments.apps is forbidden");
    assert.deepEqual([result.summary.create, result.steps.length], [1, 2]);
    assert.deepEqual(
      result.diagnostics.map(({ message }) => message),
      ["update failed"],
    );
  });

  it("reports a resource that fails in a preview, where the CLI sends no event of the failure", async () => {
    await install({
      events: [pre("create", deployment), told("error", "spec.foo: unknown field", deployment)],
      exit: { code: 255, stderr: "error: preview failed\n" },
    });
    const { steps, failed, summary: sums } = await run({ kind: "preview" });
    assert.equal(failed, true);
    assert.deepEqual([steps[0]?.op, steps[0]?.error, sums.create], ["create", "spec.foo: unknown field", 0]);
  });

  it("names the policy that was violated and the resource", async () => {
    await install({
      events: [
        pre("create", deployment),
        {
          policyEvent: {
            resourceUrn: deployment,
            message: "known password",
            color: "never",
            policyName: "no-default-credentials",
            policyPackName: "kubeflow",
            policyPackVersion: "1",
            policyPackVersionTag: "1",
            enforcementLevel: "mandatory",
          },
        },
      ],
      exit: { code: 255, stderr: "error: preview failed\n" },
    });
    const { diagnostics, failed } = await run({ kind: "preview" });
    assert.equal(failed, true);
    assert.deepEqual(diagnostics, [
      { severity: "error", message: "policy kubeflow/no-default-credentials: known password", urn: deployment },
    ]);
  });

  it("gives a secret to the run by the CLI's standard input and a private copy of the stack's file, then removes it", async () => {
    await install({
      events: [told("warning", "the token a-very-secret-token has expired")],
    });
    const { diagnostics } = await run({ secrets: { "kubeflow:kubeconfig": secret } });
    const made = await calls();
    const set = made.find(({ args }) => args[0] === "config");
    const up = made.find(({ args }) => args[0] === "up");
    assert.equal(set?.stdin, `${secret}\n`);
    assert.match(up?.config ?? "", /encryptionsalt: v1:salt[^]*secure: v1:sealed/);
    if (process.platform !== "win32") assert.equal(up?.mode, 0o600);
    for (const { args, config = "" } of made) {
      assert.doesNotMatch(`${args.join(" ")} ${config}`, /a-very-secret-token/);
    }
    assert.equal(diagnostics[0]?.message, "the token [secret] has expired");
    const copy = up?.args[up.args.indexOf("--config-file") + 1] ?? "";
    assert.ok(!copy.startsWith(root()));
    await assert.rejects(readFile(copy), { code: "ENOENT" });
    assert.deepEqual(await readdir(path.join(root(), "config")), ["Pulumi.dev.yaml"]);
    assert.doesNotMatch(await readFile(path.join(root(), "config", "Pulumi.dev.yaml"), "utf8"), /secure/);
  });

  it("changes nothing where a plan comes first and a policy forbids it", async () => {
    const policyEvent = {
      ...{ message: "known password", color: "never", policyName: "no-known-credentials", policyPackName: "kubeflow" },
      ...{ policyPackVersion: "1", policyPackVersionTag: "1", enforcementLevel: "mandatory" as const },
    };
    await install({
      events: [pre("create", deployment), done("create", deployment), { policyEvent }],
      exit: { code: 255, stderr: "error: preview failed\n" },
    });
    const { kind, steps, summary, failed } = await run({ kind: "up", planFirst: true, policyPack: "/a/policy" });
    assert.deepEqual(
      { kind, steps, created: summary.create, failed },
      { kind: "up", steps: [], created: 0, failed: true },
    );
    const made = (await calls()).map(({ args }) => args[0]);
    assert.ok(made.includes("preview"));
    assert.ok(!made.includes("up"));
  });

  it("goes on to the up where the plan is good, with the policies for both", async () => {
    await install({ events: [pre("create", deployment), done("create", deployment), summary(1)] });
    const { kind, failed } = await run({ kind: "up", planFirst: true, policyPack: "/a/policy" });
    assert.deepEqual({ kind, failed }, { kind: "up", failed: false });
    const made = (await calls()).filter(({ args }) => args.includes("--policy-pack"));
    assert.deepEqual(
      made.map(({ args }) => [args[0], args[args.indexOf("--policy-pack") + 1]]),
      [
        ["preview", "/a/policy"],
        ["up", "/a/policy"],
      ],
    );
  });

  for (const [title, more, words] of [
    ["preview", { kind: "preview" }, ["preview"]],
    ["up without a second preview", { kind: "up" }, ["up", "--yes", "--skip-preview"]],
    ["refresh", { kind: "refresh" }, ["refresh", "--skip-preview", "--yes"]],
    ["refresh that writes nothing", { kind: "refresh", dryRun: true }, ["refresh", "--preview-only"]],
    ["destroy", { kind: "destroy" }, ["destroy", "--yes", "--skip-preview"]],
  ] as const) {
    it(`asks the CLI for: ${title}`, async () => {
      await install({});
      await run(more);
      const call = (await calls()).find(({ args }) => args.includes("--event-log"));
      assert.deepEqual(call?.args.slice(0, words.length), words);
      assert.deepEqual(call.args.slice(call.args.indexOf("--parallel"), call.args.indexOf("--parallel") + 2), [
        "--parallel",
        "8",
      ]);
    });
  }
});
