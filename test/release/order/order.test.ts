import assert from "node:assert/strict";
import fc from "fast-check";
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { computeOrder, crdKey, type Order } from "../../../release/order/order.ts";
import type { RenderedCrd } from "../../../release/types.ts";

const names = ["a", "b", "c"] as const;
const name = fc.constantFrom(...names);

function object(apiVersion: string, kind: string, meta: Record<string, unknown>, rest = {}): KubernetesObject {
  return { apiVersion, kind, metadata: { name: "x", ...meta }, ...rest };
}

/** Deployments that mount, run as and are selected by what the other arbitraries make. */
const deployment = fc
  .record({ name, namespace: name, account: name, config: name, secret: name, claim: name, app: name })
  .map(({ name, namespace, account, config, secret, claim, app }) =>
    object(
      "apps/v1",
      "Deployment",
      { name, namespace },
      {
        spec: {
          selector: { matchLabels: { app } },
          template: {
            metadata: { labels: { app } },
            spec: {
              serviceAccountName: account,
              containers: [{ name: "main", envFrom: [{ configMapRef: { name: config } }] }],
              volumes: [{ secret: { secretName: secret } }, { persistentVolumeClaim: { claimName: claim } }],
            },
          },
        },
      },
    ),
  );

const plain = fc
  .record({
    name,
    namespace: name,
    kind: fc.constantFrom("ServiceAccount", "ConfigMap", "Secret", "PersistentVolumeClaim"),
  })
  .map(({ name, namespace, kind }) => object("v1", kind, { name, namespace }));

const namespace = fc
  .record({ name, inject: fc.boolean() })
  .map(({ name, inject }) => object("v1", "Namespace", { name, labels: inject ? { inject: "yes" } : {} }));

const service = fc
  .record({ name, namespace: name, app: name })
  .map(({ name, namespace, app }) => object("v1", "Service", { name, namespace }, { spec: { selector: { app } } }));

const binding = fc.record({ name, namespace: name, account: name, role: name }).chain((fields) =>
  fc.constantFrom("Role", "ClusterRole").map((kind) =>
    object(
      "rbac.authorization.k8s.io/v1",
      "RoleBinding",
      { name: fields.name, namespace: fields.namespace },
      {
        roleRef: { kind, name: fields.role },
        subjects: [{ kind: "ServiceAccount", name: fields.account, namespace: fields.namespace }],
      },
    ),
  ),
);

const role = fc
  .record({ name, namespace: name })
  .map(({ name, namespace }) => object("rbac.authorization.k8s.io/v1", "Role", { name, namespace }));

const custom = fc
  .record({ name, namespace: name, group: name })
  .map(({ name, namespace, group }) => object(`${group}.example.com/v1`, "Widget", { name, namespace }));

/** Webhooks that intercept workloads, pods, plain objects or custom resources: circles are easy to make with them. */
const webhook = fc
  .record({
    name,
    namespace: name,
    service: name,
    resource: fc.constantFrom("*", "pods", "deployments", "widgets", "secrets"),
    selective: fc.boolean(),
  })
  .map(({ name, namespace, service, resource, selective }) =>
    object(
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      { name },
      {
        webhooks: [
          {
            failurePolicy: "Fail",
            clientConfig: { service: { namespace, name: service } },
            ...(selective ? { namespaceSelector: { matchLabels: { inject: "yes" } } } : {}),
            rules: [
              { operations: ["CREATE"], apiGroups: ["*"], apiVersions: ["*"], resources: [resource], scope: "*" },
            ],
          },
        ],
      },
    ),
  );

const objects = fc
  .array(fc.oneof(deployment, plain, namespace, service, binding, role, custom, webhook), { maxLength: 40 })
  .map((list) => [...new Map(list.map((item) => [objectKey(item), item])).values()]);

const crds = fc.subarray([...names]).map((groups) =>
  groups.map((group): RenderedCrd => ({
    name: `widgets.${group}.example.com`,
    digest: "",
    group: `${group}.example.com`,
    kind: "Widget",
    scope: "Namespaced",
    versions: ["v1"],
  })),
);

/** Position of each object when everything is applied as soon as what it waits for is there; fails on a circle. */
function levels({ dependencies }: Order): Map<string, number> {
  const found = new Map<string, number>();
  while (found.size < dependencies.size) {
    const ready = [...dependencies].filter(([key, needs]) => !found.has(key) && needs.every((need) => found.has(need)));
    assert.notEqual(ready.length, 0, "the order has a circle");
    const level = found.size;
    for (const [key] of ready) found.set(key, level);
  }
  return found;
}

