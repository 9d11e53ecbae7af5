/** Settings of a cluster with one of everything, as the schema completes them. */
import type { z } from "zod";
import { eksSettings, type EksSettings } from "../../../components/eks/settings.ts";

type Given = z.input<typeof eksSettings>;

export const account = "111122223333";
export const region = "eu-central-1";
export const place = { accountId: account, region, clusterName: "kubeflow" } as const;

export function settingsWith(more: Partial<Given> = {}): EksSettings {
  return eksSettings.parse({
    accountId: account,
    region,
    zones: ["eu-central-1a", "eu-central-1b"],
    domain: "kubeflow-dev.example.com",
    deployerArn: `arn:aws:iam::${account}:role/deployer`,
    ...more,
  });
}

export type GpuPoolInput = NonNullable<Given["gpuPools"]>[number];

export function withPool(pool: Partial<GpuPoolInput>): EksSettings {
  return settingsWith({ gpuPools: [{ name: "pool", gpu: "l4", max: 2, ...pool }] });
}
