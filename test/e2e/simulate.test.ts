/**
 * The nine cloud stacks on simulated clouds, with one sandbox as the cluster of each in turn: what a user does to a
 * stack from the first `up` to the last `destroy`. gcp-prod brings all of Kubeflow; so that the whole is done in minutes, the
 * others bring the sample release, unless KF_E2E_FULL is set (dry-run.test.ts holds every object of theirs against an API
 * server).
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import YAML from "yaml";
import type { StackResult } from "../../cli/operation.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { assertDeletionOrder, clouds, type Cloud } from "../support/cloud-stacks.ts";
import { kf } from "../support/kf.ts";
import { listEverything, notReady, type Listing } from "../support/listing.ts";
import { realMirror } from "../support/mirror.ts";

const concerns = ["components", "edge", "login", "tenants", "storage", "serving"];
/** Stacks that bring all of Kubeflow; the others bring the sample. */
const bringsAll = (stack: string): boolean => stack === "gcp-prod" || process.env["KF_E2E_FULL"] !== undefined;
const environments = ["dev", "staging", "prod"] as const;
const sandbox = "clouds";

describe("cloud stacks, simulated", () => {
  let checkout: Checkout;
  let data: string;
  let env: Record<string, string>;
  let kubeconfig: string;
  let empty: Listing;

  const run = async (args: readonly string[], code = 0): Promise<StackResult> => {
    const ran = await kf([...args, "--simulate", "--sandbox", sandbox, "--json", "--quiet"], env, checkout.root);
    assert.equal(ran.code, code, `kf ${args.join(" ")}\n${ran.stderr.slice(-4000)}\n${errorsIn(ran.stdout)}`);
    const result = JSON.parse(ran.stdout) as StackResult;
    assert.equal(result.simulated, true);
    return result;
  };
  const existing = async (stack: string): Promise<readonly string[]> => {
    const file = path.join(data, "stacks", "simulated", "clouds", "kubeflow", `${stack}.json`);
    const cloud = JSON.parse(await readFile(file, "utf8")) as { readonly resources: Record<string, { type: string }> };
    return Object.values(cloud.resources).map(({ type }) => type);
  };
  /** Changes the stack's file as a person would. */
  const edit = async (stack: string, change: (file: YAML.Document) => void): Promise<void> => {
    const file = path.join(checkout.root, "stacks", "config", `Pulumi.${stack}.yaml`);
    const text = await readFile(file, "utf8");
    const document = YAML.parseDocument(text);
    change(document);
    assert.notEqual(String(document), String(YAML.parseDocument(text)), `nothing to change in ${file}`);
    await writeFile(file, String(document));
  };
  /** The sample release has none of what these concerns of a platform change. */
  const withSample = (stack: string): Promise<void> =>
    edit(stack, (file) => {
      file.setIn(["config", "kubeflow:release"], "sample");
      for (const concern of concerns) file.deleteIn(["config", `kubeflow:${concern}`]);
    });

  before(async () => {
    const mirror = realMirror();
    assert.ok(mirror, "there is no mirror of the release beside the project: set KF_MIRROR to one");
    checkout = await copyCheckout();
    data = await mkdtemp(path.join(os.tmpdir(), "kf-simulate-"));
    env = { KF_DATA_DIR: data, KF_MIRROR: mirror };
    const started = await kf(["sandbox", "start", "--name", sandbox, "--json"], env);
    assert.equal(started.code, 0, started.stderr);
    kubeconfig = (JSON.parse(started.stdout) as { readonly kubeconfig: string }).kubeconfig;
    empty = await listEverything(kubeconfig);
  });

  // What a failed test left is in the way of the next; kf puts the state of a sandbox that is gone aside.
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await kf(["sandbox", "reset", "--name", sandbox], env);
  });

  after(async () => {
    await kf(["sandbox", "stop", "--name", sandbox, "--delete"], env);
    await checkout.close();
    await rm(data, { recursive: true, force: true });
  });

  for (const [cloud, types] of Object.entries(clouds)) {
    for (const environment of environments) {
      const stack = `${cloud}-${environment}`;
      it(`${stack}${bringsAll(stack) ? "" : " with the sample release"}: comes up ready, changes nothing twice, and leaves nothing`, async () => {
        if (!bringsAll(stack)) await withSample(stack);
        else if (environment === "dev") await edit(stack, giveUpTenants);
        const { steps } = await run(["up", stack]);
        assert.ok([types.pool, types.cluster, types.network].every((type) => steps.some((step) => step.type === type)));
        assert.deepEqual(await notReady(kubeconfig), []);
        const { summary } = await run(["up", stack]);
        assert.deepEqual([summary.create, summary.update, summary.replace, summary.delete], [0, 0, 0, 0]);
        if (environment !== "dev") await unprotect(stack, types);
        assertDeletionOrder((await run(["destroy", stack])).steps, types);
        assert.deepEqual(await existing(stack), []);
        const left = await listEverything(kubeconfig);
        assert.deepEqual(
          [...left].filter((item) => !empty.has(item)),
          [],
        );
      });
    }
  }

  /** Else their namespaces stay, with what is in them. */
  function giveUpTenants(file: YAML.Document): void {
    const profiles = ["config", "kubeflow:tenants", "profiles"];
    const count = file.hasIn(profiles) ? (file.getIn(profiles) as YAML.YAMLSeq).items.length : 0;
    for (let at = 0; at < count; at++) file.setIn([...profiles, at, "deleteData"], true);
  }

  /** The two steps that a person who means it goes: nothing that holds data goes by one command. */
  async function unprotect(stack: string, { target }: Cloud): Promise<void> {
    const before = await existing(stack);
    const flags = ["--simulate", "--sandbox", sandbox, "--quiet"];
    const refused = await kf(["destroy", stack, ...flags], env, checkout.root);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /urn:pulumi:\S+(bucket|Bucket|BlobContainer)\S*.*: protected, so it cannot be deleted/,
    );
    assert.deepEqual(await existing(stack), before);
    await edit(stack, (file) => {
      file.setIn(["config", `kubeflow:${target}`, "protection"], "none");
      giveUpTenants(file);
    });
    // The policies of prod refuse that, and those of staging advise against it.
    if (stack.endsWith("-prod")) {
      const { diagnostics } = await run(["up", stack], 1);
      assert.match(diagnostics.map(({ message }) => message).join("\n"), /mandatory in prod: protected-data/);
      await edit(stack, (file) => {
        file.setIn(["config", "kubeflow:environment"], "staging");
      });
    }
    const { steps } = await run(["up", stack]);
    // Locks are what protects; a class of storage cannot be changed, and bears the environment's label.
    const remade = steps.filter(
      ({ op, type }) => !/^(same|update)$/.test(op) && !/:(ManagementLockByScope|StorageClass)$/.test(type),
    );
    assert.deepEqual(remade, []);
  }

  describe("faults on the way up", () => {
    const stack = "gcp-dev";
    const { pool, cluster, network } = clouds["gcp"] as Cloud;

    for (const [fault, message] of [
      [`${network}:create=quota-exceeded`, /quota of this account is used up .*higher quota/],
      [`${cluster}:create=fails-half-way`, /it is there .*Run it again/],
      [`${pool}:create=capacity-missing`, /no capacity .*Allow another zone/],
      [`${pool}:create=throttlingx50`, /429 Too Many Requests\), after 5 attempts/],
    ] as const) {
      it(`${fault}: fails by name, with cause and remedy`, async () => {
        const { steps, failed } = await run(["up", stack, "--fault", fault], 1);
        assert.equal(failed, true);
        const errors = steps.filter(({ error }) => error !== undefined);
        assert.ok(errors.length > 0);
        for (const { type, error = "" } of errors) {
          assert.ok(fault.startsWith(type), type);
          assert.match(error, message);
        }
      });
    }

    it("goes on from there, past what passes by itself, to the same end", async () => {
      const faults = [`${pool}:create=throttling`, `${pool}:create=not-found-yetx2`, `${pool}:create=slow`];
      const unused = `${network}:create=slow`;
      const result = await run(["up", stack, ...[...faults, unused].flatMap((fault) => ["--fault", fault])]);
      assert.deepEqual(
        result.diagnostics.map(({ message }) => message).filter((message) => message.startsWith("--fault")),
        [`--fault ${unused}: there was no such call to hit`],
      );
      assert.deepEqual(await notReady(kubeconfig), []);
      const { summary } = await run(["up", stack]);
      assert.deepEqual([summary.create, summary.update, summary.replace, summary.delete], [0, 0, 0, 0]);
    });

    it("goes on with a destroy that failed half-way", async () => {
      await run(["destroy", stack, "--fault", `${cluster}:delete=fails-half-way`], 1);
      assert.ok((await existing(stack)).includes(network));
      await run(["destroy", stack]);
      assert.deepEqual(await existing(stack), []);
    });
  });
});

/** What failed, of a report that is too long to show. */
function errorsIn(stdout: string): string {
  if (!stdout.startsWith("{")) return stdout.slice(0, 2000);
  const { steps, diagnostics } = JSON.parse(stdout) as StackResult;
  const failed = steps.filter(({ error }) => error !== undefined);
  return JSON.stringify([failed, diagnostics.filter(({ severity }) => severity === "error")], undefined, 1);
}
