/** GPU nodes are for those who ask for them, and no pool grows without end. */
import type { Resource, Rule } from "../rule.ts";
import { at, isMap, itemsAt, textAt, textsAt, unknown, type Value } from "../values.ts";

/** A pool of nodes with GPUs, whichever the cloud. */
interface Pool {
  /** Empty, or the pool's place in its cluster. */
  readonly where: string;
  readonly taints: Value | undefined;
  readonly maxPath: string;
  readonly max: Value | undefined;
  /** What `max` counts. Karpenter counts GPUs, and no machine has more than eight. */
  readonly counts: "nodes" | "GPUs";
}

const taintKey = "nvidia.com/gpu";
const maxGpusPerNode = 8;

const gcpMachine = /^(a2|a3|a4|a4x|g2|g4)-/;
const awsMachine = /^(g\d|gr\d|p\d)/;
const azureMachine = /^Standard_N[CDV]/i;

const poolTypes: Readonly<Record<string, (resource: Resource) => readonly Pool[]>> = {
  "gcp:container/nodePool:NodePool": ({ props }) => {
    const hasGpu =
      itemsAt(props, "nodeConfig.guestAccelerators").length > 0 ||
      gcpMachine.test(textAt(props, "nodeConfig.machineType") ?? "");
    if (!hasGpu) return [];
    const taints = at(props, "nodeConfig.taints");
    const maxPath = ["autoscaling.totalMaxNodeCount", "autoscaling.maxNodeCount", "nodeCount"].find(
      (path) => at(props, path) !== undefined,
    );
    return [{ where: "", taints, ...maxAt(props, maxPath ?? "autoscaling.totalMaxNodeCount") }];
  },
  "aws:eks/nodeGroup:NodeGroup": ({ props }) => {
    const isGpu =
      textAt(props, "amiType")?.includes("NVIDIA") === true ||
      textsAt(props, "instanceTypes").some((type) => awsMachine.test(type));
    return isGpu ? [{ where: "", taints: at(props, "taints"), ...maxAt(props, "scalingConfig.maxSize") }] : [];
  },
  "azure-native:containerservice:AgentPool": ({ props }) => azurePool(props, ""),
  "azure-native:containerservice:ManagedCluster": ({ props }) =>
    itemsAt(props, "agentPoolProfiles").flatMap((pool, index) => azurePool(pool, `agentPoolProfiles[${index}].`)),
};

function azurePool(pool: Value, where: string): readonly Pool[] {
  if (!azureMachine.test(textAt(pool, "vmSize") ?? "")) return [];
  const isScaled = at(pool, "enableAutoScaling");
  const max = maxAt(pool, isScaled === true ? "maxCount" : "count");
  return [{ where, taints: at(pool, "nodeTaints"), ...max, ...(isScaled === unknown ? { max: unknown } : {}) }];
}

function karpenterPool({ type, props }: Resource): readonly Pool[] {
  if (!/^kubernetes:karpenter\.sh\/.*:NodePool$/.test(type)) return [];
  const limits = at(props, "spec.limits");
  // The key has dots in it, so it is no path.
  const limit = isMap(limits) ? limits[taintKey] : limits;
  const max = typeof limit === "string" ? Number(limit) : limit;
  const hasGpu = (max !== undefined && max !== 0) || itemsAt(props, "spec.template.spec.requirements").some(asksForGpu);
  if (!hasGpu) return [];
  const taints = at(props, "spec.template.spec.taints");
  return [{ where: "", taints, maxPath: `spec.limits["${taintKey}"]`, max, counts: "GPUs" }];
}

function asksForGpu(requirement: Value): boolean {
  const key = textAt(requirement, "key") ?? "";
  if (!["In", "Exists", "Gt"].includes(textAt(requirement, "operator") ?? "")) return false;
  const families = ["karpenter.k8s.aws/instance-family", "node.kubernetes.io/instance-type"];
  return (
    key.startsWith("karpenter.k8s.aws/instance-gpu-") ||
    (families.includes(key) && textsAt(requirement, "values").some((value) => awsMachine.test(value)))
  );
}

function maxAt(pool: Value, path: string): Pick<Pool, "max" | "maxPath" | "counts"> {
  return { max: at(pool, path), maxPath: path, counts: "nodes" };
}

function isTainted(taints: Value | undefined): boolean {
  if (taints === unknown) return true;
  const list = Array.isArray(taints) ? (taints as readonly Value[]) : [];
  return list.some((taint) => {
    if (taint === unknown) return true;
    // AKS writes a taint as text: key=value:effect.
    if (typeof taint === "string") return /^nvidia\.com\/gpu[=:]/.test(taint);
    const key = at(taint, "key");
    return key === taintKey || key === unknown;
  });
}

export const gpuPoolsTainted: Rule = {
  name: "gpu-pools-tainted",
  title: `GPU nodes carry the taint ${taintKey}, so that only pods that ask for a GPU keep them busy`,
  remedy: `Give the pool the taint ${taintKey}=present:NoSchedule`,
  concern: "operations",
  resources: Object.fromEntries(
    Object.entries(poolTypes).map(([type, pools]) => [type, (resource) => pools(resource).flatMap(untainted)]),
  ),
  packages: { kubernetes: (resource) => karpenterPool(resource).flatMap(untainted) },
};

function untainted({ where, taints }: Pool): readonly string[] {
  return isTainted(taints) ? [] : [`${where}the pool has GPUs and no taint ${taintKey}`];
}

export const gpuPoolsCapped: Rule = {
  name: "gpu-pools-capped",
  title: "A GPU pool has a maximum above zero, and not above what the stack allows",
  remedy: "Lower the pool's maximum, or raise policy:maxGpuNodesPerPool in the stack's file (16 nodes when not set)",
  concern: "operations",
  resources: Object.fromEntries(
    Object.entries(poolTypes).map(([type, pools]) => [
      type,
      (resource, { maxGpuNodesPerPool }) => pools(resource).flatMap((pool) => uncapped(pool, maxGpuNodesPerPool)),
    ]),
  ),
  packages: {
    kubernetes: (resource, { maxGpuNodesPerPool }) =>
      karpenterPool(resource).flatMap((pool) => uncapped(pool, maxGpuNodesPerPool * maxGpusPerNode)),
  },
};

function uncapped({ where, max, maxPath, counts }: Pool, cap: number): readonly string[] {
  if (max === unknown) return [];
  if (typeof max !== "number" || Number.isNaN(max))
    return [`${where}${maxPath} is not set, so the pool has no maximum`];
  if (max <= 0) return [`${where}${maxPath} is ${max}: the pool can never have a node`];
  return max > cap ? [`${where}${maxPath} is ${max} ${counts}, more than ${cap}`] : [];
}
