import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import {
  deserializeResource,
  dependenciesOf,
  serializeResource,
  sortResources,
  type ResourceState,
} from "../../engine/deployment.ts";
import { removeAll } from "../../engine/removal.ts";
import { PassphraseSecrets, type Passphrase } from "../../engine/secrets.ts";
import { stackFiles, StackStore } from "../../engine/store.ts";
import { Secret } from "../../engine/values.ts";
import { propertyMaps } from "./support/arbitraries.ts";
import { deploymentFaults } from "./support/deployment-schema.ts";
import { usePassphrase } from "./support/stack.ts";

const urnOf = (name: string): string => `urn:pulumi:dev::p::test:index:Thing::${name}`;

function resource(name: string, more: Partial<ResourceState> = {}): ResourceState {
  return {
    urn: urnOf(name),
    type: "test:index:Thing",
    custom: true,
    id: name,
    inputs: { name, secret: new Secret(`hidden ${name}`) },
    outputs: {},
    dependencies: [],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    customTimeouts: {},
    ...more,
  };
}

const passphrase = (text: string): Passphrase => ({ text, source: "the test", generated: false });

describe("secrets", () => {
  it("are opened by the key that Pulumi derives", async () => {
    // A salt that Pulumi made for the passphrase "password".
    const salt = "v1:fozI5u6B030=:v1:F+6ZduKKd8G0/V7L:PGMFeIzwobWRKmEAzUdaQHqC5mMRIQ==";
    const secrets = await PassphraseSecrets.open(passphrase("password"), salt);
    assert.equal(secrets.decrypt(secrets.encrypt('"x"', "a"), "a"), '"x"');
    await assert.rejects(
      PassphraseSecrets.open(passphrase("Password"), salt),
      /Wrong passphrase \(from the test\).+PULUMI_CONFIG_PASSPHRASE/,
    );
  });

  it("and everything else of a resource come back from its serialised form", async () => {
    const secrets = await PassphraseSecrets.open(passphrase("test"));
    fc.assert(
      fc.property(propertyMaps({ unknowns: false }), propertyMaps({ unknowns: false }), (inputs, outputs) => {
        const state = resource("a", { inputs, outputs });
        const json = JSON.stringify(serializeResource(state, secrets));
        const back = deserializeResource(JSON.parse(json) as ReturnType<typeof serializeResource>, secrets);
        assert.deepEqual(back, state);
        assert.deepEqual(serializeResource(back, secrets), JSON.parse(json));
      }),
    );
  });
});

describe("the order of resources", () => {
  const graphs = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 12 }).map((edges) =>
    edges.map((targets, index) =>
      resource(`r${index}`, {
        dependencies: index === 0 ? [] : targets.map((target) => urnOf(`r${target % index}`)),
      }),
    ),
  );
  const shuffled = graphs.chain((resources) => fc.shuffledSubarray(resources, { minLength: resources.length }));

  it("has everything behind what it depends on", () => {
    fc.assert(
      fc.property(shuffled, (resources) => {
        const sorted = sortResources(resources);
        assert.equal(sorted.length, resources.length);
        const seen = new Set<string>();
        for (const state of sorted) {
          for (const urn of dependenciesOf(state)) assert.ok(seen.has(urn));
          seen.add(state.urn);
        }
      }),
    );
  });

  it("deletes nothing before what depends on it, nor what a failed deletion still needs", async () => {
    await fc.assert(
      fc.asyncProperty(shuffled, fc.nat(), async (resources, stuck) => {
        const gone = new Set<string>();
        const failing = resources[stuck % Math.max(1, resources.length)]?.urn;
        const all = await removeAll(resources, async ({ urn }) => {
          await Promise.resolve();
          for (const other of resources) if (dependenciesOf(other).includes(urn)) assert.ok(gone.has(other.urn));
          if (urn !== failing) gone.add(urn);
          return urn !== failing;
        });
        assert.equal(all, resources.length === 0);
      }),
    );
  });

  it("ends even where an old and a new resource of one name need each other", async () => {
    const old = resource("a", { delete: true, dependencies: [urnOf("b")] });
    const live = resource("b", { dependencies: [urnOf("a")] });
    assert.ok(await removeAll([old, live], () => Promise.resolve(true)));
  });
});

