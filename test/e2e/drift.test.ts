/** `kf drift` on the sample release in a sandbox: others edit, scale and delete what is ours. The tests build on each other. */
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import type { Fixed } from "../../cli/drift/fix.ts";
import type { DriftReport } from "../../cli/drift/report.ts";
import type { WatchEvent } from "../../cli/drift/watch.ts";
import type { OperationResult } from "../../engine/report.ts";
import { writes } from "../../kubernetes/stats.ts";
import { ensureTool } from "../../tools/tools.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { kf, startKf, type Ran } from "../support/kf.ts";
import { useSandbox } from "../support/sandbox.ts";

const web = "Deployment/sample-apps/web";
const worker = "Deployment/sample-apps/worker";
const settings = "ConfigMap/sample-apps/web-config";

describe("kf drift", function () {
  this.timeout(5 * 60_000);
  // The one that the target `sandbox` means.
  const sandbox = useSandbox("default");
  let checkout: Checkout;
  let env: Record<string, string>;
  let kubectl: (...args: readonly string[]) => Promise<string>;
  let state: string;

  const run = (...args: readonly string[]): Promise<Ran> => kf(["drift", "own", ...args], env, checkout.root);
  const operation = async (...args: readonly string[]): Promise<OperationResult> => {
    const ran = await kf([...args, "own", "--quiet", "--json"], env, checkout.root);
    assert.equal(ran.code, 0, `${ran.stdout}\n${ran.stderr}`);
    return JSON.parse(ran.stdout) as OperationResult;
  };
  const report = async (code: number): Promise<DriftReport> => {
    const ran = await run("--json");
    assert.equal(ran.code, code, `${ran.stdout}\n${ran.stderr}`);
    return JSON.parse(ran.stdout) as DriftReport;
  };
  const fix = async (code: number, ...names: readonly string[]): Promise<Fixed> => {
    const ran = await run("--json", "--fix", ...names);
    assert.equal(ran.code, code, `${ran.stdout}\n${ran.stderr}`);
    return JSON.parse(ran.stdout) as Fixed;
  };
  const patch = (what: string, by: string, body: unknown, ...more: readonly string[]): Promise<string> => {
    const flags = ["--type=strategic", `--field-manager=${by}`, "-p", JSON.stringify(body)];
    return kubectl("patch", "-n", "sample-apps", what, ...flags, ...more);
  };
  const names = ({ drifts }: DriftReport): readonly string[] => drifts.map(({ name }) => name).sort();

  before(async () => {
    checkout = await copyCheckout();
    await checkout.stack("own", { target: "sandbox", release: "sample" });
    env = { KF_DATA_DIR: process.env["KF_DATA_DIR"] ?? "" };
    state = path.join(env["KF_DATA_DIR"] ?? "", "stacks", "stacks", "kubeflow", "own.json");
    const tool = await ensureTool("kubectl", () => undefined);
    kubectl = async (...args) => (await execa(tool, ["--kubeconfig", sandbox().kubeconfig, ...args])).stdout;
  });
  after(() => checkout.close());

  it("says that there is nothing to compare with before the first up", async () => {
    const { code, stderr } = await run();
    assert.equal(code, 1);
    assert.match(stderr, /no state of the offline engine.*kf up own/);
  });

  it("finds none after an up, reads only, and asks once for each object", async () => {
    await operation("up");
    const found = await report(0);
    assert.deepEqual([found.drifts, found.unread, found.notes], [[], [], []]);
    assert.ok(found.objects > 20, String(found.objects));
    assert.equal(writes(found.requests), 0);
    assert.equal(found.requests["GET 404"], undefined);
    // And once for each group and version, to learn its kinds.
    const asked = found.requests["GET 200"] ?? 0;
    assert.ok(asked >= found.objects && asked < 2 * found.objects, JSON.stringify(found.requests));
  });

  it("is none what others add, and none what they set as we have it", async () => {
    await patch("deployment/web", "sidecar-injector", {
      metadata: { labels: { team: "theirs" } },
      spec: { template: { spec: { containers: [{ name: "sidecar", image: "registry.example.com/sidecar:1" }] } } },
    });
    await patch("deployment/web", "kube-controller-manager", { spec: { replicas: 2 } }, "--subresource=scale");
    assert.deepEqual((await report(0)).drifts, []);
  });

  it("tells what was edited, scaled, taken out and deleted, and by whom", async () => {
    const image = "registry.example.com/other:1";
    const containers = [{ name: "web", image }];
    await patch("deployment/web", "kubectl-edit", { spec: { template: { spec: { containers } } } });
    await patch("deployment/web", "kube-controller-manager", { spec: { replicas: 5 } }, "--subresource=scale");
    await patch("service/web", "kubectl-edit", { spec: { selector: { app: null, other: "x" } } });
    await kubectl("delete", "-n", "sample-apps", "configmap/web-config");
    const before = await readFile(state);
    const found = await report(3);
    assert.deepEqual(await readFile(state), before);
    assert.deepEqual(names(found), [settings, web, "Service/sample-apps/web"]);
    const byName = found.drifts.toSorted((a, b) => a.name.localeCompare(b.name));
    const seen = byName.map(({ name, is, fields }) => [
      name,
      is,
      fields.map(({ path: at, expected, live, managers }) => [
        at,
        expected,
        live,
        managers.map(({ manager, operation: how, subresource }) => [manager, how, subresource]),
      ]),
    ]);
    assert.deepEqual(seen, [
      [settings, "gone", []],
      [
        web,
        "changed",
        [
          ["spec.replicas", 2, 5, [["kube-controller-manager", "Update", "scale"]]],
          [
            "spec.template.spec.containers[0].image",
            "registry.example.com/sample/web:1.0.0",
            image,
            [["kubectl-edit", "Update", undefined]],
          ],
        ],
      ],
      ["Service/sample-apps/web", "changed", [["spec.selector.app", "web", undefined, []]]],
    ]);
    const { stdout, code } = await run("--quiet");
    assert.equal(code, 3);
    // The API server keeps no time of a change by a subresource.
    assert.match(stdout, /spec\.replicas: 2 => 5 \(kube-controller-manager, Update of scale/);
    assert.match(stdout, /other:1" \(kubectl-edit, Update, \d{4}-\d\d-\d\dT.*Z\)/);
    assert.match(stdout, /selector\.app: "web" => nothing \(nobody's now; others.*: kubectl-edit, Update/);
    assert.match(stdout, /drift of own, \d+ objects: 2 changed, 1 gone$/);
  });

  it("does not look while an operation changes the stack, and keeps no operation waiting", async () => {
    const lock = state.replace(/\.json$/, ".lock");
    const holder = { pid: 1, host: "elsewhere", user: "somebody", operation: "up", since: "2026-01-01T00:00:00Z" };
    await writeFile(lock, JSON.stringify(holder));
    try {
      const { code, stderr } = await run();
      assert.equal(code, 1);
      assert.match(stderr, /being changed \(locked by somebody@elsewhere \(pid 1, up\).*Look again when it is over/);
    } finally {
      await rm(lock);
    }
  });

  it("puts back what it is told to, and refuses names that it should not touch", async () => {
    for (const [name, message] of [
      ["Deployment/sample-apps/wbe", /wbe: no object of the stack\. Nearest: Deployment\/sample-apps\/web/],
      [worker, /worker: does not drift/],
    ] as const) {
      const { code, stderr } = await run("--fix", web, name);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.match(stderr, /Nothing was changed/);
    }
    assert.equal((await report(3)).drifts.length, 3);

    const fixed = await fix(0, web);
    assert.deepEqual([fixed.fixed.map(({ name }) => name), fixed.failed, fixed.remaining], [[web], [], 2]);
    assert.deepEqual(names(await report(3)), [settings, "Service/sample-apps/web"]);
    const live = JSON.parse(await kubectl("get", "deployment/web", "-n", "sample-apps", "-o", "json")) as {
      readonly metadata: { readonly labels: Record<string, string> };
      readonly spec: { readonly replicas: number; readonly template: { readonly spec: { containers: unknown[] } } };
    };
    // What we do not apply stays as others have it.
    assert.deepEqual([live.spec.replicas, live.metadata.labels["team"]], [2, "theirs"]);
    assert.equal(live.spec.template.spec.containers.length, 2);
  });

  it("makes anew what is gone, by name and by URN, and the stack goes on with it as its own", async () => {
    const { drifts } = await report(3);
    await fix(0, ...drifts.map(({ name, urn }) => (name === settings ? urn : name)));
    await report(0);
    const { summary } = await operation("up");
    assert.deepEqual([summary.create, summary.update, summary.replace, summary.delete], [0, 0, 0, 0]);
  });

  it("watches: tells what comes and goes, outlives an outage, and ends with the code of its last look", async () => {
    const watching = startKf(["drift", "own", "--watch", "--interval", "1", "--json"], env, checkout.root);
    const events: WatchEvent[] = [];
    const next = async (event: WatchEvent["event"]): Promise<WatchEvent> => {
      for (;;) {
        const at = events.findIndex((each) => each.event === event);
        const [found] = at < 0 ? [] : events.splice(0, at + 1).slice(-1);
        if (found !== undefined) return found;
        await new Promise((resolve) => watching.stdout.once("data", resolve));
      }
    };
    let rest = "";
    watching.stdout.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      events.push(...lines.map((line) => JSON.parse(line) as WatchEvent));
    });
    await patch("deployment/worker", "hpa", { spec: { replicas: 3 } }, "--subresource=scale");
    const found = await next("found");
    assert.ok(found.event === "found");
    assert.deepEqual(
      [found.name, found.path, found.live, found.managers[0]?.manager],
      [worker, "spec.replicas", 3, "hpa"],
    );
    await fix(0, worker);
    assert.equal((await next("vanished")).event, "vanished");
    await kf(["sandbox", "stop"], env);
    const failed = await next("failed");
    assert.ok(failed.event === "failed");
    assert.match(failed.error, /cannot be reached/);
    await kf(["sandbox", "start"], env);
    await next("recovered");
    await kubectl("delete", "-n", "sample-apps", "service/store");
    const gone = await next("found");
    assert.ok(gone.event === "found");
    assert.deepEqual([gone.name, gone.is], ["Service/sample-apps/store", "gone"]);
    watching.kill("SIGTERM");
    const { exitCode, stderr } = await watching;
    assert.equal(exitCode, 3, stderr);
  });

  it("leaves nothing behind: what was made anew goes with the stack", async () => {
    await operation("destroy");
    assert.equal(await kubectl("get", "namespace", "sample-apps", "--ignore-not-found"), "");
  });
});
