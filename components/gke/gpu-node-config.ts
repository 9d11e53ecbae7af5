/** What GKE is told of a GPU pool that the rules let pass, and what the platform is. */
import type { NodePoolArgs } from "@pulumi/gcp/container/nodePool.js";
import type { container } from "@pulumi/gcp/types/input.js";
import { gpuTaint, type GpuPool } from "../contracts/gpu-pool.ts";
import type { GpuPoolSettings } from "../shared/cloud-settings.ts";
import { gpuModels, type GpuMachine } from "./gpu-machines.ts";
import { hasHighBandwidth, isLent } from "./gpu-rules.ts";
import { nodePoolArgs, type PoolContext } from "./node-config.ts";

/** @param makesNetworks whether GKE makes the further networks of machines that have several network cards. */
export function gpuNodePoolArgs(
  context: PoolContext,
  pool: GpuPoolSettings,
  machine: GpuMachine,
  makesNetworks: boolean,
): NodePoolArgs {
  const withNetworks = makesNetworks && hasHighBandwidth(machine);
  const shape = {
    machineType: machine.machineType,
    diskType: machine.diskType,
    diskGiB: pool.diskGiB,
    min: pool.min,
    max: pool.max,
    zones: pool.zones,
    spot: pool.capacity === "spot",
    nodeLabels: {
      ...nodeLabels(pool),
      ...(withNetworks ? { "cloud.google.com/gke-networking-dra-driver": "true" } : {}),
    },
  };
  return nodePoolArgs(context, shape, {
    pool: {
      ...(isLent(pool) ? lentPool(pool) : {}),
      ...(withNetworks ? { networkConfig: { enablePrivateNodes: true, acceleratorNetworkProfile: "auto" } } : {}),
    },
    node: {
      guestAccelerators: [accelerator(pool, machine)],
      taints: [{ key: gpuTaint.key, value: gpuTaint.value, effect: "NO_SCHEDULE" }],
      reservationAffinity: reservationAffinity(pool),
      ...(isLent(pool) ? { flexStart: true, maxRunDuration: "604800s" } : {}),
      ...(pool.localSsd || machine.localSsd.always
        ? { ephemeralStorageLocalSsdConfig: { localSsdCount: machine.localSsd.count } }
        : {}),
      // NVIDIA's modules, unlike GKE's, are not signed for secure boot.
      ...(pool.driver === "operator"
        ? { shieldedInstanceConfig: { enableSecureBoot: false, enableIntegrityMonitoring: true } }
        : {}),
    },
  });
}

/** Nodes that are lent are not repaired, nor upgraded as others are: they are given back. */
function lentPool({ capacity }: GpuPoolSettings): Partial<NodePoolArgs> {
  return {
    management: { autoRepair: false, autoUpgrade: true },
    ...(capacity === "queued" ? { queuedProvisioning: { enabled: true } } : {}),
  };
}

function accelerator(
  { driver, sharing, clientsPerGpu, migProfile }: GpuPoolSettings,
  machine: GpuMachine,
): container.NodePoolNodeConfigGuestAccelerator {
  const strategy = sharing === "time-slicing" ? "TIME_SHARING" : sharing === "mps" ? "MPS" : undefined;
  return {
    type: machine.accelerator,
    count: machine.gpus,
    gpuDriverInstallationConfig: { gpuDriverVersion: driver === "operator" ? "INSTALLATION_DISABLED" : "DEFAULT" },
    ...(strategy === undefined || clientsPerGpu === undefined
      ? {}
      : { gpuSharingConfig: { gpuSharingStrategy: strategy, maxSharedClientsPerGpu: clientsPerGpu } }),
    ...(migProfile === undefined ? {} : { gpuPartitionSize: migProfile }),
  };
}

/** Said even where it is none: spot and lent nodes must not eat up a reservation. */
function reservationAffinity({
  capacity,
  reservation,
}: GpuPoolSettings): container.NodePoolNodeConfigReservationAffinity {
  if (capacity === "on-demand") return { consumeReservationType: "ANY_RESERVATION" };
  if (reservation === undefined) return { consumeReservationType: "NO_RESERVATION" };
  return {
    consumeReservationType: "SPECIFIC_RESERVATION",
    key: "compute.googleapis.com/reservation-name",
    values: [reservation],
  };
}

function nodeLabels({ name, gpu, labels, driver, capacity }: GpuPoolSettings): Readonly<Record<string, string>> {
  return {
    ...labels,
    "kubeflow.org/pool": name,
    "kubeflow.org/gpu": gpu,
    // The operator brings its own device plugin.
    ...(driver === "operator" ? { "gke-no-default-nvidia-gpu-device-plugin": "true" } : {}),
    // GKE adds the taint, and not the label, which node selectors need.
    ...(capacity === "queued" ? { "cloud.google.com/gke-queued": "true" } : {}),
  };
}

/** The pool as the platform sees it. */
export function describeGpuPool(pool: GpuPoolSettings, machine: GpuMachine): GpuPool {
  return {
    name: pool.name,
    gpu: pool.gpu,
    gpuMemoryGiB: gpuModels[pool.gpu]?.memoryGiB ?? 0,
    gpusPerNode: machine.gpus,
    min: pool.min,
    max: pool.max,
    resourceName: gpuTaint.key,
    // The last one is GKE's own.
    labels: { ...nodeLabels(pool), "cloud.google.com/gke-accelerator": machine.accelerator },
    taints: [gpuTaint],
    driver: pool.driver === "operator" ? "operator" : "preinstalled",
    sharing: pool.sharing,
  };
}
