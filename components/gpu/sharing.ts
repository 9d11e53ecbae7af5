/** How the device plugin and MIG manager of the GPU operator are told to share the GPUs of a pool: by labels of its nodes. */
import { stringify } from "yaml";
import type { GpuPool } from "../contracts/gpu-pool.ts";

/** What of a pool decides how its GPUs are shared. */
export type GpuSharing = Pick<GpuPool, "sharing"> & {
  readonly clientsPerGpu?: number | undefined;
  readonly migProfile?: string | undefined;
};

const deviceConfigLabel = "nvidia.com/device-plugin.config";
const migConfigLabel = "nvidia.com/mig.config";

/** Without a default, the config manager gives every node the only configuration that there is. */
export const exclusiveConfig = "exclusive";

/** Nodes of a pool whose software the operator brings carry these, besides the labels of the target. */
export function sharingLabels(pool: GpuSharing): Readonly<Record<string, string>> {
  if (pool.sharing === "none") return {};
  if (pool.sharing === "mig") {
    return pool.migProfile === undefined ? {} : { [migConfigLabel]: `all-${pool.migProfile}` };
  }
  return { [deviceConfigLabel]: deviceConfigName(pool) };
}

/** The extended resource that pods ask for: slices of MIG have names of their own, so that none is taken for a whole GPU. */
export function resourceNameOf(pool: GpuSharing): string {
  return pool.sharing === "mig" && pool.migProfile !== undefined
    ? `nvidia.com/mig-${pool.migProfile}`
    : "nvidia.com/gpu";
}

/** Configurations of the device plugin that the pools' labels name, as the files of a ConfigMap. */
export function deviceConfigs(pools: readonly GpuPool[]): Readonly<Record<string, string>> {
  const shared = pools.filter(({ sharing }) => sharing === "time-slicing" || sharing === "mps");
  return Object.fromEntries([
    [exclusiveConfig, stringify({ version: "v1" })],
    ...shared.map((pool) => [deviceConfigName(pool), stringify(deviceConfig(pool))] as const),
  ]);
}

function deviceConfigName(pool: GpuSharing): string {
  return `${pool.sharing}-${String(pool.clientsPerGpu ?? 1)}`;
}

function deviceConfig(pool: GpuPool): object {
  // To ask for two shares gives no more than one does, so such a pod is refused instead of misled.
  const timeSlicing = { failRequestsGreaterThanOne: true };
  const resources = [{ name: "nvidia.com/gpu", replicas: pool.clientsPerGpu ?? 1 }];
  return {
    version: "v1",
    sharing: pool.sharing === "mps" ? { mps: { resources } } : { timeSlicing: { ...timeSlicing, resources } },
  };
}
