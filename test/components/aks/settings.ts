import type { z } from "zod";
import { aksSettings, type AksSettings } from "../../../components/aks/settings.ts";

export const ids = {
  subscription: "00000000-0000-4000-8000-000000000001",
  tenant: "00000000-0000-4000-8000-000000000002",
  admins: "00000000-0000-4000-8000-000000000003",
  deployer: "00000000-0000-4000-8000-000000000004",
  users: "00000000-0000-4000-8000-000000000005",
};

/** Settings as a stack's file has them, with what a test is about. */
export function settingsWith(rest: Partial<z.input<typeof aksSettings>> = {}): AksSettings {
  return aksSettings.parse({
    subscriptionId: ids.subscription,
    tenantId: ids.tenant,
    location: "westeurope",
    domain: "kubeflow-dev.example.com",
    adminGroupIds: [ids.admins],
    deployer: { objectId: ids.deployer },
    ...rest,
  });
}
