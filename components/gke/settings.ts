/** What a stack says of its GKE cluster. Pure. */
import { z } from "zod";
import { cloudSettings } from "../shared/cloud-settings.ts";

export const gkeSettings = z.strictObject({
  ...cloudSettings,
  project: z.string().regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, "the id of a project"),
  /** Workload identity names it; it cannot be asked for without credentials. */
  projectNumber: z.string().regex(/^\d+$/, "digits only"),
  region: z.string().regex(/^[a-z]+-[a-z]+\d$/, "a region such as europe-west4"),
  /** Two or three zones of the region. */
  zones: z
    .array(z.string().regex(/^[a-z]+-[a-z]+\d-[a-f]$/, "a zone such as europe-west4-a"))
    .min(1)
    .max(4),
});

export type GkeSettings = Readonly<z.infer<typeof gkeSettings>>;
