import assert from "node:assert/strict";
import { gpuModels, vcpusOf } from "../../../components/eks/gpu-machines.ts";
import { poolProblems } from "../../../components/eks/gpu-rules.ts";
import { eksProblems } from "../../../components/eks/rules.ts";
import { gpuKinds } from "../../../components/shared/cloud-settings.ts";
import { settingsWith, withPool, type GpuPoolInput } from "./settings.ts";

type Pool = Partial<GpuPoolInput>;

const bought = { reservation: "cr-0123456789abcdef0", zones: ["eu-central-1a"] };

/** What is refused, what the message is about, and the nearest that is allowed. */
const cases: readonly (readonly [title: string, refused: Pool, message: RegExp, allowed: Pool])[] = [
  ["a GPU that AWS does not have", { gpu: "a10" }, /\[0\]\.gpu: "a10"; allowed: t4, l4/, { gpu: "a10g" }],
  [
    "a number of GPUs that no machine has",
    { gpu: "l4", gpusPerNode: 2 },
    /gpusPerNode: 2; allowed: 1, 4, 8/,
    { gpusPerNode: 4 },
  ],
  [
    "a machine with another GPU",
    { machineType: "g5.xlarge" },
    /machineType: "g5\.xlarge"; allowed: g6\.xlarge/,
    { machineType: "g6.2xlarge" },
  ],
  [
    "capacity of another cloud",
    { capacity: "flex-start" },
    /capacity: "flex-start".*Google Cloud/,
    { capacity: "spot" },
  ],
  ["queued capacity", { capacity: "queued" }, /capacity: "queued".*Google Cloud/, { capacity: "on-demand" }],
  [
    "a reservation without its id",
    { capacity: "reservation", zones: bought.zones },
    /reservation: not set; allowed: the id/,
    { capacity: "reservation", ...bought },
  ],
  [
    "a reservation by a name",
    { capacity: "reservation", ...bought, reservation: "mine" },
    /reservation: "mine"/,
    { capacity: "reservation", ...bought },
  ],
  [
    "the id of a reservation that would not be used",
    { reservation: bought.reservation },
    /not set with capacity on-demand/,
    {},
  ],
  [
    "bought capacity in several zones",
    { capacity: "reservation", ...bought, zones: ["eu-central-1a", "eu-central-1b"] },
    /zones: .*the one zone/,
    { capacity: "reservation", ...bought },
  ],
  [
    "a block of machines that are not sold in blocks",
    { gpu: "l4", capacity: "capacity-block", ...bought },
    /capacity: "capacity-block".*P families/,
    { gpu: "h100", capacity: "capacity-block", ...bought },
  ],
  [
    "on demand what is sold in blocks only",
    { gpu: "h200", gpusPerNode: 8, machineType: "p5e.48xlarge" },
    /capacity: "on-demand"; allowed: capacity-block/,
    { gpu: "h200", gpusPerNode: 8, machineType: "p5e.48xlarge", capacity: "capacity-block", ...bought },
  ],
  [
    "nodes before a block begins",
    { gpu: "h100", capacity: "capacity-block", ...bought, min: 1 },
    /min: 1; allowed: 0\. Before the block/,
    { gpu: "h100", capacity: "reservation", ...bought, min: 1 },
  ],
  ["nodes that Karpenter would not keep", { min: 1 }, /min: 1; allowed: 0\. Karpenter/, { min: 0 }],
  ["sharing without a number", { sharing: "mps" }, /clientsPerGpu: not set/, { sharing: "mps", clientsPerGpu: 4 }],
  [
    "a number without sharing",
    { clientsPerGpu: 4 },
    /clientsPerGpu: 4; allowed: not set/,
    { sharing: "time-slicing", clientsPerGpu: 4 },
  ],
  [
    "MIG on a GPU without it",
    { sharing: "mig", migProfile: "1g.10gb", capacity: "reservation", ...bought },
    /sharing: "mig".*l4 has no MIG/,
    { sharing: "none" },
  ],
  [
    "slices of another GPU",
    { gpu: "h100", sharing: "mig", migProfile: "1g.5gb", capacity: "reservation", ...bought },
    /migProfile: "1g\.5gb"; allowed: 1g\.10gb/,
    { gpu: "h100", sharing: "mig", migProfile: "1g.10gb", capacity: "reservation", ...bought },
  ],
  [
    "MIG without a profile",
    { gpu: "h100", sharing: "mig", capacity: "reservation", ...bought },
    /migProfile: not set/,
    { gpu: "h100" },
  ],
  [
    "a profile without MIG",
    { gpu: "h100", migProfile: "1g.10gb" },
    /migProfile: "1g\.10gb"; allowed: not set/,
    { gpu: "h100" },
  ],
  [
    "slices on nodes that Karpenter starts",
    { gpu: "h100", sharing: "mig", migProfile: "1g.10gb" },
    /sharing: "mig".*Karpenter counts whole GPUs/,
    { gpu: "h100", sharing: "mig", migProfile: "1g.10gb", capacity: "reservation", ...bought },
  ],
  ["the operator's driver", { driver: "operator" }, /driver: "operator"; allowed: managed/, { driver: "managed" }],
  [
    "a zone that the cluster is not in",
    { zones: ["eu-central-1c"] },
    /zones: \["eu-central-1c"\]/,
    { zones: ["eu-central-1b"] },
  ],
  [
    "labels that Kubernetes keeps",
    { labels: { "node.kubernetes.io/team": "a" } },
    /labels: \["node\.kubernetes\.io\/team"\]/,
    { labels: { "example.com/team": "a" } },
  ],
];

