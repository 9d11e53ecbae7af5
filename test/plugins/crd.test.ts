import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { text } from "../../engine/kubernetes/objects.ts";
import type { LiveResource, Provider } from "../../engine/provider.ts";
import type { PropertyMap } from "../../engine/values.ts";
import { ClientPool } from "../../kubernetes/pool.ts";
import { crdProviderFactory } from "../../plugins/crd/provider.ts";
import { storeCrds } from "../../release/crds.ts";
import { testKubeconfig, testManager, thingCrd, uniqueName } from "../support/cluster.ts";

const ref = {
  urn: "urn:pulumi:test::kubeflow::kubeflow:index:CustomResourceDefinition::things",
  type: "kubeflow:index:CustomResourceDefinition",
};
const { signal } = new AbortController();

describe("CRD provider", () => {
  const clients = new ClientPool();
  const told: string[] = [];
  const oldCache = process.env["KF_CACHE_DIR"];
  let cache: string;
  let provider: Provider;
  let kubeconfig: string;

  before(async () => {
    cache = await mkdtemp(path.join(tmpdir(), "kf-crd-"));
    process.env["KF_CACHE_DIR"] = cache;
    kubeconfig = await testKubeconfig();
    const options = { fieldManager: testManager, clients, progress: (message: string) => told.push(message) };
    provider = await crdProviderFactory(options)({ kubeconfig });
  });
  after(async () => {
    if (oldCache === undefined) delete process.env["KF_CACHE_DIR"];
    else process.env["KF_CACHE_DIR"] = oldCache;
    await clients.close();
    await rm(cache, { recursive: true });
  });

  /** The inputs that the program registers for a CRD. */
  async function inputsOf(group: string, extra?: Readonly<Record<string, unknown>>): Promise<PropertyMap> {
    const [crd] = await storeCrds([thingCrd(group, extra)]);
    assert.ok(crd);
    return {
      name: crd.name,
      digest: crd.digest,
      group: crd.group,
      kind: crd.kind,
      scope: crd.scope,
      versions: crd.versions,
    };
  }

  async function created(inputs: PropertyMap): Promise<LiveResource> {
    return { ...(await provider.create(ref, inputs, signal)), inputs };
  }

  it("applies the body under the digest, whose objects can be made at once, and deletes it", async () => {
    const group = `${uniqueName("crd")}.example`;
    const inputs = await inputsOf(group);
    assert.deepEqual(await provider.preflight?.([{ resource: ref, inputs }]), []);
    const live = await created(inputs);
    const client = await clients.get({ kubeconfig });
    const thing = { apiVersion: `${group}/v1`, kind: "Thing", metadata: { name: "x", namespace: "default" }, spec: {} };
    await client.apply(thing, { fieldManager: testManager });
    assert.ok(JSON.stringify(live.outputs).length < 500, "state holds the body");
    assert.deepEqual((await provider.read(ref, live))?.inputs, inputs);

    await provider.delete(ref, live, signal);
    assert.equal(await provider.read(ref, live), undefined);
    assert.equal(await client.get(thing), undefined);
  });

  it("updates in place to another body, and sees when somebody changed it", async () => {
    const group = `${uniqueName("crd")}.example`;
    const first = await created(await inputsOf(group));
    const inputs = await inputsOf(group, { description: "second" });
    const diff = await provider.diff(ref, first, inputs);
    assert.deepEqual(diff, { changed: true, replaces: [], deleteBeforeReplace: false });
    const second = { ...first, inputs, ...(await provider.update(ref, first, inputs, signal)) };
    assert.deepEqual((await provider.read(ref, second))?.inputs, inputs);

    const client = await clients.get({ kubeconfig });
    await client.apply(thingCrd(group, { description: "theirs" }), { fieldManager: "somebody", force: true });
    const drifted = await provider.read(ref, second);
    assert.notEqual(drifted?.inputs["digest"], inputs["digest"]);
    assert.equal((await provider.diff(ref, { ...second, ...drifted }, inputs)).changed, true);
    await provider.update(ref, second, inputs, signal);
    assert.match(told.join("\n"), new RegExp(`things.${group}: spec.* taken back from somebody`));
    assert.deepEqual((await provider.read(ref, second))?.inputs, inputs);
    await provider.delete(ref, second, signal);
  });

  it("is another CRD when name, group or scope change, and says what that means", async () => {
    const inputs = await inputsOf("a.example");
    const { replaces, deleteBeforeReplace } = await provider.diff(
      ref,
      { id: "x", inputs, outputs: inputs },
      { ...inputs, scope: "Cluster" },
    );
    assert.equal(deleteBeforeReplace, true);
    assert.match(JSON.stringify(replaces), /"scope".*starts without any objects/);
  });

  it("says what to do when the body is not in the cache, or is another one", async () => {
    const inputs = await inputsOf("gone.example");
    const file = path.join(cache, "crds", `${text(inputs["digest"])}.json`);
    await writeFile(file, (await readFile(file, "utf8")).replace("Thing", "Thang"));
    await assert.rejects(
      provider.create(ref, inputs, signal),
      /CRD things.gone.example.*has the digest.*render the release again/s,
    );
    await rm(file);
    const [message = ""] = (await provider.preflight?.([{ resource: ref, inputs }])) ?? [];
    assert.match(message, /CRD things.gone.example: its body .* not in the cache.*kf release render/);
    await assert.rejects(provider.create(ref, inputs, signal), /CRD things.gone.example/);
  });
});
