/** `kf --engine pulumi` with the real Pulumi CLI and its Kubernetes provider, on a sandbox: what it reports. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { StackResult } from "../../../cli/operation.ts";
import { kf } from "../../support/kf.ts";
import { usePulumiWorkspace } from "../../support/pulumi-workspace.ts";
import { object, writeRelease } from "../../support/small-release.ts";

const at = (name: string): Readonly<Record<string, unknown>> => ({ name, namespace: "one" });
const claim = (size: string, storageClassName: string): unknown =>
  object("PersistentVolumeClaim", at("claim"), {
    spec: { accessModes: ["ReadWriteOnce"], storageClassName, resources: { requests: { storage: size } } },
  });
const pod = (image: string): unknown => object("Pod", at("pod"), { spec: { containers: [{ name: "main", image }] } });
const map = (name: string, value: string): unknown => object("ConfigMap", at(name), { data: { key: value } });

describe("operation by kf --engine pulumi", function () {
  this.timeout(180_000);
  const workspace = usePulumiWorkspace();
  let release: string;

  const write = (...objects: readonly unknown[]): Promise<string> =>
    writeRelease(path.join(workspace().folder, "release"), {
      components: { one: [object("Namespace", { name: "one" }), ...objects] },
    });
  const run = async (args: readonly string[], code = 0): Promise<StackResult> => {
    const ran = await kf([...args, "--engine", "pulumi", "--json"], workspace().env, workspace().checkout.root);
    assert.equal(ran.code, code, ran.stdout.slice(-3000) + ran.stderr.slice(-3000));
    return JSON.parse(ran.stdout) as StackResult;
  };
  const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";
  const changesIn = ({ steps }: StackResult): readonly string[] =>
    steps.flatMap(({ op, urn, type }) =>
      op === "same" || !type.startsWith("kubernetes:") ? [] : [`${op} ${nameOf(urn)}`],
    );
  const stepOf = ({ steps }: StackResult, name: string) => steps.find(({ urn }) => nameOf(urn) === name);

  before(async () => {
    await workspace().startSandbox();
    release = await write(map("kept", "old"), map("gone", "old"), pod("registry.example.com/a:1"));
    await workspace().checkout.stack("own", { target: "sandbox", release });
    await workspace().expectPulumi(["stack", "init", "own"]);
  });

  it("creates, and reports steps, summary and outputs; the stack's own file gets no secret", async () => {
    const file = path.join(workspace().checkout.root, "stacks", "config", "Pulumi.own.yaml");
    const before = await readFile(file, "utf8");
    const result = await run(["up", "own", "--skip-preview"]);
    assert.deepEqual([...changesIn(result)].sort(), [
      "create one",
      "create one/gone",
      "create one/kept",
      "create one/pod",
    ]);
    assert.equal(result.summary.create, result.steps.length);
    assert.equal(result.outputs["release"], "small");
    assert.equal(result.failed, false);
    assert.equal(await readFile(file, "utf8"), before);
    assert.doesNotMatch(JSON.stringify(result), /client-key-data|BEGIN [A-Z ]*PRIVATE KEY/);
  });

  it("updates, replaces once with a reason, and deletes; with old and new values", async () => {
    await write(
      map("kept", "new"),
      object("Pod", at("pod"), {
        spec: { hostname: "other", containers: [{ name: "main", image: "registry.example.com/a:1" }] },
      }),
    );
    const result = await run(["up", "own", "--skip-preview"]);
    assert.deepEqual([...changesIn(result)].sort(), ["delete one/gone", "replace one/pod", "update one/kept"]);
    assert.deepEqual(stepOf(result, "one/kept")?.diffs, [{ path: "data.key", kind: "update", old: "old", new: "new" }]);
    assert.deepEqual(
      stepOf(result, "one/pod")?.replaceReasons?.map((reason) => reason.path),
      ["spec.hostname"],
    );
    const { update, replace, delete: gone } = result.summary;
    assert.deepEqual({ update, replace, gone }, { update: 1, replace: 1, gone: 1 });
  });

  it("reports a failing object with the provider's words, and the rest", async () => {
    await write(map("kept", "newest"), claim("-1Gi", "standard"));
    const result = await run(["up", "own", "--skip-preview"], 1);
    assert.equal(result.failed, true);
    assert.match(
      stepOf(result, "one/claim")?.error ?? "",
      /spec\.resources.*(must be greater than zero|Invalid value)/,
    );
    // After a failure the CLI begins nothing new, so what else there was to do may have been done or not.
    assert.equal(stepOf(result, "one")?.op, "same");
    assert.ok(!changesIn(result).includes("delete one/pod"));
  });

  it("works on the target alone", async () => {
    await write(map("kept", "targeted"), map("other", "new"));
    const { stdout } = await workspace().expectPulumi(["stack", "--show-urns", "--stack", "own"]);
    const kept = /urn:\S+::one\/kept(?=\s)/.exec(stdout)?.[0] ?? "";
    const result = await run(["preview", "own", "--refresh", "--target", kept]);
    assert.deepEqual(changesIn(result), ["update one/kept"]);
  });

  it("plans a destroy without doing it, then does it", async () => {
    const planned = await run(["destroy", "own", "--preview-only"]);
    const done = await run(["destroy", "own", "--yes"]);
    assert.deepEqual([...changesIn(done)].sort(), [...changesIn(planned)].sort());
    assert.deepEqual([...changesIn(done)].sort(), ["delete one", "delete one/kept", "delete one/pod"]);
  });

  it("changes nothing where a mandatory policy is violated, and names it and the resource", async () => {
    await write(pod("registry.example.com/a:latest"));
    await workspace().checkout.stack("strict", { target: "sandbox", environment: "prod", release });
    await workspace().expectPulumi(["stack", "init", "strict"]);
    const { steps, summary, diagnostics } = await run(["up", "strict", "--skip-preview"], 1);
    assert.deepEqual([steps, summary.create], [[], 0]);
    const found = diagnostics.find(({ message }) => message.startsWith("policy kubeflow/pinned-images: "));
    assert.equal(found?.severity, "error");
    assert.equal(nameOf(found.urn ?? ""), "one/pod");
    const { stdout } = await workspace().expectPulumi(["stack", "--stack", "strict"]);
    assert.doesNotMatch(stdout, /kubernetes:core/);
  });
});
