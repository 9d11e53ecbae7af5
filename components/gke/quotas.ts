import { SQuotaPreference } from "@pulumi/gcp/cloudquota/squotaPreference.js";
import * as pulumi from "@pulumi/pulumi";
import type { GpuPoolSettings } from "../shared/cloud-settings.ts";
import { gpuModels } from "./gpu-machines.ts";

const TYPE = "kubeflow:gke:GkeQuotas";

export interface GkeQuotasArgs {
  readonly project: string;
  readonly region: string;
  readonly pools: readonly GpuPoolSettings[];
  /** Whom Google asks. */
  readonly contact: string;
  /** APIs that have to be on. */
  readonly dependsOn: readonly pulumi.Resource[];
}

export interface QuotaNeed {
  readonly quotaId: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly gpus: number;
}

/** The GPUs that pools come to at `max`, by the quota that they count against. */
export function quotaNeeds(pools: readonly GpuPoolSettings[], region: string): readonly QuotaNeed[] {
  // A reservation has taken its part of the quota already.
  const counted = pools.filter(({ capacity }) => capacity !== "reservation");
  const needs = new Map<string, QuotaNeed>();
  for (const pool of counted) {
    const { quotaId, dimensions } = quotaOf(pool, region);
    const key = `${quotaId} ${Object.values(dimensions).join(" ")}`;
    const gpus = (needs.get(key)?.gpus ?? 0) + pool.max * pool.gpusPerNode;
    needs.set(key, { quotaId, dimensions, gpus });
  }
  const total = [...needs.values()].reduce((sum, { gpus }) => sum + gpus, 0);
  if (total === 0) return [];
  // The project's total stands above all of them.
  return [...needs.values(), { quotaId: "GPUS-ALL-REGIONS-per-project", dimensions: {}, gpus: total }];
}

function quotaOf({ gpu, capacity }: GpuPoolSettings, region: string): Omit<QuotaNeed, "gpus"> {
  const quota = gpuModels[gpu]?.quota ?? { family: gpu };
  // What may be taken away, or is lent, counts against quotas of its own.
  if (capacity !== "on-demand") {
    const name = "id" in quota ? quota.id : `${quota.family.replaceAll("_", "-")}-GPUS`;
    return { quotaId: `PREEMPTIBLE-${name}-per-project-region`, dimensions: { region } };
  }
  if ("id" in quota) return { quotaId: `${quota.id}-per-project-region`, dimensions: { region } };
  return { quotaId: "GPUS-PER-GPU-FAMILY-per-project-region", dimensions: { region, gpu_family: quota.family } };
}

/** Asks for the GPUs that the pools may come to. Google may grant less, or later; destroying takes nothing back. */
export class GkeQuotas extends pulumi.ComponentResource {
  constructor(name: string, args: GkeQuotasArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    for (const { quotaId, dimensions, gpus } of quotaNeeds(args.pools, args.region)) {
      const family = dimensions["gpu_family"] ?? "";
      new SQuotaPreference(
        `${name}-${[quotaId, family]
          .filter((part) => part !== "")
          .join("-")
          .toLowerCase()
          .replaceAll("_", "-")}`,
        {
          parent: `projects/${args.project}`,
          service: "compute.googleapis.com",
          quotaId,
          dimensions,
          quotaConfig: { preferredValue: String(gpus) },
          contactEmail: args.contact,
          justification: "GPU node pools of a Kubeflow cluster",
        },
        { parent: this, dependsOn: [...args.dependsOn] },
      );
    }
    this.registerOutputs({});
  }
}
