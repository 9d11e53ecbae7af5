import assert from "node:assert/strict";
import {
  destructiveGate,
  healthGate,
  knownStateGate,
  lastUpGate,
  lockGate,
  orderGate,
  planGate,
  policyGate,
  soakGate,
  withWaiver,
  type PlanFacts,
} from "../../cli/promote/gates.ts";
import { predecessorOf, type Member } from "../../cli/promote/chain.ts";
import { destructionsBetween, destructionsIn } from "../../cli/promote/destructive.ts";
import type { StackUpdate } from "../../cli/promote/updates.ts";

const member = (stack: string, environment: Member["environment"], target: Member["target"] = "gke"): Member => ({
  stack,
  environment,
  target,
});
const [dev, staging, prod] = [member("gcp-dev", "dev"), member("gcp-staging", "staging"), member("gcp-prod", "prod")];
const aws = member("aws-dev", "dev", "eks");
const all = [prod, aws, dev, staging];

const update = (part: Partial<StackUpdate>): StackUpdate => ({
  kind: "update",
  result: "succeeded",
  started: "2026-01-01T00:00:00.000Z",
  ended: "2026-01-01T01:00:00.000Z",
  notes: {},
  ...part,
});

const plan: PlanFacts = {
  failed: false,
  errors: [],

  policies: [],
  summary: "1 to update",
  stateKnown: true,
};
const urn = (type: string, name: string): string => `urn:pulumi:prod::kubeflow::${type}::${name}`;

