import assert from "node:assert/strict";
import fc from "fast-check";
import { addressPlan, hostOf, overlaps } from "../../../components/aks/address-plan.ts";
import { gpuMachines } from "../../../components/aks/gpu-machines.ts";
import { settingsProblems } from "../../../components/aks/settings-rules.ts";
import { gpuKinds } from "../../../components/shared/cloud-settings.ts";
import { settingsWith } from "./settings.ts";

type Pool = Readonly<Record<string, unknown>>;

const reservation = `/subscriptions/${"0".repeat(8)}-0000-4000-8000-000000000001/resourceGroups/r/providers/Microsoft.Compute/capacityReservationGroups/g`;

/** What is wrong with a GPU pool, on nodes in zones 1 and 2. */
function problemsOf(pool: Pool): readonly string[] {
  const gpuPools = [{ name: "gpu", gpu: "a100-80", max: 1, ...pool }] as NonNullable<
    Parameters<typeof settingsWith>[0]
  >["gpuPools"];
  return settingsProblems(settingsWith({ zones: ["1", "2"], ...(gpuPools === undefined ? {} : { gpuPools }) }));
}

/** By the key that is refused: a pool that AKS refuses, what is said of it, and one like it that AKS takes. */
const cases: readonly (readonly [key: string, refused: Pool, reason: RegExp, taken: Pool])[] = [
  ["gpu", { gpu: "l4" }, /"l4"; allowed: t4, a10, a100-40, a100-80, h100, h200\. AKS has no machine/, { gpu: "t4" }],
  ["gpusPerNode", { gpusPerNode: 3 }, /allowed: 1, 2, 4, 8/, { gpusPerNode: 4 }],
  [
    "machineType",
    { machineType: "Standard_D8ds_v5" },
    /allowed: Standard_NC24ads_A100_v4\./,
    { machineType: "Standard_NC24ads_A100_v4" },
  ],
  ["capacity", { capacity: "flex-start" }, /allowed: on-demand, spot, reservation/, { capacity: "spot" }],
  ["capacity", { capacity: "queued" }, /does not sell/, { capacity: "on-demand" }],
  ["capacity", { capacity: "capacity-block" }, /does not sell/, { capacity: "on-demand" }],
  [
    "reservation",
    { capacity: "reservation" },
    /not set; allowed: \/subscriptions/,
    { capacity: "reservation", reservation },
  ],
  ["reservation", { capacity: "spot", reservation }, /together with capacity spot/, { capacity: "spot" }],
  [
    "reservation",
    { capacity: "reservation", reservation: "g" },
    /not the id/,
    { capacity: "reservation", reservation },
  ],
  ["clientsPerGpu", { sharing: "time-slicing" }, /how many pods/, { sharing: "time-slicing", clientsPerGpu: 4 }],
  ["clientsPerGpu", { sharing: "mps" }, /how many pods/, { sharing: "mps", clientsPerGpu: 4 }],
  ["clientsPerGpu", { clientsPerGpu: 4 }, /not shared/, {}],
  [
    "sharing",
    { gpu: "t4", sharing: "mig", migProfile: "1g.5gb" },
    /cannot be cut/,
    { sharing: "mig", migProfile: "1g.10gb" },
  ],
  ["migProfile", { sharing: "mig" }, /1g\.10gb, 1g\.20gb/, { sharing: "mig", migProfile: "1g.20gb" }],
  [
    "migProfile",
    { sharing: "mig", migProfile: "1g.20gb", driver: "managed" },
    /allowed: 1g\.10gb, 2g\.20gb/,
    { sharing: "mig", migProfile: "2g.20gb", driver: "managed" },
  ],
  [
    "migProfile",
    { gpu: "h100", sharing: "mig", migProfile: "1g.10gb" },
    /1g\.12gb/,
    { gpu: "h100", gpusPerNode: 8, sharing: "mig", migProfile: "1g.10gb" },
  ],
  ["migProfile", { migProfile: "1g.10gb" }, /no slices/, {}],
  ["driver", { gpu: "a10", driver: "operator" }, /GRID driver/, { gpu: "a10" }],
  ["zones", { zones: ["3"] }, /allowed: 1, 2/, { zones: ["2"] }],
];

