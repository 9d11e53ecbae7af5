import assert from "node:assert/strict";
import fc from "fast-check";
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { splitHooks } from "../../../release/helm/hooks.ts";
import { UserError } from "../../../shared/errors.ts";

const taken = ["pre-install", "pre-upgrade", "post-install", "post-upgrade", "test", "test-success"];
const refused = ["pre-delete", "post-delete", "pre-rollback", "post-rollback", "crd-install", "post-everything"];

const object = (events: fc.Arbitrary<string[]>): fc.Arbitrary<KubernetesObject> =>
  fc
    .record({
      name: fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom("a", "b", "c", "d") }),
      kind: fc.constantFrom("ConfigMap", "ServiceAccount", "Secret"),
      events,
      weight: fc.option(fc.integer({ min: -9, max: 9 }), { nil: undefined }),
    })
    .map(({ name, kind, events, weight }) => ({
      apiVersion: "v1",
      kind,
      metadata: {
        name,
        annotations: {
          ...(events.length === 0 ? {} : { "helm.sh/hook": events.join(", ") }),
          ...(weight === undefined ? {} : { "helm.sh/hook-weight": String(weight) }),
        },
      },
    }));

const objects = (events: fc.Arbitrary<string[]>): fc.Arbitrary<KubernetesObject[]> =>
  fc.uniqueArray(object(events), { selector: objectKey, maxLength: 12 });

const hookOf = (item: KubernetesObject): string => item.metadata.annotations?.["helm.sh/hook"] ?? "";
const weightOf = (item: KubernetesObject): number => Number(item.metadata.annotations?.["helm.sh/hook-weight"] ?? 0);

describe("hooks of a chart", () => {
  it("puts every object in exactly one phase, hooks by weight, and leaves out nothing but tests", () => {
    fc.assert(
      fc.property(objects(fc.subarray(taken)), (items) => {
        const { before, rest, after, dropped, crds } = splitHooks(items, "chart x");
        assert.deepEqual(new Set([...before, ...rest, ...after, ...dropped, ...crds]), new Set(items));
        assert.equal(before.length + rest.length + after.length + dropped.length, items.length);
        for (const item of rest) assert.equal(hookOf(item), "");
        for (const item of before) assert.match(hookOf(item), /pre-/);
        for (const item of after) assert.match(hookOf(item), /post-/);
        for (const item of dropped) assert.doesNotMatch(hookOf(item), /pre-|post-/);
        for (const phase of [before, after]) {
          const weights = phase.map(weightOf);
          assert.deepEqual(
            weights,
            [...weights].sort((a, b) => a - b),
          );
        }
      }),
    );
  });

  it("refuses any other hook, naming every object that has one", () => {
    const events = fc.oneof(
      fc.subarray(taken),
      fc.constantFrom(...refused).map((event) => [event]),
    );
    fc.assert(
      fc.property(objects(events), (items) => {
        const bad = items.filter((item) => refused.includes(hookOf(item)));
        fc.pre(bad.length > 0);
        assert.throws(
          () => splitHooks(items, "chart x 1.0.0"),
          (error) => {
            assert.ok(error instanceof UserError);
            assert.ok(error.message.startsWith("chart x 1.0.0 has hooks"));
            for (const item of bad)
              assert.ok(error.message.includes(`${item.kind} ${item.metadata.name}: hook "${hookOf(item)}"`));
            return true;
          },
        );
      }),
    );
  });

  it("treats a CRD as a CRD whatever hook it has", () => {
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "x.y.z", annotations: { "helm.sh/hook": "crd-install,pre-delete" } },
    };
    assert.deepEqual(splitHooks([crd], "chart x").crds, [crd]);
  });
});
