import { gpuTaint, type GpuPool } from "../contracts/gpu-pool.ts";
import { deviceConfigs, exclusiveConfig } from "./sharing.ts";

export interface OperatorChoices {
  /** Whether the operator brings the driver; else the nodes' image has it. */
  readonly driver: boolean;
  /** Whether the operator brings the container toolkit; else the nodes' image has it. */
  readonly toolkit: boolean;
  /** Where the nodes' container runtime is, for the toolkit. @default - where containerd has it by itself */
  readonly toolkitEnv?: readonly { readonly name: string; readonly value: string }[];
  readonly pools: readonly GpuPool[];
}

/** Values of the chart `gpu-operator`. */
export function operatorValues({ driver, toolkit, toolkitEnv = [], pools }: OperatorChoices) {
  const tolerations = tolerationsOf(pools);
  const configs = deviceConfigs(pools);
  const isShared = Object.keys(configs).length > 1;
  const isSliced = pools.some(({ sharing }) => sharing === "mig");
  return {
    driver: { enabled: driver },
    toolkit: { enabled: toolkit, ...(toolkitEnv.length === 0 ? {} : { env: toolkitEnv }) },
    daemonsets: { tolerations },
    // `single` calls a slice `nvidia.com/gpu` like a whole GPU; the pools say which name theirs have.
    mig: {
      strategy: pools.some(({ resourceName }) => resourceName.startsWith("nvidia.com/mig-")) ? "mixed" : "single",
    },
    // The MIG manager reads the profiles that there are from the GPU itself; a label of the node chooses one.
    migManager: {
      enabled: isSliced,
      // Clouds do not let a virtual machine reset its GPU, so the mode of an A100 changes with a reboot only.
      ...(isSliced ? { env: [{ name: "WITH_REBOOT", value: "true" }] } : {}),
    },
    ...(isShared
      ? {
          devicePlugin: {
            config: { create: true, name: "device-plugin-configs", default: exclusiveConfig, data: configs },
          },
        }
      : {}),
    // No virtual machines with GPUs run in these clusters.
    ...{ vgpuDeviceManager: { enabled: false }, vfioManager: { enabled: false }, ccManager: { enabled: false } },
    ...{ sandboxDevicePlugin: { enabled: false }, kataSandboxDevicePlugin: { enabled: false } },
    "node-feature-discovery": { worker: { tolerations } },
  };
}

/** What the operator's pods have to stand on the pools' nodes: the one taint of every pool, and those that a cloud adds. */
function tolerationsOf(pools: readonly GpuPool[]): readonly object[] {
  const added = pools.flatMap(({ taints }) => taints).filter(({ key }) => key !== gpuTaint.key);
  const distinct = new Map(added.map(({ key, effect }) => [`${key} ${effect}`, { key, operator: "Exists", effect }]));
  return [{ key: gpuTaint.key, operator: "Exists", effect: gpuTaint.effect }, ...distinct.values()];
}
