import assert from "node:assert/strict";
import { maintenancePolicy } from "../../../components/gke/maintenance.ts";
import { quotaNeeds } from "../../../components/gke/quotas.ts";
import { gkeProblems } from "../../../components/gke/settings-rules.ts";
import { gpuPoolWith, settingsWith } from "./settings.ts";

const context = { kubernetesVersion: "1.35.0", hasOauthClientSecret: false };
const problemsOf = (more: Readonly<Record<string, unknown>>, secret = false): readonly string[] =>
  gkeProblems(settingsWith(more), { ...context, hasOauthClientSecret: secret });

describe("settings of a GKE cluster", () => {
  const budget = { monthlyUsd: 100, emails: ["user@example.com"] };
  const addresses = (count: number) => Array.from({ length: count }, (_, index) => `user${String(index)}@example.com`);
  const cases: readonly (readonly [what: string, passes: object, fails: object, says: RegExp])[] = [
    ["zones of the region", { zones: ["europe-west4-c"] }, { zones: ["us-east1-b"] }, /gke\.zones: "us-east1-b"/],
    [
      "a CPU pool in the region",
      { cpuPools: [{ name: "w", max: 1, zones: ["europe-west4-b"] }] },
      { cpuPools: [{ name: "w", max: 1, zones: ["us-east1-b"] }] },
      /cpuPools\[0\]\.zones/,
    ],
    [
      "ranges apart",
      { podRange: "10.16.0.0/14" },
      { podRange: "10.0.0.0/14" },
      /gke\.podRange: .*apart from networkRange/,
    ],
    [
      "a range of services that pods leave free",
      { serviceRange: "10.12.0.0/20" },
      { serviceRange: "10.7.0.0/20" },
      /gke\.serviceRange: .*apart from podRange/,
    ],
    [
      "addresses for the pods of all nodes",
      { podRange: "10.4.0.0/16", systemPool: { max: 256 } },
      { podRange: "10.4.0.0/16", systemPool: { max: 257 } },
      /gke\.podRange: .*257 nodes, and it holds 256/,
    ],
    [
      "addresses for all nodes",
      { networkRange: "10.0.0.0/24", systemPool: { max: 250 } },
      { networkRange: "10.0.0.0/24", systemPool: { max: 252 } },
      /gke\.networkRange: /,
    ],
    [
      "names of their own for pools of all kinds",
      { cpuPools: [{ name: "a", max: 1 }], gpuPools: [{ name: "b", gpu: "l4", max: 1 }] },
      { cpuPools: [{ name: "a", max: 1 }], gpuPools: [{ name: "a", gpu: "l4", max: 1 }] },
      /gke\.gpuPools\[0\]\.name: "a"/,
    ],
    [
      "no second pool called system",
      { cpuPools: [{ name: "system1", max: 1 }] },
      { cpuPools: [{ name: "system", max: 1 }] },
      /gke\.cpuPools\[0\]\.name: "system"/,
    ],
    [
      "five addresses that the budget tells",
      { budget: { ...budget, emails: addresses(5) }, billingAccount: "012345-567890-ABCDEF" },
      { budget: { ...budget, emails: addresses(6) }, billingAccount: "012345-567890-ABCDEF" },
      /gke\.budget\.emails: .*at most 5/,
    ],
    [
      "labels that Google Cloud takes",
      { labels: { team: "ml_1" } },
      { labels: { team: "ML" } },
      /gke\.labels\.team: "ML"/,
    ],
    [
      "node labels that GKE leaves to us",
      { gpuPools: [{ name: "b", gpu: "l4", max: 1, labels: { "example.com/a": "b" } }] },
      { gpuPools: [{ name: "b", gpu: "l4", max: 1, labels: { "cloud.google.com/gke-spot": "b" } }] },
      /gpuPools\[0\]\.labels\["cloud\.google\.com\/gke-spot"\]/,
    ],
    [
      "an account for the budget",
      { budget, billingAccount: "000000-000000-000001" },
      { budget },
      /gke\.billingAccount: not set/,
    ],
    [
      "somebody to ask about the quota",
      { requestQuota: true, quotaContact: "user@example.com" },
      { requestQuota: true },
      /gke\.quotaContact: not set/,
    ],
  ];
  for (const [what, passes, fails, says] of cases) {
    it(`want ${what}`, () => {
      assert.deepEqual(problemsOf({ ...passes }), []);
      const problems = problemsOf({ ...fails });
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", says);
    });
  }

  it("want the id and the secret of an OAuth client together", () => {
    assert.deepEqual(problemsOf({ oauthClientId: "client" }, true), []);
    assert.match(problemsOf({ oauthClientId: "client" }).join(), /^kubeflow:oauthClientSecret: not set/);
    assert.match(problemsOf({}, true).join(), /^kubeflow:gke\.oauthClientId: not set/);
  });
});

describe("maintenance window", () => {
  it("gives GKE its 48 hours in 32 days, however short it is", () => {
    for (let hours = 4; hours <= 24; hours++) {
      const { recurringWindow } = maintenancePolicy({ day: "saturday", startHour: 23, hours });
      const { startTime, endTime, recurrence } = recurringWindow;
      const days = recurrence.replace("FREQ=WEEKLY;BYDAY=", "").split(",");
      assert.equal(Date.parse(endTime) - Date.parse(startTime), hours * 3_600_000);
      assert.ok(days.length * hours * 4 >= 48, recurrence);
      assert.deepEqual([days[0], new Date(startTime).getUTCDay()], ["SA", 6]);
    }
  });
});

describe("quota", () => {
  it("is asked for where the pools count, and in all", () => {
    const pools = [
      gpuPoolWith({ gpu: "l4", gpusPerNode: 2, max: 3 }),
      gpuPoolWith({ gpu: "l4", max: 4 }),
      gpuPoolWith({ gpu: "l4", max: 5, capacity: "spot" }),
      gpuPoolWith({ gpu: "h100", gpusPerNode: 8, max: 1 }),
      gpuPoolWith({ gpu: "h100", gpusPerNode: 8, max: 9, capacity: "reservation" }),
    ];
    const needs = quotaNeeds(pools, "europe-west4").map(({ quotaId, dimensions, gpus }) => [
      quotaId,
      dimensions["gpu_family"],
      gpus,
    ]);
    assert.deepEqual(needs, [
      ["NVIDIA-L4-GPUS-per-project-region", undefined, 10],
      ["PREEMPTIBLE-NVIDIA-L4-GPUS-per-project-region", undefined, 5],
      ["GPUS-PER-GPU-FAMILY-per-project-region", "NVIDIA_H100", 8],
      ["GPUS-ALL-REGIONS-per-project", undefined, 23],
    ]);
    assert.deepEqual(quotaNeeds([], "europe-west4"), []);
  });
});
