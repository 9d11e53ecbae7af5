import assert from "node:assert/strict";
import fc from "fast-check";
import { gpuMachines, gpuModels } from "../../../components/gke/gpu-machines.ts";
import type { GpuKind } from "../../../components/shared/cloud-settings.ts";
import { type Inputs, nodePool, build, isGpuPool } from "./built.ts";
import { settingsWith } from "./settings.ts";

describe("every GPU pool that GKE has", () => {
  const machines = Object.entries(gpuMachines).flatMap(([gpu, found]) =>
    found.map((machine) => ({ gpu: gpu as GpuKind, machine })),
  );

  const pool = fc
    .record({
      choice: fc.constantFrom(...machines),
      min: fc.nat(3),
      more: fc.integer({ min: 1, max: 5 }),
      capacity: fc.nat(9),
      sharing: fc.constantFrom("none", "time-slicing", "mps", "mig"),
      profile: fc.nat(9),
      localSsd: fc.boolean(),
    })
    .map(({ choice: { gpu, machine }, min, more, capacity: index, sharing, profile, localSsd }) => {
      const capacity = machine.capacities[index % machine.capacities.length] ?? "on-demand";
      const least = capacity === "flex-start" || capacity === "queued" ? 0 : min;
      const profiles = gpuModels[gpu]?.migProfiles ?? [];
      const shared =
        sharing === "mig"
          ? profiles.length === 0
            ? {}
            : { sharing, migProfile: profiles[profile % profiles.length] }
          : sharing === "none"
            ? {}
            : { sharing, clientsPerGpu: 2 + profile };
      return {
        ...{ gpu, gpusPerNode: machine.gpus, machineType: machine.machineType, capacity, localSsd },
        ...{ min: least, max: least + more, ...shared },
        ...(capacity === "reservation" ? { reservation: "kept", zones: ["europe-west4-a"] } : {}),
      };
    });

  it("carries the one taint and the limits that were asked for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pool, { minLength: 1, maxLength: 8 }), async (pools) => {
        const settings = settingsWith({
          gpuPools: pools.map((each, index) => ({ ...each, name: `g${String(index)}` })),
        });
        const { recording, target } = await build(settings);
        const made = recording.all(nodePool).filter(isGpuPool);
        assert.equal(made.length, pools.length);
        for (const { name, min, max, taints } of target.gpuPools) {
          const { inputs } = recording.one(nodePool, `cluster-${name}`);
          const node = inputs["nodeConfig"] as Inputs;
          assert.deepEqual(node["taints"], [{ key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" }]);
          assert.deepEqual(taints, [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }]);
          const { totalMinNodeCount, totalMaxNodeCount } = inputs["autoscaling"] as Inputs;
          assert.deepEqual([totalMinNodeCount, totalMaxNodeCount], [min, max]);
        }
      }),
      { numRuns: 10 },
    );
  });
});
