/** A GKE target made under recording mocks, as a simulated Google Cloud answers. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { GkeTarget } from "../../../components/gke/gke-target.ts";
import type { GkeSettings } from "../../../components/gke/settings.ts";
import { record, type Recorded, type Recording } from "../../support/recording.ts";
import { simulatedAnswer } from "../../support/simulated-answers.ts";
import { project } from "./settings.ts";

export type Inputs = Readonly<Record<string, unknown>>;

export const nodePool = "gcp:container/nodePool:NodePool";
export const cluster = "gcp:container/cluster:Cluster";

export interface Built {
  readonly recording: Recording;
  readonly target: GkeTarget;
}

export async function build(
  settings: GkeSettings,
  more: { readonly oauthClientSecret?: pulumi.Output<string>; readonly kubernetesVersion?: string } = {},
  then: (target: GkeTarget, options: pulumi.ComponentResourceOptions) => unknown = () => undefined,
): Promise<Built> {
  let target: GkeTarget | undefined;
  const recording = await record(
    async (options) => {
      const { oauthClientSecret, kubernetesVersion = "1.35.0" } = more;
      const args = {
        settings,
        environment: "dev",
        kubernetesVersion,
        oauthClientSecret,
        admission: "enforced",
      } as const;
      target = new GkeTarget("cluster", args, options);
      await then(target, options);
    },
    simulatedAnswer({ project, region: settings.region }),
  );
  assert.ok(target);
  return { recording, target };
}

export const isGpuPool = ({ inputs }: Recorded): boolean =>
  (inputs["nodeConfig"] as Inputs)["guestAccelerators"] !== undefined;

export function dependencies({ dependsOn }: pulumi.CustomResourceOptions): readonly string[] {
  return Array.isArray(dependsOn)
    ? dependsOn.flatMap((item: unknown) => (pulumi.Resource.isInstance(item) ? nameOf(item) : []))
    : [];
}

export function nameOf(resource: pulumi.Resource): string {
  return "__name" in resource && typeof resource.__name === "string" ? resource.__name : "";
}
