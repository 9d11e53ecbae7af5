/** What a sandbox holds beside its control plane: KWOK nodes, and volumes that can be claimed. */

export type NodePool = "cpu" | "gpu" | "mig";

/** Label of our nodes whose value is the pool. */
export const poolLabel = "sandbox.kubeflow-pulumi/pool";
const storageClass = "sandbox";

/** Size of each volume in GiB: room for Kubeflow's own claims and for a dozen users' notebooks beside them. */
const volumeSizesGiB = [...repeat(10, 16), ...repeat(20, 8), ...repeat(100, 4)];

const gpuLabels = {
  "nvidia.com/gpu.present": "true",
  "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB",
  "nvidia.com/gpu.memory": "81920",
  "nvidia.com/gpu.count": "4",
};
const gpuTaint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };

const pools: Readonly<Record<NodePool, { capacity: object; labels: object; taints: readonly object[] }>> = {
  cpu: { capacity: { cpu: "16", memory: "64Gi" }, labels: {}, taints: [] },
  gpu: {
    capacity: { cpu: "48", memory: "512Gi", "nvidia.com/gpu": "4" },
    labels: { ...gpuLabels, "nvidia.com/mig.strategy": "none" },
    taints: [gpuTaint],
  },
  mig: {
    capacity: { cpu: "48", memory: "512Gi", "nvidia.com/mig-1g.10gb": "28" },
    labels: { ...gpuLabels, "nvidia.com/mig.strategy": "mixed", "nvidia.com/mig.config": "all-1g.10gb" },
    taints: [gpuTaint],
  },
};

/** A KWOK node of the pool. */
export function nodeObject(pool: NodePool, index: number): { readonly metadata: { readonly name: string } } {
  const name = `${pool}-${index}`;
  const { capacity, labels, taints } = pools[pool];
  const resources = { ...capacity, pods: "250", "ephemeral-storage": "500Gi" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        [poolLabel]: pool,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        ...labels,
      },
    },
    spec: { taints },
    status: { capacity: resources, allocatable: resources },
  } as { readonly metadata: { readonly name: string } };
}

/** The default StorageClass. It binds at once, so that a claim is bound before its Pod is there. */
export const storageClassObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: storageClass, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "kubernetes.io/no-provisioner",
  volumeBindingMode: "Immediate",
} as const;

/** The volumes that claims bind to. A stage of kwok makes a released one available again (`config.ts`). */
export const volumeObjects = volumeSizesGiB.map((sizeGiB, index) => {
  const name = `sandbox-${String(index).padStart(2, "0")}`;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: `${sizeGiB}Gi` },
      accessModes: ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: storageClass,
      // Never looked at: no Pod really runs.
      hostPath: { path: `/sandbox/${name}` },
    },
  };
});

function repeat(sizeGiB: number, times: number): readonly number[] {
  return Array.from({ length: times }, () => sizeGiB);
}