describe("gates of a promotion", () => {
  const cases: readonly (readonly [
    title: string,
    passed: boolean,
    result: ReturnType<typeof orderGate>,
    words: RegExp,
  ])[] = [
    ["the next environment", true, orderGate(dev, staging, all), /gcp-dev is the environment before gcp-staging/],
    ["one that is skipped", false, orderGate(dev, prod, all), /gcp-staging is skipped/],
    ["one that is not there to be skipped", true, orderGate(dev, prod, [dev, prod, aws]), /before gcp-prod/],
    [
      "another target",
      false,
      orderGate(aws, prod, all),
      /aws-dev is not the environment before gcp-prod: before it is gcp-staging/,
    ],
    ["backwards", false, orderGate(prod, dev, all), /nothing is before it/],
    ["a stack that is named", true, orderGate(aws, { ...prod, after: "aws-dev" }, all), /aws-dev is the environment/],
    ["an up that succeeded", true, lastUpGate("dev", [update({ result: "failed" }), update({})]), /succeeded at 2026/],
    ["an up that failed", false, lastUpGate("dev", [update({}), update({ result: "failed" })]), /failed at.*kf up dev/],
    ["an up that was killed", false, lastUpGate("dev", [update({}), update({ result: "in-progress" })]), /was killed/],
    [
      "a stack that was destroyed",
      false,
      lastUpGate("dev", [update({}), update({ kind: "destroy" })]),
      /was destroyed/,
    ],
    ["a refresh after an up", true, lastUpGate("dev", [update({}), update({ kind: "refresh" })]), /succeeded/],
    ["a stack that never was", false, lastUpGate("dev", []), /never brought up/],
    ["a state that nobody tells", false, lastUpGate("dev", undefined), /no pulumi on PATH/],
    [
      "what runs and what is written",
      true,
      lockGate("dev", { part: { running: "p", files: "p" }, render: { running: "r", files: "r" } }),
      /r is what runs/,
    ],
    [
      "a lock that was changed after the up",
      false,
      lockGate("dev", { part: { running: "p", files: "p" }, render: { running: "r", files: "s" } }),
      /r runs in dev, and its files render to s/,
    ],
    [
      "options that were changed after the up",
      false,
      lockGate("dev", { part: { running: "p", files: "q" }, render: { running: "r", files: "r" } }),
      /options of dev were changed/,
    ],
    ["workloads that are ready", true, healthGate("dev", { asked: 2, notReady: [] }), /all 2 workloads/],
    [
      "one that is not",
      false,
      healthGate("dev", { asked: 2, notReady: ["Deployment a/b: 0 of 1"] }),
      /Deployment a\/b/,
    ],
    ["a cluster that cannot be asked", false, healthGate("dev", { asked: 0, problem: "ECONNREFUSED" }), /ECONNREFUSED/],
    ["nothing to ask", false, healthGate("dev", { asked: 0, notReady: [] }), /no workload/],
    ["long enough", true, soakGate("dev", 24, 24), /24\.0 h; 24 h are needed/],
    ["not long enough", false, soakGate("dev", 23.9, 24), /23\.9 h/],
    ["a release that FROM does not run", false, soakGate("dev", undefined, 0), /does not run what is promoted/],
    ["a plan", true, planGate("prod", plan), /1 to update/],
    [
      "a plan that fails",
      false,
      planGate("prod", { ...plan, failed: true, errors: ["no such chart"] }),
      /no such chart/,
    ],
    ["a state that is here", true, knownStateGate("prod", plan), /against the state of prod/],
    ["a state that is elsewhere", false, knownStateGate("prod", { ...plan, stateKnown: false }), /is not here/],
  ];
  for (const [title, passes, { result, evidence }, words] of cases) {
    it(`${passes ? "let through" : "stop"} ${title}`, () => {
      assert.equal(result, passes ? "passed" : "refused", evidence);
      assert.match(evidence, words);
    });
  }

  it("stop what a mandatory policy of TO refuses, and only mention what is advised", () => {
    const violation = { rule: "pinned-images", urn: urn("t", "app"), message: "latest" };
    const advised = policyGate("dev", { ...plan, policies: [{ ...violation, enforcement: "advisory" }] });
    assert.deepEqual([advised.result, /1 violations of advisory/.test(advised.evidence)], ["passed", true]);
    const facts = { ...plan, failed: true, policies: [{ ...violation, enforcement: "mandatory" as const }] };
    assert.equal(policyGate("prod", facts).result, "refused");
    // Told once, as what it is.
    assert.equal(planGate("prod", facts).result, "passed");
  });

  it("stop what takes data along, until it is acknowledged by its URN or name, each by itself", () => {
    const step = (type: string, name: string, op: "delete" | "replace" | "update") =>
      ({ urn: urn(type, name), type, op, diffs: [] }) as const;
    const lost = destructionsIn(
      [
        step("kubernetes:core/v1:PersistentVolumeClaim", "kubeflow/mysql", "delete"),
        step("gcp:sql/databaseInstance:DatabaseInstance", "db", "replace"),
        step("aws:eks/cluster:Cluster", "cluster", "replace"),
        step("kubernetes:core/v1:Namespace", "ours", "update"),
        step("kubernetes:core/v1:ConfigMap", "kubeflow/settings", "delete"),
        step("kubernetes:core/v1:Namespace", "tenant", "delete"),
      ],
      new Set([urn("kubernetes:core/v1:Namespace", "tenant")]),
    );
    assert.deepEqual(
      lost.map((each) => each.urn.split("::").at(-1)),
      ["kubeflow/mysql", "db", "cluster"],
    );
    assert.equal(destructiveGate("prod", lost, ["kubeflow/mysql"]).result, "refused");
    const [, database = "", cluster = ""] = lost.map((each) => each.urn);
    const open = destructiveGate("prod", lost, ["kubeflow/mysql", database]);
    assert.equal(open.result, "refused");
    assert.ok(open.evidence.includes(`--acknowledge ${cluster}`) && !open.evidence.includes(database));
    assert.equal(destructiveGate("prod", lost, ["kubeflow/mysql", database, cluster]).result, "passed");
    // A name is whole: no part of it acknowledges anything.
    assert.equal(destructiveGate("prod", lost.slice(0, 1), ["mysql"]).result, "refused");
  });

  it("find the same between two plans from nothing, where the state is elsewhere", async () => {
    const resource = (type: string, name: string, inputs = {}) => ({
      urn: urn(type, name),
      type,
      inputs,
      dependencies: [],
    });
    const claim = (storageClassName: string) =>
      resource("kubernetes:core/v1:PersistentVolumeClaim", "kubeflow/mysql", {
        ...{ apiVersion: "v1", kind: "PersistentVolumeClaim" },
        ...{ metadata: { namespace: "kubeflow", name: "mysql" }, spec: { storageClassName } },
      });
    const settings = resource("kubernetes:core/v1:ConfigMap", "kubeflow/settings");
    const crd = resource("kubeflow:index:CustomResourceDefinition", "notebooks.kubeflow.org");
    assert.deepEqual(await destructionsBetween([claim("a"), settings], [claim("a")]), []);
    const found = await destructionsBetween([claim("a"), crd], [claim("b"), settings]);
    assert.deepEqual(
      found.map((each) => each.urn),
      [crd.urn, claim("b").urn],
    );
  });

  it("are waived with a reason, which is kept; one that is passed is not", () => {
    const refused = soakGate("dev", 1, 24);
    assert.deepEqual(withWaiver(refused, { soak: "a hotfix" }), { ...refused, result: "waived", reason: "a hotfix" });
    assert.deepEqual(withWaiver(refused, { health: "a hotfix" }), refused);
    const passed = soakGate("dev", 30, 24);
    assert.deepEqual(withWaiver(passed, { soak: "a hotfix" }), passed);
  });
});

describe("the environment before", () => {
  it("is the nearest of one chain", () => {
    assert.deepEqual(
      all.map((each) => predecessorOf(each, all)?.stack),
      ["gcp-staging", undefined, undefined, "gcp-dev"],
    );
  });

  it("is not that of another name or target", () => {
    const others = [member("blue-dev", "dev"), member("gcp-dev", "dev", "eks")];
    assert.equal(predecessorOf(staging, others), undefined);
  });
});
