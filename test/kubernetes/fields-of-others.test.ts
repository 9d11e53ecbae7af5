import assert from "node:assert/strict";
import fc from "fast-check";
import { ownPart, scaledObjects } from "../../kubernetes/fields-of-others.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";

const nobody: ReadonlySet<string> = new Set();

function object(apiVersion: string, kind: string, rest: object = {}): KubernetesObject {
  return { apiVersion, kind, metadata: { name: "a", namespace: "b" }, ...rest };
}

describe("fields of others", () => {
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] };
  for (const [title, given, kept, ignored] of [
    [
      "leaves out the rules of an aggregated ClusterRole",
      object("rbac.authorization.k8s.io/v1", "ClusterRole", { aggregationRule, rules: [] }),
      object("rbac.authorization.k8s.io/v1", "ClusterRole", { aggregationRule }),
      [],
    ],
    [
      "leaves out rules that are empty, and keeps those that are not",
      object("rbac.authorization.k8s.io/v1", "ClusterRole", { rules: [] }),
      object("rbac.authorization.k8s.io/v1", "ClusterRole"),
      [],
    ],
    [
      "leaves out empty lists and text maps of a pod, and keeps empty settings that mean something",
      object("apps/v1", "Deployment", {
        spec: {
          template: {
            spec: { nodeSelector: {}, containers: [{ args: [], securityContext: {} }], volumes: [{ emptyDir: {} }] },
          },
        },
      }),
      object("apps/v1", "Deployment", {
        spec: { template: { spec: { containers: [{ securityContext: {} }], volumes: [{ emptyDir: {} }] } } },
      }),
      [],
    ],
    [
      "keeps what a custom resource says, empty or not",
      object("example.com/v1", "Thing", { spec: { list: [], data: {} } }),
      object("example.com/v1", "Thing", { spec: { list: [], data: {} } }),
      [],
    ],
    ["leaves out status", object("example.com/v1", "Thing", { status: {} }), object("example.com/v1", "Thing"), []],
    ["ignores the data of a Secret that is shipped empty", object("v1", "Secret"), object("v1", "Secret"), ["data"]],
    [
      "claims the data of a Secret that has some",
      object("v1", "Secret", { data: { a: "Yg==" } }),
      object("v1", "Secret", { data: { a: "Yg==" } }),
      [],
    ],
    [
      "ignores the CA bundles of webhooks, and rules where there are none",
      object("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", {
        webhooks: [{ name: "a", rules: [{ operations: ["CREATE"] }] }, { name: "b" }],
      }),
      object("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", {
        webhooks: [{ name: "a", rules: [{ operations: ["CREATE"] }] }, { name: "b" }],
      }),
      ["webhooks[0].clientConfig.caBundle", "webhooks[1].clientConfig.caBundle", "webhooks[1].rules"],
    ],
  ] as const) {
    it(title, () => {
      assert.deepEqual(ownPart(given, nobody), { object: kept, ignoreChanges: ignored });
    });
  }

  it("ignores the replicas of what an autoscaler of the same namespace scales, and of nothing else", () => {
    const scaler = object("autoscaling/v2", "HorizontalPodAutoscaler", {
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "a" } },
    });
    const scaled = scaledObjects([scaler]);
    const deployment = object("apps/v1", "Deployment", { spec: { replicas: 2 } });
    assert.deepEqual(ownPart(deployment, scaled).ignoreChanges, ["spec.replicas"]);
    const elsewhere = { ...deployment, metadata: { name: "a", namespace: "c" } };
    assert.deepEqual(ownPart(elsewhere, scaled).ignoreChanges, []);
  });

  it("changes nothing the second time, and takes away nothing that holds a value", () => {
    const values = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(values, (spec) => {
        const once = ownPart(object("apps/v1", "Deployment", { spec }), nobody).object;
        assert.deepEqual(ownPart(once, nobody).object, once);
        assert.deepEqual(leaves(once["spec"]), leaves(spec));
      }),
    );
  });
});

/** Everything that is neither a list nor a map, in order. */
function leaves(value: unknown): readonly unknown[] {
  return typeof value === "object" && value !== null
    ? Object.values(value).flatMap(leaves)
    : value === undefined
      ? []
      : [value];
}
