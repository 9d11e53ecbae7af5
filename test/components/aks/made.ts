/** An AKS target made under recording mocks, as a simulated Azure answers. */
import assert from "node:assert/strict";
import type { z } from "zod";
import { AksTarget } from "../../../components/aks/aks-target.ts";
import type { IdentityBinding } from "../../../components/contracts/workload-identity.ts";
import { roles } from "../../../components/aks/roles.ts";
import type { aksSettings } from "../../../components/aks/settings.ts";
import { record, type Recording } from "../../support/recording.ts";
import { simulatedAnswer, simulatedCall } from "../../support/simulated-answers.ts";
import { ids, settingsWith } from "./settings.ts";

export const native = (type: string): string => `azure-native:${type}`;
export const clusterType = native("containerservice:ManagedCluster");
export const poolType = native("containerservice:AgentPool");
export const grantType = native("authorization:RoleAssignment");
const answer = simulatedAnswer({ subscriptionId: ids.subscription, tenantId: ids.tenant, location: "westeurope" });

export interface Made {
  readonly target: AksTarget;
  readonly recording: Recording;
}

export async function make(
  settings: Partial<z.input<typeof aksSettings>>,
  use?: (target: AksTarget) => void,
): Promise<Made> {
  const made: { target?: AksTarget } = {};
  const recording = await record(
    (opts) => {
      const target = new AksTarget(
        "cluster",
        {
          environment: "prod",
          kubernetesVersion: "1.35.2",
          oauthClientSecret: undefined,
          admission: "enforced",
          settings: settingsWith(settings),
        },
        opts,
      );
      use?.(target);
      made.target = target;
    },
    answer,
    simulatedCall,
  );
  assert.ok(made.target);
  return { target: made.target, recording };
}

/** What role is given over what, to whom. */
export function grants({ recording }: Made): readonly Readonly<Record<string, unknown>>[] {
  return recording.all(grantType).map(({ inputs }) => inputs);
}
export const isRole = (inputs: Readonly<Record<string, unknown>>, role: keyof typeof roles): boolean =>
  String(inputs["roleDefinitionId"]).endsWith(roles[role]);

const gpuPools = [
  { name: "t4", gpu: "t4", max: 2, sharing: "time-slicing", clientsPerGpu: 4, capacity: "spot" },
  { name: "slices", gpu: "a100-80", max: 1, sharing: "mig", migProfile: "1g.10gb" },
  { name: "aks", gpu: "a100-80", max: 1, sharing: "mig", migProfile: "2g.20gb", driver: "managed" },
  { name: "kept", gpu: "h100", gpusPerNode: 8, max: 1, capacity: "reservation", reservation: groupId() },
] as const;

export function groupId(): string {
  return `/subscriptions/${ids.subscription}/resourceGroups/r/providers/Microsoft.Compute/capacityReservationGroups/g`;
}

/** A target with everything, and what a tenant's service account got of it. */
export async function makeWhole(): Promise<Made & { readonly binding: IdentityBinding }> {
  let binding: IdentityBinding | undefined;
  const made = await make(
    { gpuPools: [...gpuPools], protection: "strict", registryTier: "Premium", loginGroupIds: [ids.users] },
    (target) => {
      binding = target.identity.bind(
        "team-a",
        { namespace: "team-a", name: "default-editor" },
        [
          { prefix: "team-a/", permission: "read-write" },
          { prefix: "shared/", permission: "read" },
        ],
        {},
      );
    },
  );
  assert.ok(binding);
  return { ...made, binding };
}
