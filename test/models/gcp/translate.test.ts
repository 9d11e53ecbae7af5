import assert from "node:assert/strict";
import type { PropertyMap } from "../../../engine/values.ts";
import { requestOf, type GcpType } from "./translate.ts";
import { only } from "./types-cluster.ts";

const plain: GcpType = { document: "api.v1", method: "things.insert", parameters: {} };

function sent(type: Partial<GcpType>, inputs: PropertyMap) {
  const provider = { project: "example", region: "europe-west4" };
  return requestOf({ ...plain, ...type }, { type: "gcp:a:A", name: "a", inputs, outputs: {}, provider });
}

describe("inputs of Pulumi's Google types", () => {
  it("go into the body under their own names, unless they are in the path", () => {
    const parameters = { parent: "projects/{project}/regions/{region}/things/{thing}" };
    const request = sent({ parameters }, { region: "us-east1", thing: "t", name: "n", list: [{ a: 1 }], empty: {} });
    assert.deepEqual(request.parameters, { parent: "projects/example/regions/us-east1/things/t" });
    assert.deepEqual(request.body, { name: "n", list: [{ a: 1 }], empty: {} });
  });

  it("move, whole lists and what is in them too, to below or beside where they are", () => {
    const moves = { rules: "cycle.rule", "rules.days": "age.days", outer: "", "outer.inner": "other.value" };
    const request = sent({ body: "thing", moves }, { rules: [{ days: 1 }, { days: 2 }], outer: { inner: 3 } });
    assert.deepEqual(request.body, {
      thing: { cycle: { rule: [{ age: { days: 1 } }, { age: { days: 2 } }] }, other: { value: 3 } },
    });
    assert.deepEqual([...request.used].sort(), ["outer", "outer.inner", "rules", "rules.days", "rules.days"]);
  });

  it("meet in one place, whichever comes first", () => {
    const moves = { flag: "config.flag", other: "config.other" };
    const config = { flag: true, config: { own: 1 }, other: 2 };
    assert.deepEqual(sent({ moves }, config).body, { config: { flag: true, own: 1, other: 2 } });
  });

  it("are dropped only by name, and stay in the body if the table does not know them", () => {
    assert.deepEqual(sent({ dropped: { own: "the provider's" } }, { own: true, more: 1 }).body, { more: 1 });
  });

  it("keep keys of maps that look like paths", () => {
    const labels = { "kubernetes.io/name": "a", "": "b" };
    assert.deepEqual(sent({}, { labels }).body, { labels });
  });

  it("take another form, or are not sent, and are held against what the table wants", () => {
    const moves = { one: { to: "single", as: only }, gone: { as: () => undefined }, role: { wants: /^roles\// } };
    const request = sent({ moves }, { one: [{ a: 1 }], gone: "", role: "viewer" });
    assert.deepEqual(request.body, { single: { a: 1 }, role: "viewer" });
    assert.deepEqual(request.problems, [String.raw`role: "viewer" does not match ^roles\/`]);
  });

  it("stay a list when there are several of what may be one, which no schema lets pass", () => {
    assert.deepEqual(sent({ moves: { one: { as: only } } }, { one: [1, 2] }).body, { one: [1, 2] });
  });
});
