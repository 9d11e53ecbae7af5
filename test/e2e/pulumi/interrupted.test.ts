/** `kf up --engine pulumi` that is stopped or killed in the middle, with the real Pulumi CLI. The tests go on in order. */
import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import type { Deployment } from "../../../engine/deployment.ts";
import type { StackResult } from "../../../cli/operation.ts";
import { kf, type Ran } from "../../support/kf.ts";
import { usePulumiWorkspace } from "../../support/pulumi-workspace.ts";
import { object, writeRelease } from "../../support/small-release.ts";

const count = 60;

describe("kf up --engine pulumi that is interrupted", function () {
  this.timeout(180_000);
  const workspace = usePulumiWorkspace();

  const run = (...args: readonly string[]): Promise<Ran> =>
    kf([...args, "--engine", "pulumi"], workspace().env, workspace().checkout.root);
  const state = async (): Promise<Deployment["deployment"]> => {
    const { stdout } = await workspace().expectPulumi(["stack", "export", "--stack", "own"]);
    return (JSON.parse(stdout) as Deployment).deployment;
  };
  const mapsIn = ({ resources = [] }: Deployment["deployment"]): readonly string[] =>
    resources.filter(({ type }) => type === "kubernetes:core/v1:ConfigMap").map(({ urn }) => urn);
  /** Sends the signal to `kf` and to the CLI, as a terminal does, when the first ConfigMaps are made. */
  const interruptedUp = async (signal: NodeJS.Signals): Promise<Ran> => {
    const args = ["up", "own", "--engine", "pulumi", "--skip-preview", "--parallel", "1"];
    const child = execa(process.execPath, [path.join(workspace().checkout.root, "cli", "main.ts"), ...args], {
      ...{ cwd: workspace().checkout.root, env: { ...workspace().env, NO_COLOR: "1" } },
      ...{ detached: true, reject: false },
    });
    let sent = false;
    child.stderr.on("data", (bytes: Uint8Array) => {
      if (sent || child.pid === undefined || !/create .*ConfigMap/.test(Buffer.from(bytes).toString())) return;
      sent = true;
      process.kill(-child.pid, signal);
    });
    const { exitCode, stdout, stderr } = await child;
    assert.ok(sent, stderr);
    return { code: exitCode, stdout, stderr };
  };

  before(async () => {
    await workspace().startSandbox();
    const maps = Array.from({ length: count }, (_, index) =>
      object("ConfigMap", { name: `map-${String(index)}`, namespace: "one" }, { data: { key: "value" } }),
    );
    const release = await writeRelease(path.join(workspace().folder, "release"), {
      components: { one: [object("Namespace", { name: "one" }), ...maps] },
    });
    await workspace().checkout.stack("own", { target: "sandbox", release });
    await workspace().expectPulumi(["stack", "init", "own"]);
  });

  it("Ctrl-C: what is begun is finished, and said so", async () => {
    const { code, stdout, stderr } = await interruptedUp("SIGINT");
    assert.equal(code, 1, stderr);
    assert.match(stderr, /stopping: the Pulumi CLI finishes what it has begun/);
    assert.match(stdout, /up of own failed: \d+ created/);
    const left = await state();
    assert.equal(left.pending_operations, undefined);
    const made = mapsIn(left).length;
    assert.ok(made > 0 && made < count, String(made));
  });

  it("kill: the stack stays locked, and the message names what takes the lock away", async () => {
    await interruptedUp("SIGKILL");
    const { code, stderr } = await run("up", "own", "--skip-preview");
    assert.equal(code, 1);
    assert.match(stderr, /^kf: stack own: another operation is under way: .*pulumi cancel --stack own$/m);
  });

  it("after pulumi cancel the next up comes to the same end, and nothing is left twice", async () => {
    await workspace().expectPulumi(["cancel", "--yes", "--stack", "own"]);
    const { pending_operations: pending = [] } = await state();
    const { code, stdout, stderr } = await run("up", "own", "--skip-preview");
    assert.equal(code, 0, stdout + stderr);
    // The CLI tells of what the kill cut off and does it again; the provider applies, so the object is made once.
    if (pending.length > 0) assert.match(stdout, /pending operations from previous deployment/);
    const maps = mapsIn(await state());
    assert.equal(maps.length, count);
    assert.equal(new Set(maps).size, count);
    const preview = await run("preview", "own", "--json");
    const { summary } = JSON.parse(preview.stdout) as StackResult;
    assert.deepEqual({ ...summary, same: 0 }, { same: 0, create: 0, update: 0, replace: 0, delete: 0 });
  });
});
