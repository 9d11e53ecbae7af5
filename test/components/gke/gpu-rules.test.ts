import assert from "node:assert/strict";
import { gpuMachines } from "../../../components/gke/gpu-machines.ts";
import { gpuPoolProblems, type ClusterFacts } from "../../../components/gke/gpu-rules.ts";
import { gpuKinds } from "../../../components/shared/cloud-settings.ts";
import { gpuPoolWith } from "./settings.ts";

type Pool = Readonly<Record<string, unknown>>;
interface Case {
  readonly rule: string;
  readonly passes: Pool;
  readonly fails: Pool;
  /** The key that is blamed, and a word of the reason or remedy. */
  readonly says: readonly [key: string, text: RegExp];
  readonly cluster?: Partial<ClusterFacts>;
}

const zones = ["europe-west4-a"];
const kept = { capacity: "reservation", reservation: "training", zones };

const cases: readonly Case[] = [
  {
    rule: "GPUs that Google Cloud has",
    passes: { gpu: "rtx-pro-6000" },
    fails: { gpu: "a10g" },
    says: ["gpu", /allowed: t4, l4, .*another cloud/],
  },
  {
    rule: "GPUs per node that a machine has",
    passes: { gpu: "l4", gpusPerNode: 4 },
    fails: { gpu: "l4", gpusPerNode: 3 },
    says: ["gpusPerNode", /allowed: 1, 2, 4, 8/],
  },
  {
    rule: "a machine with that GPU in that number",
    passes: { gpu: "h100", gpusPerNode: 8, machineType: "a3-megagpu-8g" },
    fails: { gpu: "h100", gpusPerNode: 8, machineType: "a3-highgpu-1g" },
    says: ["machineType", /allowed: a3-highgpu-8g, a3-megagpu-8g/],
  },
  {
    rule: "no part of an A3 host on demand",
    passes: { gpu: "h100", capacity: "spot" },
    fails: { gpu: "h100" },
    says: ["capacity", /allowed: spot, flex-start, queued.*a3-highgpu-1g/],
  },
  {
    rule: "no H200 on demand",
    passes: { gpu: "h200", gpusPerNode: 8, ...kept },
    fails: { gpu: "h200", gpusPerNode: 8 },
    says: ["capacity", /does not sell a3-ultragpu-8g/],
  },
  {
    rule: "no capacity of another cloud",
    passes: { capacity: "spot" },
    fails: { capacity: "capacity-block" },
    says: ["capacity", /"capacity-block"/],
  },
  {
    rule: "a GKE that lends nodes",
    passes: { capacity: "on-demand" },
    fails: { capacity: "flex-start" },
    says: ["capacity", /since 1\.32\.2/],
    cluster: { kubernetesVersion: "1.31.9" },
  },
  {
    rule: "no node kept that is lent",
    passes: { capacity: "queued", min: 0 },
    fails: { capacity: "queued", min: 1 },
    says: ["min", /seven days/],
  },
  {
    rule: "a reservation by its name",
    passes: kept,
    fails: { capacity: "reservation", zones },
    says: ["reservation", /Name it/],
  },
  {
    rule: "no reservation that is not used",
    passes: { capacity: "spot" },
    fails: { capacity: "spot", reservation: "training" },
    says: ["reservation", /together with capacity spot/],
  },
  {
    rule: "a reservation's name in Google's notation",
    passes: { ...kept, reservation: "projects/other-project/reservations/training" },
    fails: { ...kept, reservation: "Training 1" },
    says: ["reservation", /projects\/PROJECT\/reservations\/NAME/],
  },
  {
    rule: "the zones of a reservation",
    passes: kept,
    fails: { capacity: "reservation", reservation: "training" },
    says: ["zones", /Set zones/],
  },
  {
    rule: "how many pods share a GPU",
    passes: { sharing: "time-slicing", clientsPerGpu: 48 },
    fails: { sharing: "mps" },
    says: ["clientsPerGpu", /allowed: 2 to 48/],
  },
  {
    rule: "no number of pods for a GPU that is not shared",
    passes: { sharing: "none" },
    fails: { sharing: "none", clientsPerGpu: 2 },
    says: ["clientsPerGpu", /allowed: not set/],
  },
  {
    rule: "no slices of a GPU that cannot be cut",
    passes: { gpu: "a100-40", sharing: "mig", migProfile: "1g.5gb" },
    fails: { gpu: "l4", sharing: "mig", migProfile: "1g.5gb" },
    says: ["sharing", /cannot be cut/],
  },
  {
    rule: "slices of a size that the GPU has",
    passes: { gpu: "a100-80", sharing: "mig", migProfile: "1g.10gb" },
    fails: { gpu: "a100-80", sharing: "mig", migProfile: "1g.5gb" },
    says: ["migProfile", /allowed: 1g\.10gb/],
  },
  {
    rule: "a size for slices",
    passes: { gpu: "h100", gpusPerNode: 8, sharing: "mig", migProfile: "1g.20gb" },
    fails: { gpu: "h100", gpusPerNode: 8, sharing: "mig" },
    says: ["migProfile", /not set; allowed: 1g\.10gb/],
  },
  {
    rule: "no slices without sharing mig",
    passes: { gpu: "a100-80" },
    fails: { gpu: "a100-80", migProfile: "1g.10gb" },
    says: ["migProfile", /set sharing to mig/],
  },
  {
    rule: "GKE's driver for GKE's sharing",
    passes: { driver: "managed", sharing: "mps", clientsPerGpu: 2 },
    fails: { driver: "operator", sharing: "mps", clientsPerGpu: 2 },
    says: ["driver", /device plugin/],
  },
  {
    rule: "zones of the region",
    passes: { zones },
    fails: { zones: ["us-central1-a"] },
    says: ["zones", /zones of europe-west4/],
  },
  {
    rule: "a zone once",
    passes: { zones: ["europe-west4-a", "europe-west4-b"] },
    fails: { zones: ["europe-west4-a", "europe-west4-a"] },
    says: ["zones", /each zone once/],
  },
  {
    rule: "a GKE that makes the networks of A3 and A4",
    passes: { gpu: "l4" },
    fails: { gpu: "h100", gpusPerNode: 8 },
    says: ["machineType", /since 1\.34\.1/],
    cluster: { highBandwidthNetworking: true, kubernetesVersion: "1.33.0" },
  },
];

