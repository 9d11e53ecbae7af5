import { ServiceQuota } from "@pulumi/aws/servicequotas/serviceQuota.js";
import * as pulumi from "@pulumi/pulumi";
import { gpuModels, vcpusOf } from "./gpu-machines.ts";
import { cpuMachinesOf, systemMachine, type GpuPlan } from "./pools.ts";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:Quotas";

/** EC2's quotas for running machines, which count vCPUs. */
const codes = {
  "standard on-demand": "L-1216C47A",
  "standard spot": "L-34B43A08",
  "g on-demand": "L-DB2E81BA",
  "g spot": "L-3819A6DF",
  "p on-demand": "L-417A185B",
  "p spot": "L-7212CCBC",
} as const;

type QuotaName = keyof typeof codes;

export interface QuotasArgs {
  readonly settings: Pick<EksSettings, "systemPool" | "cpuPools">;
  readonly gpuPools: readonly GpuPlan[];
}

/**
 * Asks AWS for what the pools need at their largest. AWS answers in minutes or days; nothing waits for it, and a destroy
 * takes nothing back.
 *
 * ```ts
 * new Quotas("quotas", { settings, gpuPools }, { parent: this });
 * ```
 *
 * Upgrade hazard: AWS lowers no quota. Set `requestQuota` to false before pools are made smaller.
 */
export class Quotas extends pulumi.ComponentResource {
  constructor(name: string, args: QuotasArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    for (const [quota, value] of vcpusNeeded(args)) {
      new ServiceQuota(
        `${name}-${quota.replaceAll(" ", "-")}`,
        { serviceCode: "ec2", quotaCode: codes[quota], value },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}

/** By quota, with every pool at its largest. Capacity blocks count against none. */
function vcpusNeeded({ settings, gpuPools }: QuotasArgs): ReadonlyMap<QuotaName, number> {
  const { systemPool, cpuPools } = settings;
  const machines: readonly (readonly [QuotaName, string, number])[] = [
    ["standard on-demand", systemPool.machineType ?? systemMachine, systemPool.max],
    ...cpuPools.map(
      (pool) => [pool.spot ? "standard spot" : "standard on-demand", cpuMachinesOf(pool)[0], pool.max] as const,
    ),
    ...gpuPools
      .filter(({ settings: { capacity } }) => capacity !== "capacity-block")
      .map(({ settings: { gpu, capacity, max }, machine }) => {
        const { family } = gpuModels[gpu];
        return [`${family} ${capacity === "spot" ? "spot" : "on-demand"}` as const, machine.type, max] as const;
      }),
  ];
  const needed = new Map<QuotaName, number>();
  for (const [quota, machine, nodes] of machines) {
    needed.set(quota, (needed.get(quota) ?? 0) + nodes * (vcpusOf(machine) ?? 0));
  }
  return needed;
}
