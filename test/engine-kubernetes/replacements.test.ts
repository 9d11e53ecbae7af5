import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { kubernetesProviderSettings } from "../../components/shared/kubernetes-provider.ts";
import { difference } from "../../engine/diff.ts";
import { compare as compareBy } from "../../engine/kubernetes/replacements.ts";
import { toMap } from "../../engine/kubernetes/objects.ts";
import { Unknown, type PropertyMap } from "../../engine/values.ts";
import { contains, formatPath, parsePath } from "../../engine/paths.ts";
import { ApiError } from "../../kubernetes/errors.ts";
import { fixedFields } from "../../kubernetes/fixed-fields.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { cases } from "./replacement-cases.ts";
import { dropNamespace, testManager, testNamespace, uniqueName } from "../support/cluster.ts";

const compare = (olds: PropertyMap, news: PropertyMap) => compareBy(olds, news, kubernetesProviderSettings);

describe("Replacements", () => {
  let place: Awaited<ReturnType<typeof testNamespace>>;
  before(async () => {
    place = await testNamespace();
  });
  after(() => dropNamespace(place));

  for (const { what, apiVersion, kind, fields, changed, path, byProgram, stricter, clusterScoped } of cases) {
    it(`${path === undefined ? "changes" : "replaces for"} the ${what} of a ${kind}, as the API server would have it`, async () => {
      const name = uniqueName("r");
      const metadata = clusterScoped === true ? { name } : { name, namespace: place.namespace };
      const old: KubernetesObject = { apiVersion, kind, metadata, ...fields };
      const next: KubernetesObject = { apiVersion, kind, metadata, ...changed };
      const diff = compare(toMap(old), toMap(next));
      const fixed = fixedFields(old).map(parsePath);
      const changes = difference(toMap(old), toMap(next)).map((change) => change.path);
      const programs = changes.filter((each) => fixed.some((pattern) => contains(pattern, each))).map(formatPath);
      const paths = path === undefined ? [] : [path];
      assert.deepEqual(
        diff.replaces.map((each) => each.path),
        byProgram === true ? [] : paths,
      );
      assert.deepEqual(programs, byProgram === true ? paths : []);
      assert.equal(diff.deleteBeforeReplace, path !== undefined && byProgram !== true);
      assert.equal(diff.changed, true);

      await place.client.apply(old, { fieldManager: testManager });
      const update = place.client.apply(next, { fieldManager: testManager });
      const answer = await update.then(
        () => "changed",
        (error: unknown) => (error instanceof ApiError ? error.status : error),
      );
      assert.equal(answer, path === undefined || stricter === true ? "changed" : 422);
      if (clusterScoped === true) await place.client.delete(old);
    });
  }

  const config = (metadata: PropertyMap): PropertyMap => ({ apiVersion: "v1", kind: "ConfigMap", metadata });

  it("replaces what is renamed or moved, the new one first", () => {
    const { replaces, deleteBeforeReplace } = compare(
      config({ name: "a", namespace: "n" }),
      config({ name: "a", namespace: "m" }),
    );
    assert.deepEqual(replaces, [{ path: "metadata.namespace", reason: "an object cannot be renamed or moved" }]);
    assert.equal(deleteBeforeReplace, false);
  });

  it("takes the namespace that an object is in, spelled out, for no change", () => {
    const [bare, spelled] = [config({ name: "a" }), config({ name: "a", namespace: "default" })];
    assert.equal(compare(bare, spelled).changed, false);
    const elsewhere = compareBy(bare, spelled, kubernetesProviderSettings, { old: "other", new: "default" });
    assert.deepEqual(
      elsewhere.replaces.map(({ path }) => path),
      ["metadata.namespace"],
    );
  });

  it("counts with a replacement where a fixed value is not known yet", () => {
    const old = config({ name: "a", namespace: "n" });
    assert.equal(compare(old, { ...old, metadata: { name: "a", namespace: Unknown.value } }).replaces.length, 1);
    assert.equal(compare(old, { ...old, data: { key: Unknown.value } }).replaces.length, 0);
  });

  it("finds no change between equal inputs", () => {
    const old = config({ name: "a" });
    assert.deepEqual(compare(old, { ...old }), { changed: false, replaces: [], deleteBeforeReplace: false });
  });
});