describe("state on disk", () => {
  usePassphrase("state");
  let stateDir: string;
  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), "state-"));
  });
  afterEach(() => rm(stateDir, { recursive: true, force: true }));

  const open = (readOnly = false, dir = stateDir) =>
    StackStore.open({ stateDir: dir, project: "p", stack: "dev", version: "v3.0.0", readOnly });

  /** Creates three resources, replaces one, deletes one, and is killed in the middle of the last operation. */
  async function crashed(store: StackStore): Promise<void> {
    for (const name of ["a", "b", "c"]) {
      const id = await store.begin("creating", resource(name));
      store.record([{ put: resource(name, { outputs: { token: name } }) }], [id]);
    }
    const replacing = await store.begin("creating", resource("b", { id: "b2" }));
    store.record([{ condemn: urnOf("b") }, { put: resource("b", { id: "b2" }) }], [replacing]);
    const deleting = await store.begin("deleting", resource("c"));
    store.record([{ drop: urnOf("c") }], [deleting]);
    store.record([{ rename: [urnOf("a"), urnOf("z")] }]);
    await store.begin("deleting", resource("b", { delete: true }));
  }

  const summary = ({ state }: StackStore) => ({
    live: [...state.live.keys()].sort(),
    condemned: state.condemned.map(({ id }) => id),
    pending: [...state.pending.values()].map(({ type }) => type),
  });

  it("is whole again from the journal, and merged by the next run", async () => {
    await crashed(await open());
    const expected = { live: [urnOf("b"), urnOf("z")], condemned: ["b"], pending: ["deleting"] };
    assert.deepEqual(summary(await open(true)), expected);
    assert.deepEqual(summary(await open()), expected);
    const { snapshot, journal } = stackFiles({ stateDir, project: "p", stack: "dev" });
    await assert.rejects(stat(journal), { code: "ENOENT" });
    const text = await readFile(snapshot, "utf8");
    assert.deepEqual(deploymentFaults(JSON.parse(text)), []);
    assert.ok(!text.includes("hidden"));
    assert.deepEqual(summary(await open()), expected);
  });

  it("survives a journal torn at any byte, and never forgets an operation that may have happened", async () => {
    await crashed(await open());
    const { journal } = stackFiles({ stateDir, project: "p", stack: "dev" });
    const text = await readFile(journal, "utf8");
    assert.ok(!text.includes("hidden"));
    const lines = text.split("\n");
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length), async (length) => {
        const dir = path.join(stateDir, "torn");
        await rm(dir, { recursive: true, force: true });
        const torn = stackFiles({ stateDir: dir, project: "p", stack: "dev" }).journal;
        await mkdir(path.dirname(torn), { recursive: true });
        await copyFile(journal, torn);
        await truncate(torn, length);
        const store = await open(true, dir);
        const whole = text.slice(0, length).split("\n").length - 1;
        const begun = lines.slice(0, whole).filter((line) => line.startsWith('{"begin"')).length;
        const ended = lines.slice(0, whole).filter((line) => /^\{"end":\["/.test(line)).length;
        assert.equal(store.state.pending.size, begun - ended);
      }),
      { numRuns: 200 },
    );
  });

  it("keeps the last ten snapshots, and reads nothing from the journal of an older one", async () => {
    const files = stackFiles({ stateDir, project: "p", stack: "dev" });
    let stale = "";
    for (let i = 0; i < 14; i++) {
      const store = await open();
      store.record([{ put: resource(`r${i}`) }]);
      await store.begin("creating", resource(`x${i}`));
      if (i === 3) stale = await readFile(files.journal, "utf8");
      store.state.pending.clear();
      await store.save();
    }
    assert.equal((await readdir(files.backups)).length, 10);
    await writeFile(files.journal, stale);
    const store = await open();
    assert.equal(store.state.live.size, 14);
    assert.equal(store.state.pending.size, 0);
  });

  it("tells a damaged snapshot and a foreign version by the file's name", async () => {
    const { snapshot } = stackFiles({ stateDir, project: "p", stack: "dev" });
    const store = await open();
    store.record([{ put: resource("a") }]);
    await store.save();
    await writeFile(snapshot, "{");
    await assert.rejects(open(), new RegExp(`State file .*dev\\.json is not JSON\. .*backups`));
    await writeFile(snapshot, '{"version":2,"deployment":{}}');
    await assert.rejects(open(), /deployment version 2, this engine reads version 3 only/);
  });
});

describe("a machine without a passphrase", () => {
  usePassphrase(undefined);

  it("gets one of its own, which nobody else may read, and is told", async () => {
    const stateDir = await mkdtemp(path.join(tmpdir(), "state-"));
    const open = () => StackStore.open({ stateDir, project: "p", stack: "dev", version: "v3.0.0", readOnly: false });
    const store = await open();
    const file = path.join(stateDir, "passphrase");
    assert.equal(store.generatedPassphrase, file);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    store.record([{ put: resource("a") }]);
    await store.save();
    const again = await open();
    assert.equal(again.generatedPassphrase, undefined);
    assert.deepEqual(again.state.live.get(urnOf("a"))?.inputs["secret"], new Secret("hidden a"));
    await writeFile(file, "another");
    await assert.rejects(open(), /Wrong passphrase \(from .+passphrase\)/);
    await rm(stateDir, { recursive: true });
  });
});
