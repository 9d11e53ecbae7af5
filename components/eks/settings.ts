/** What a stack says of its EKS cluster. Pure. */
import { z } from "zod";
import { cloudSettings } from "../shared/cloud-settings.ts";

export const eksSettings = z.strictObject({
  ...cloudSettings,
  /** The provider refuses any other account. */
  accountId: z.string().regex(/^\d{12}$/, "12 digits"),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region such as eu-central-1"),
  /** Two or three zones of the region. */
  zones: z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "a zone such as eu-central-1a"))
    .min(2)
    .max(3),
});

export type EksSettings = Readonly<z.infer<typeof eksSettings>>;
