import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { text } from "../../engine/kubernetes/objects.ts";
import type { LiveResource, Provider } from "../../engine/provider.ts";
import { SimulatedCloud } from "../../engine/simulation/cloud.ts";
import { Faults } from "../../engine/simulation/faults.ts";
import { simulationProviderFactory } from "../../engine/simulation/provider.ts";
import { Secret, Unknown, type PropertyMap } from "../../engine/values.ts";
import { fakeTable } from "./support.ts";

const { signal } = new AbortController();
const refOf = (type: string, name: string) => ({
  urn: `urn:pulumi:dev::cloud::fake:index:${type}::${name}`,
  type: `fake:index:${type}`,
});

describe("provider of a simulated cloud", () => {
  let folder: string;
  let file: string;
  let provider: Provider;
  /** As a new process finds it. */
  const open = async (config: PropertyMap = {}): Promise<Provider> =>
    simulationProviderFactory(fakeTable, { cloud: await SimulatedCloud.open(file), faults: new Faults([]) })(config);
  const create = async (type: string, name: string, news: PropertyMap): Promise<LiveResource> => {
    const { inputs, failures } = await provider.check(refOf(type, name), undefined, news);
    assert.deepEqual(failures, []);
    return { inputs, ...(await provider.create(refOf(type, name), inputs, signal)) };
  };
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "simulation-"));
    file = path.join(folder, "cloud.json");
    provider = await open();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("names every input that is missing or that the table lacks", async () => {
    const { failures } = await provider.check(refOf("Database", "db"), undefined, { nodes: 3, note: null });
    assert.deepEqual(failures.map(({ property }) => property).toSorted(), ["network", "nodes", "password"]);
  });

  it("knows nothing of a type that the table lacks", async () => {
    await assert.rejects(provider.check(refOf("Teapot", "pot"), undefined, {}), /has no fake:index:Teapot/);
  });

  it("finds broken texts at any depth, in secrets too, and shows none of them", async () => {
    const labels = { a: ["fine", new Secret("key-undefined-hidden")], b: "[object Object]" };
    const { failures } = await provider.check(refOf("Network", "net"), undefined, { range: "10.0.0.0/8", labels });
    assert.deepEqual(failures.map(({ property }) => property).toSorted(), ["labels.a[1]", "labels.b"]);
    assert.ok(!JSON.stringify(failures).includes("hidden"));
  });

  it("makes up the same fitting name for a resource each time, and another for another", () =>
    fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[a-z][a-z0-9-]{0,40}$/), async (name) => {
        const [first, second, other] = await Promise.all(
          [name, name, `${name}x`].map(async (each) => provider.check(refOf("Bucket", each), undefined, {})),
        );
        if (name.length > 22) assert.equal(first?.failures[0]?.property, "name");
        else assert.match(text(first?.inputs["name"]), /^[a-z][a-z0-9-]*-[0-9a-f]{7}$/);
        assert.deepEqual(first, second);
        assert.notDeepEqual(first?.inputs["name"] ?? 1, other?.inputs["name"] ?? 2);
      }),
    ));

  it("replaces for what cannot be changed, unknown values included, and updates for the rest", async () => {
    const old = await create("Cluster", "c", { network: "sim-1", labels: { a: "1" } });
    const diff = (news: PropertyMap) => provider.diff(refOf("Cluster", "c"), old, { ...old.inputs, ...news });
    assert.deepEqual((await diff({ labels: { a: "2" } })).replaces, []);
    const moved = await diff({ network: Unknown.value });
    assert.deepEqual(
      moved.replaces.map(({ path: place }) => place),
      ["network"],
    );
    assert.equal(moved.deleteBeforeReplace, true, "two of one name cannot be there at once");
    // Whether it is a secret is no matter of the cloud's.
    assert.equal((await diff({ network: new Secret("sim-1") })).changed, false);
  });

  it("plans an update with what the cloud added, inside of what is asked for too", async () => {
    const old = {
      id: "sim-1",
      inputs: { profile: { enabled: true, old: true }, size: 1 },
      outputs: { profile: { enabled: true, old: true, issuer: "https://a" }, size: 1, host: "h" },
    };
    const { outputs } = await provider.plan(refOf("Cluster", "c"), { profile: { enabled: false }, size: 2 }, old);
    assert.deepEqual(outputs, { profile: { enabled: false, issuer: "https://a" }, size: 2, host: "h" });
  });

  it("finds what it made before it was killed, and makes another for another wish", async () => {
    const first = await create("Network", "net", { range: "10.0.0.0/16" });
    provider = await open();
    const again = await create("Network", "net", { range: "10.0.0.0/16" });
    assert.equal(again.id, first.id);
    const other = await create("Network", "net", { range: "10.1.0.0/16" });
    assert.notEqual(other.id, first.id);
    const elsewhere = await open({ region: "there" });
    assert.notEqual((await elsewhere.create(refOf("Network", "net"), first.inputs, signal)).id, first.id);
  });

  it("tells of what is gone, and deletes it once more without complaint", async () => {
    const bucket = await create("Bucket", "b", {});
    assert.deepEqual(await provider.read(refOf("Bucket", "b"), bucket), bucket);
    await provider.delete(refOf("Bucket", "b"), bucket, signal);
    assert.equal(await provider.read(refOf("Bucket", "b"), bucket), undefined);
    await provider.delete(refOf("Bucket", "b"), bucket, signal);
    await assert.rejects(
      provider.update(refOf("Bucket", "b"), bucket, bucket.inputs, signal),
      /kf refresh STACK --simulate/,
    );
  });

  it("refuses to delete what is in use by id, by made-up name and by the name that a person gave", async () => {
    const network = await create("Network", "net", { range: "10.0.0.0/16" });
    const cluster = await create("Cluster", "c", { name: "kubeflow", network: network.id });
    const pool = await create("Pool", "p", { cluster: "kubeflow" });
    const bucket = await create("Bucket", "b", {});
    const database = await create("Database", "d", {
      network: "sim-else",
      password: "secret",
      note: `in ${text(bucket.inputs["name"])}`,
    });
    // The owner of its labels has the cluster's name by chance.
    await create("Cluster", "other", { network: "sim-else", labels: { owner: "kubeflow" } });
    const remove = (type: string, name: string, live: LiveResource) => provider.delete(refOf(type, name), live, signal);
    await assert.rejects(remove("Network", "net", network), /DependencyViolation: .* by fake:index:Cluster c\./);
    await assert.rejects(remove("Cluster", "c", cluster), /DependencyViolation: .* by fake:index:Pool p\./);
    await assert.rejects(remove("Bucket", "b", bucket), /DependencyViolation: .* by fake:index:Database d\./);
    await remove("Pool", "p", pool);
    await remove("Cluster", "c", cluster);
    await remove("Database", "d", database);
    await remove("Bucket", "b", bucket);
    await remove("Network", "net", network);
  });

  it("writes no input down, and marks what a secret went into", async () => {
    const database = await create("Database", "d", { network: "sim-1", password: new Secret("open sesame 42") });
    assert.ok(database.outputs["connection"] instanceof Secret && database.outputs["certificate"] instanceof Secret);
    assert.ok(!(await readFile(file, "utf8")).includes("sesame"));
  });

  it("has everything in its file, however much happens at once", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `b${String(index)}`);
    const buckets = await Promise.all(names.map((name) => create("Bucket", name, {})));
    assert.equal((await SimulatedCloud.open(file)).resources.length, names.length);
    await Promise.all(
      buckets.map((live, index) => provider.delete(refOf("Bucket", `b${String(index)}`), live, signal)),
    );
    assert.deepEqual((await SimulatedCloud.open(file)).resources, []);
  });

  it("does not take another file for its own", async () => {
    await writeFile(file, '{"version":3}');
    await assert.rejects(open(), /is not the file of a simulated cloud/);
  });
});
