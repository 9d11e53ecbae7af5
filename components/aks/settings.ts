/** What a stack says of its AKS cluster. Pure. */
import { z } from "zod";
import { cloudSettings } from "../shared/cloud-settings.ts";

export const aksSettings = z.strictObject({
  ...cloudSettings,
  subscriptionId: z.guid(),
  tenantId: z.guid(),
  location: z.string().regex(/^[a-z]+\d?$/, "a location such as westeurope"),
  /** Zones of the location. */
  zones: z
    .array(z.enum(["1", "2", "3"]))
    .min(1)
    .max(3)
    .default(["1", "2", "3"]),
});

export type AksSettings = Readonly<z.infer<typeof aksSettings>>;