describe("EKS GPU rules", () => {
  for (const [title, refused, message, allowed] of cases) {
    it(`refuses ${title}`, () => {
      assert.match(poolProblems(withPool(refused)).join("\n"), message);
      assert.deepEqual(poolProblems(withPool(allowed)), []);
    });
  }

  it("names the pool by its place in the file", () => {
    const settings = settingsWith({
      gpuPools: [
        { name: "good", gpu: "l4", max: 1 },
        { name: "bad", gpu: "a10", max: 1 },
      ],
    });
    assert.match(poolProblems(settings).join(), /^kubeflow:eks\.gpuPools\[1\]\.gpu/);
  });

  it("refuses CPU pools that Karpenter would not make", () => {
    const problems = (pool: object) =>
      poolProblems(settingsWith({ cpuPools: [{ name: "cpu", max: 2, ...pool }] })).join();
    assert.equal(problems({ machineType: "m7i.4xlarge" }), "");
    assert.match(problems({ machineType: "m7g.xlarge" }), /x86/);
    assert.match(problems({ machineType: "m7i.metal-24xl" }), /tells its vCPUs/);
    assert.match(problems({ min: 1 }), /systemPool/);
  });

  it("refuses what is wrong with the cluster itself, all at once", () => {
    const settings = settingsWith({
      clusterName: "a-name-of-cognito-too-long",
      zones: ["eu-west-1a", "eu-west-1b"],
      networkRange: "172.20.0.0/16",
      adminArns: ["arn:aws:iam::111122223333:role/deployer", "arn:aws-cn:iam::111122223333:role/other"],
    });
    const problems = eksProblems(settings, "1.37.0").join("\n");
    for (const part of [
      "kubernetesVersion",
      "networkRange",
      "eks.zones",
      "Cognito keeps",
      "ECR's mirrors",
      "not the deployer",
      "partition aws",
    ]) {
      assert.ok(problems.includes(part), `${part}\n${problems}`);
    }
    assert.deepEqual(eksProblems(settingsWith(), "1.35.0"), []);
  });
});

describe("EKS machines with GPUs", () => {
  it("have vCPUs, so that a quota can be asked for", () => {
    const machines = gpuKinds.flatMap((kind) => gpuModels[kind].machines);
    assert.ok(machines.length > 30);
    for (const { type } of machines) assert.ok((vcpusOf(type) ?? 0) >= 4, type);
    assert.equal(vcpusOf("g5.12xlarge"), 48);
    assert.equal(vcpusOf("p5.48xlarge"), 192);
  });
});