describe("order of a release", () => {
  it("puts everything after what it needs, in any set of objects", () => {
    fc.assert(
      fc.property(objects, crds, (list, definitions) => {
        const order = computeOrder({ objects: list, crds: definitions });
        const level = levels(order);
        const before = (first: string, second: KubernetesObject): void => {
          const [a, b] = [level.get(first), level.get(objectKey(second))];
          if (a !== undefined && b !== undefined) assert.ok(a < b, `${first} is not before ${objectKey(second)}`);
        };
        for (const item of list) {
          const here = item.metadata.namespace;
          if (here !== undefined) before(`Namespace//${here}`, item);
          if (item.kind === "Widget") before(crdKey(`widgets.${item.apiVersion.replace("/v1", "")}`), item);
          if (item.kind === "RoleBinding") {
            const ref = item["roleRef"] as { kind: string; name: string };
            if (ref.kind === "Role") before(`Role.rbac.authorization.k8s.io/${here ?? ""}/${ref.name}`, item);
          }
          if (item.kind !== "Deployment") continue;
          const { spec } = (item["spec"] as { template: { spec: Record<string, unknown> } }).template;
          before(`ServiceAccount/${here ?? ""}/${String(spec["serviceAccountName"])}`, item);
        }
        for (const edge of order.edges) {
          assert.ok((level.get(edge.to) ?? -1) < (level.get(edge.from) ?? -1), `${edge.from} -> ${edge.to}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("drops an edge only where it would close a circle", () => {
    fc.assert(
      fc.property(objects, crds, (list, definitions) => {
        const { dropped, edges } = computeOrder({ objects: list, crds: definitions });
        const next = new Map<string, string[]>();
        for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
        for (const { from, to } of dropped) {
          const seen = new Set([to]);
          for (const node of seen) for (const more of next.get(node) ?? []) seen.add(more);
          assert.ok(seen.has(from), `${from} -> ${to} closes no circle`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is the same for any order of the objects", () => {
    fc.assert(
      fc.property(
        objects.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          const one = computeOrder({ objects: list, crds: [] });
          const other = computeOrder({ objects: shuffled, crds: [] });
          const sorted = (order: Order): unknown => [...order.dependencies].sort(([a], [b]) => (a < b ? -1 : 1));
          assert.deepEqual(sorted(other), sorted(one));
        },
      ),
    );
  });

  it("applies an intercepted object after the webhook, and the webhook after the workload that answers it", () => {
    const labels = { app: "hook" };
    const list = [
      object("v1", "Namespace", { name: "a" }),
      object("v1", "Secret", { name: "s", namespace: "a" }),
      object(
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        { name: "w" },
        {
          webhooks: [
            {
              clientConfig: { service: { namespace: "a", name: "svc" } },
              objectSelector: { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] },
              rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["secrets", "pods"] }],
            },
          ],
        },
      ),
      object("v1", "Service", { name: "svc", namespace: "a" }, { spec: { selector: labels } }),
      object(
        "apps/v1",
        "Deployment",
        { name: "d", namespace: "a" },
        {
          spec: { template: { metadata: { labels }, spec: { containers: [] } } },
        },
      ),
    ];
    const { dependencies, dropped } = computeOrder({ objects: list, crds: [] });
    const webhook = "MutatingWebhookConfiguration.admissionregistration.k8s.io//w";
    assert.deepEqual(dependencies.get(webhook), ["Deployment.apps/a/d", "Service/a/svc"]);
    assert.deepEqual(dependencies.get("Secret/a/s"), [webhook]);
    assert.deepEqual(dropped, []);
  });

  it("runs a chart's hooks before and after everything else of it, one after the other", () => {
    const jobs = ["h1", "h2", "x", "after"].map((name) => object("batch/v1", "Job", { name, namespace: "a" }));
    const key = (name: string): string => `Job.batch/a/${name}`;
    const phases = { before: [key("h1"), key("h2")], after: [key("after")], all: jobs.map(objectKey) };
    const { dependencies } = computeOrder({ objects: jobs, crds: [], phases: [phases] });
    assert.deepEqual(
      [...dependencies],
      [
        [key("h1"), []],
        [key("h2"), [key("h1")]],
        [key("x"), [key("h2")]],
        [key("after"), [key("x")]],
      ],
    );
  });

  it("deletes an aggregated ClusterRole before the roles that it sums up", () => {
    const role = (name: string, labels: Record<string, string>, rest = {}): KubernetesObject =>
      object("rbac.authorization.k8s.io/v1", "ClusterRole", { name, labels }, rest);
    const sum = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: "yes" } }] } };
    const { dependencies } = computeOrder({ objects: [role("sum", {}, sum), role("part", { part: "yes" })], crds: [] });
    assert.deepEqual(dependencies.get("ClusterRole.rbac.authorization.k8s.io//sum"), [
      "ClusterRole.rbac.authorization.k8s.io//part",
    ]);
  });
});
