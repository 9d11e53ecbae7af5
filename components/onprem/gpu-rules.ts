/** What GPUs of one's own cannot do. Pure. */
import { gpuKinds, type GpuKind } from "../shared/cloud-settings.ts";
import { sharingRules, uncuttable } from "../shared/gpu-pool-rules.ts";
import { said } from "./problem.ts";
import { installsGpuOperator } from "./profiles.ts";
import type { OnpremGpuPool, OnpremSettings } from "./settings.ts";

/** Of one GPU, as its data sheet has it; and whether it can be cut into slices (MIG). */
const models: Readonly<Record<GpuKind, { readonly memoryGiB: number; readonly slices: boolean }>> = {
  t4: { memoryGiB: 16, slices: false },
  l4: { memoryGiB: 24, slices: false },
  a10g: { memoryGiB: 24, slices: false },
  a10: { memoryGiB: 24, slices: false },
  l40s: { memoryGiB: 48, slices: false },
  "a100-40": { memoryGiB: 40, slices: true },
  "a100-80": { memoryGiB: 80, slices: true },
  h100: { memoryGiB: 80, slices: true },
  h200: { memoryGiB: 141, slices: true },
  b200: { memoryGiB: 180, slices: true },
  "rtx-pro-6000": { memoryGiB: 96, slices: true },
};

const modelOf = (gpu: string) => gpuKinds.filter((kind) => kind === gpu).map((kind) => models[kind])[0];

/** Undefined for a model that is not known, which the settings have to tell. */
export function memoryOf({ gpu, gpuMemoryGiB }: Pick<OnpremGpuPool, "gpu" | "gpuMemoryGiB">): number | undefined {
  return gpuMemoryGiB ?? modelOf(gpu)?.memoryGiB;
}

type Rule = (
  pool: OnpremGpuPool,
  settings: OnpremSettings,
) => { readonly key: keyof OnpremGpuPool; readonly allowed: string; readonly reason: string } | undefined;

const rules: readonly Rule[] = [
  (pool) => {
    if (memoryOf(pool) !== undefined) return undefined;
    const reason = `How much memory a ${pool.gpu} has is not known here. Set it; known are ${gpuKinds.join(", ")}`;
    return { key: "gpuMemoryGiB", allowed: "a number of GiB", reason };
  },
  ...sharingRules,
  ({ sharing, gpu }) => (modelOf(gpu)?.slices === false ? uncuttable({ sharing, gpu }, []) : undefined),
  ({ sharing, migProfile }) => {
    if (sharing !== "mig" || migProfile !== undefined) return undefined;
    return { key: "migProfile", allowed: "a size such as 1g.10gb", reason: "Say how large the slices are" };
  },
  ({ sharing }, settings) => {
    if (sharing === "none" || installsGpuOperator(settings)) return undefined;
    const reason =
      "It is our GPU operator that shares GPUs. Set kubeflow:onprem.gpuOperator to install, or share nothing";
    return { key: "sharing", allowed: "none", reason };
  },
];

export function gpuProblems(settings: OnpremSettings): readonly string[] {
  const { gpuPools } = settings;
  const owners = new Map<string, number>();
  return gpuPools.flatMap((pool, index) => {
    const path = `gpuPools[${String(index)}]`;
    const refused = rules.flatMap((rule) => {
      const refusal = rule(pool, settings);
      return refusal ? [said(`${path}.${refusal.key}`, pool[refusal.key], refusal.allowed, refusal.reason)] : [];
    });
    const isTaken = gpuPools.slice(0, index).some(({ name }) => name === pool.name);
    const twice = pool.nodes.filter((node, place) => owners.has(node) || pool.nodes.indexOf(node) < place);
    for (const node of pool.nodes) owners.set(node, index);
    return [
      ...refused,
      ...(isTaken ? [said(`${path}.name`, pool.name, "a name of its own", "Another pool has it. Take another")] : []),
      ...twice.map((node) =>
        said(`${path}.nodes`, node, "each node once", "A node is in one pool. Take it out of one"),
      ),
    ];
  });
}