describe("what AKS refuses of a GPU pool", () => {
  for (const [key, refused, reason, taken] of cases) {
    it(`${key} of ${JSON.stringify(refused)}`, () => {
      const [problem = "", ...others] = problemsOf(refused);
      assert.deepEqual(others, []);
      assert.ok(problem.startsWith(`kubeflow:aks.gpuPools[0].${key}: `), problem);
      assert.match(problem, reason);
      assert.deepEqual(problemsOf(taken), []);
    });
  }

  it("is said of every pool at once", () => {
    const gpuPools = [
      { name: "a", gpu: "l4", max: 1 } as const,
      { name: "b", gpu: "t4", max: 1, sharing: "mps" } as const,
    ];
    assert.equal(settingsProblems(settingsWith({ gpuPools })).length, 2);
  });

  it("is nothing of any machine in the list as it is", () => {
    for (const gpu of gpuKinds) {
      for (const { gpus, vmSize } of gpuMachines[gpu] ?? []) {
        assert.deepEqual(problemsOf({ gpu, gpusPerNode: gpus, machineType: vmSize }), []);
      }
    }
  });
});

describe("what Azure refuses beside GPU pools", () => {
  const one = (rest: Parameters<typeof settingsWith>[0]): string => {
    const [problem = "", ...others] = settingsProblems(settingsWith(rest));
    assert.deepEqual(others, []);
    return problem;
  };

  it("ranges that overlap", () => {
    assert.match(
      one({ networkRange: "10.244.0.0/16" }),
      /^kubeflow:aks\.networkRange: .*apart from kubeflow:aks\.podRange/,
    );
    assert.match(one({ podRange: "10.250.0.0/15" }), /^kubeflow:aks\.podRange: .*serviceRange/);
  });

  it("a network too small for its subnets", () => {
    assert.match(one({ networkRange: "10.0.0.0/21" }), /\/20 or larger/);
    assert.deepEqual(settingsProblems(settingsWith({ networkRange: "10.0.0.0/20" })), []);
  });

  it("two pools of one name, and names of our own pools", () => {
    const pool = { max: 1 };
    assert.match(one({ cpuPools: [{ ...pool, name: "kubeflow" }] }), /cpuPools\[0\]\.name: "kubeflow"/);
    const gpuPools = [{ ...pool, name: "work", gpu: "t4" } as const];
    assert.match(one({ cpuPools: [{ ...pool, name: "work" }], gpuPools }), /gpuPools\[0\]\.name: "work"/);
  });

  it("CPU nodes in zones that the cluster is not in", () => {
    assert.match(one({ zones: ["1"], cpuPools: [{ name: "work", max: 1, zones: ["2"] }] }), /cpuPools\[0\]\.zones/);
  });

  it("a disk larger than AKS has, wherever it is asked for", () => {
    const pool = { name: "work", max: 1 };
    assert.match(one({ systemPool: { diskGiB: 2049 } }), /systemPool\.diskGiB: 2049; allowed: at most 2048/);
    assert.match(one({ cpuPools: [{ ...pool, diskGiB: 4096 }] }), /cpuPools\[0\]\.diskGiB/);
    assert.match(one({ gpuPools: [{ ...pool, gpu: "t4", diskGiB: 4096 }] }), /gpuPools\[0\]\.diskGiB/);
    assert.deepEqual(settingsProblems(settingsWith({ systemPool: { diskGiB: 2048 } })), []);
  });

  it("a standby that cannot be in another zone, or of a machine that has none", () => {
    const database = { highlyAvailable: true, size: "medium" } as const;
    assert.match(one({ zones: ["1"], database }), /highlyAvailable/);
    assert.match(one({ database: { ...database, size: "small" } }), /highlyAvailable/);
    assert.deepEqual(settingsProblems(settingsWith({ database })), []);
  });
});

describe("plan of addresses", () => {
  const ranges = fc.tuple(fc.nat(0xffffffff), fc.integer({ min: 8, max: 20 })).map(([value, prefix]) => {
    const start = Math.floor(value / 2 ** (32 - prefix)) * 2 ** (32 - prefix);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join(".")}/${String(prefix)}`;
  });

  it("puts every subnet into the network and none into another, and leaves the control plane its /28", () => {
    fc.assert(
      fc.property(ranges, (range) => {
        const { nodes, endpoints, database, apiServer } = addressPlan(range);
        const subnets = [nodes, endpoints, database, apiServer];
        for (const [index, subnet] of subnets.entries()) {
          assert.ok(overlaps(range, subnet));
          assert.ok(Number(subnet.split("/")[1]) <= 28);
          for (const other of subnets.slice(index + 1)) assert.ok(!overlaps(subnet, other), `${subnet} ${other}`);
        }
      }),
    );
  });

  it("is what a person expects of the default", () => {
    assert.deepEqual(addressPlan("10.0.0.0/16"), {
      nodes: "10.0.0.0/17",
      endpoints: "10.0.128.0/24",
      database: "10.0.129.0/24",
      apiServer: "10.0.130.0/24",
    });
    assert.equal(hostOf("10.251.0.0/20", 10), "10.251.0.10");
  });
});
