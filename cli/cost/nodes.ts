/** The nodes of a stack with their disks, which are the same matter on every cloud, and what else its cloud bills. */
import type { CloudSettings } from "../../components/shared/cloud-settings.ts";
import { stored } from "./on-demand.ts";
import type { CloudFacts, GpuMachinePrice, Part } from "./parts.ts";
import type { Capacity, Cloud } from "./prices.ts";

interface Ends {
  readonly floor: number;
  readonly ceiling: number;
}

export interface StackParts {
  readonly region: string;
  readonly parts: readonly Part[];
  readonly nodes: Ends;
  readonly gpus: Ends;
  readonly gpuMemoryGiB: Ends;
  readonly budgetUsd: number | undefined;
}

interface Pool {
  readonly what: string;
  readonly machineType: string;
  readonly capacity: Capacity;
  readonly min: number;
  readonly max: number;
  readonly diskGiB: number;
  readonly gpus: number;
  readonly gpuMemoryGiB: number;
  readonly bootDisk: string | undefined;
  readonly extras: GpuMachinePrice["extras"];
}

/** @throws UserError (wrong usage) for a pool that the cloud has no machine for. */
export function partsOf<Settings extends CloudSettings>(
  facts: CloudFacts<Settings>,
  cloud: Cloud,
  settings: Settings,
): StackParts {
  const pools = poolsOf(facts, cloud, settings);
  const nodes = sumOver(pools, () => 1);
  return {
    region: facts.region(settings),
    parts: [...pools.flatMap(machinesOf), ...disksOf(pools), ...facts.others(settings, nodes)],
    nodes,
    gpus: sumOver(pools, ({ gpus }) => gpus),
    gpuMemoryGiB: sumOver(pools, ({ gpus, gpuMemoryGiB }) => gpus * gpuMemoryGiB),
    budgetUsd: settings.budget?.monthlyUsd,
  };
}

function poolsOf<Settings extends CloudSettings>(
  facts: CloudFacts<Settings>,
  cloud: Cloud,
  settings: Settings,
): readonly Pool[] {
  const plain = (machineType: string) =>
    ({ machineType, bootDisk: facts.bootDisk(machineType), gpus: 0, gpuMemoryGiB: 0, extras: [] }) as const;
  const { systemPool, cpuPools, gpuPools } = settings;
  return [
    // Their disks are the machines' own.
    ...facts.ownNodes(settings).map((nodes): Pool => {
      return { ...plain(nodes.machineType), ...nodes, capacity: "on-demand", diskGiB: 0 };
    }),
    {
      ...{ ...systemPool, ...plain(facts.systemMachine(systemPool)) },
      ...{ what: "system pool", capacity: "on-demand" },
    },
    ...cpuPools.map((pool): Pool => {
      const capacity = pool.spot ? "spot" : "on-demand";
      return { ...pool, ...plain(facts.cpuMachine(pool)), what: `pool ${pool.name}`, capacity };
    }),
    ...gpuPools.map((pool, index): Pool => {
      const machine = facts.gpuMachine(pool, `kubeflow:${cloud}.gpuPools[${String(index)}]`);
      return { ...pool, ...machine, what: `pool ${pool.name}` };
    }),
  ];
}

function sumOver(pools: readonly Pool[], perNode: (pool: Pool) => number): Ends {
  return {
    floor: pools.reduce((sum, pool) => sum + pool.min * perNode(pool), 0),
    ceiling: pools.reduce((sum, pool) => sum + pool.max * perNode(pool), 0),
  };
}

function machinesOf({ what, machineType, capacity, min, max, extras }: Pool): readonly Part[] {
  return [
    { what, priced: { machineType, capacity }, floor: min, ceiling: max },
    ...extras.map(({ what: extra, key, unit, count }) => ({
      what: `${what}: ${extra}`,
      priced: { key, unit, capacity },
      floor: min * count,
      ceiling: max * count,
    })),
  ];
}

/** Boot disks, one part for each kind of disk. */
function disksOf(pools: readonly Pool[]): readonly Part[] {
  const byKind = Map.groupBy(pools, ({ bootDisk }) => bootDisk);
  return [...byKind].flatMap(([key, those]) => {
    if (key === undefined) return [];
    const { floor, ceiling } = sumOver(those, ({ diskGiB }) => diskGiB);
    return [stored("boot disks of nodes", key, floor, ceiling)];
  });
}
