import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { text } from "../../engine/kubernetes/objects.ts";
import type { LiveResource, Provider } from "../../engine/provider.ts";
import type { PropertyMap } from "../../engine/values.ts";
import { testManager, thingCrd, uniqueName } from "../support/cluster.ts";
import { inputsOf, openBench, ref, type Bench } from "./support.ts";

const { signal } = new AbortController();

describe("CRD provider", () => {
  let bench: Bench;
  let provider: Provider;

  before(async () => {
    bench = await openBench();
    ({ provider } = bench);
  });
  after(async () => {
    await bench.close();
  });

  async function created(inputs: PropertyMap): Promise<LiveResource> {
    return { ...(await provider.create(ref, inputs, signal)), inputs };
  }

  it("applies the body under the digest, whose objects can be made at once, and deletes it", async () => {
    const group = `${uniqueName("crd")}.example`;
    const inputs = await inputsOf(thingCrd(group));
    assert.deepEqual(await provider.preflight?.([{ resource: ref, inputs }]), []);
    const live = await created(inputs);
    const { client } = bench;
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
    const first = await created(await inputsOf(thingCrd(group)));
    const inputs = await inputsOf(thingCrd(group, { description: "second" }));
    const diff = await provider.diff(ref, first, inputs);
    assert.deepEqual(diff, { changed: true, replaces: [], deleteBeforeReplace: false });
    const second = { ...first, inputs, ...(await provider.update(ref, first, inputs, signal)) };
    assert.deepEqual((await provider.read(ref, second))?.inputs, inputs);

    const { client } = bench;
    await client.apply(thingCrd(group, { description: "theirs" }), { fieldManager: "somebody", force: true });
    const drifted = await provider.read(ref, second);
    assert.notEqual(drifted?.inputs["digest"], inputs["digest"]);
    assert.equal((await provider.diff(ref, { ...second, ...drifted }, inputs)).changed, true);
    await provider.update(ref, second, inputs, signal);
    assert.match(bench.told.join("\n"), new RegExp(`things.${group}: spec.* taken back from somebody`));
    assert.deepEqual((await provider.read(ref, second))?.inputs, inputs);
    await provider.delete(ref, second, signal);
  });

  it("is another CRD when name, group or scope change, and says what that means", async () => {
    const inputs = await inputsOf(thingCrd("a.example"));
    const { replaces, deleteBeforeReplace } = await provider.diff(
      ref,
      { id: "x", inputs, outputs: inputs },
      { ...inputs, scope: "Cluster" },
    );
    assert.equal(deleteBeforeReplace, true);
    assert.match(JSON.stringify(replaces), /"scope".*starts without any objects/);
  });

  it("says what to do when the body is not in the cache, or is another one", async () => {
    const inputs = await inputsOf(thingCrd("gone.example"));
    const file = path.join(bench.cache, "crds", `${text(inputs["digest"])}.json`);
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