describe("rules of GKE's GPU pools", () => {
  const facts: ClusterFacts = {
    region: "europe-west4",
    highBandwidthNetworking: false,
    kubernetesVersion: "1.35.0",
  };

  for (const { rule, passes, fails, says, cluster } of cases) {
    it(`want ${rule}`, () => {
      const of = (pool: Pool): readonly string[] => gpuPoolProblems([gpuPoolWith(pool)], { ...facts, ...cluster });
      assert.deepEqual(of(passes), []);
      const [key, text] = says;
      const problems = of(fails);
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", text);
      assert.ok(problems[0]?.startsWith(`kubeflow:gke.gpuPools[0].${key}: `), problems[0]);
    });
  }

  it("tell every problem of every pool at once", () => {
    const pools = [gpuPoolWith({}), gpuPoolWith({ capacity: "reservation", clientsPerGpu: 2 })];
    const keys = gpuPoolProblems(pools, facts).map((problem) => /^kubeflow:gke\.(\S+):/.exec(problem)?.[1]);
    assert.deepEqual(keys, ["gpuPools[1].reservation", "gpuPools[1].zones", "gpuPools[1].clientsPerGpu"]);
  });

  it("know machines of every model that is not another cloud's", () => {
    const missing = gpuKinds.filter((kind) => gpuMachines[kind] === undefined);
    assert.deepEqual(missing, ["a10g", "a10", "l40s"]);
    for (const machines of Object.values(gpuMachines)) {
      const order = machines.map(({ gpus, vcpus }) => gpus * 1000 + vcpus);
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
        machines[0]?.machineType,
      );
    }
  });
});
