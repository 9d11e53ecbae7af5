/**
 * Azure's machines with NVIDIA GPUs that AKS takes. Data, from
 * https://learn.microsoft.com/azure/virtual-machines/sizes/overview#gpu-accelerated
 */
import type { GpuKind, GpuPoolSettings } from "../shared/cloud-settings.ts";

export interface GpuMachine {
  readonly vmSize: string;
  readonly gpus: number;
  /** Of one GPU. */
  readonly memoryGiB: number;
  readonly vcpus: number;
  /** Its series, as the quota of a subscription calls it. */
  readonly series: string;
  /** GPUs of many nodes talk to each other over it. */
  readonly infiniBand: boolean;
  /** Sizes of slices; none when the GPU cannot be sliced. */
  readonly migProfiles: readonly string[];
  /** `managed`: needs NVIDIA's GRID driver, which AKS installs and the operator does not have. */
  readonly drivers: readonly ("managed" | "operator")[];
}

type Row = readonly [vmSize: string, gpus: number, vcpus: number];
type Common = Omit<GpuMachine, "vmSize" | "gpus" | "vcpus">;

const table = (common: Common, rows: readonly Row[]): readonly GpuMachine[] =>
  rows.map(([vmSize, gpus, vcpus]) => ({ ...common, vmSize, gpus, vcpus }));

const anyDriver = { drivers: ["operator", "managed"], infiniBand: false } as const;
const slicesOf40 = ["1g.5gb", "1g.10gb", "2g.10gb", "3g.20gb", "4g.20gb", "7g.40gb"];
const slicesOf80 = ["1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"];
const slicesOf94 = ["1g.12gb", "1g.24gb", "2g.24gb", "3g.47gb", "4g.47gb", "7g.94gb"];
const slicesOf141 = ["1g.18gb", "1g.35gb", "2g.35gb", "3g.71gb", "4g.71gb", "7g.141gb"];

/** By model, the smallest of each number of GPUs first. */
export const gpuMachines: Readonly<Partial<Record<GpuKind, readonly GpuMachine[]>>> = {
  t4: table({ ...anyDriver, memoryGiB: 16, series: "NCASv3_T4", migProfiles: [] }, [
    ["Standard_NC4as_T4_v3", 1, 4],
    ["Standard_NC8as_T4_v3", 1, 8],
    ["Standard_NC16as_T4_v3", 1, 16],
    ["Standard_NC64as_T4_v3", 4, 64],
  ]),
  a10: table({ ...anyDriver, drivers: ["managed"], memoryGiB: 24, series: "NVADSA10v5", migProfiles: [] }, [
    ["Standard_NV36ads_A10_v5", 1, 36],
    ["Standard_NV36adms_A10_v5", 1, 36],
    ["Standard_NV72ads_A10_v5", 2, 72],
  ]),
  "a100-40": table({ ...anyDriver, infiniBand: true, memoryGiB: 40, series: "NDASv4_A100", migProfiles: slicesOf40 }, [
    ["Standard_ND96asr_v4", 8, 96],
  ]),
  "a100-80": [
    ...table({ ...anyDriver, memoryGiB: 80, series: "NCADS_A100_v4", migProfiles: slicesOf80 }, [
      ["Standard_NC24ads_A100_v4", 1, 24],
      ["Standard_NC48ads_A100_v4", 2, 48],
      ["Standard_NC96ads_A100_v4", 4, 96],
    ]),
    ...table({ ...anyDriver, infiniBand: true, memoryGiB: 80, series: "NDAMSv4_A100", migProfiles: slicesOf80 }, [
      ["Standard_ND96amsr_A100_v4", 8, 96],
    ]),
  ],
  h100: [
    ...table({ ...anyDriver, memoryGiB: 94, series: "NCadsH100v5", migProfiles: slicesOf94 }, [
      ["Standard_NC40ads_H100_v5", 1, 40],
      ["Standard_NC80adis_H100_v5", 2, 80],
    ]),
    ...table({ ...anyDriver, infiniBand: true, memoryGiB: 80, series: "NDSH100v5", migProfiles: slicesOf80 }, [
      ["Standard_ND96isr_H100_v5", 8, 96],
    ]),
  ],
  h200: table({ ...anyDriver, infiniBand: true, memoryGiB: 141, series: "NDISRH200v5", migProfiles: slicesOf141 }, [
    ["Standard_ND96isr_H200_v5", 8, 96],
  ]),
};

/** The machines that have the GPU in the number that a pool asks for. */
export function machinesFor(pool: Pick<GpuPoolSettings, "gpu" | "gpusPerNode">): readonly GpuMachine[] {
  return (gpuMachines[pool.gpu] ?? []).filter(({ gpus }) => gpus === pool.gpusPerNode);
}

/** The machine that a pool means; undefined when AKS has none such. */
export function machineFor(pool: Pick<GpuPoolSettings, "gpu" | "gpusPerNode" | "machineType">): GpuMachine | undefined {
  return machinesFor(pool).find(({ vmSize }) => vmSize === (pool.machineType ?? vmSize));
}

/** The driver of a pool: the operator's where the machine takes it. */
export function driverOf(pool: GpuPoolSettings, machine: GpuMachine): "managed" | "operator" {
  return pool.driver ?? machine.drivers[0] ?? "operator";
}
