/** What a stack's configuration says of the platform: one key per concern. Pure: `kf` reads it without Pulumi's SDK. */
import { z } from "zod";
import { backupSettings } from "../backup/settings.ts";
import { edgeSettings } from "./edge/settings.ts";
import { loginSettings } from "./login/settings.ts";
import { selectionSettings } from "./selection/settings.ts";
import { servingSettings } from "./serving/settings.ts";
import { storageSettings } from "./storage/settings.ts";
import { tenantsSettings } from "./tenants/settings.ts";

export const platformSettings = z.strictObject({
  components: selectionSettings.optional(),
  login: loginSettings.optional(),
  edge: edgeSettings.optional(),
  tenants: tenantsSettings.optional(),
  storage: storageSettings.optional(),
  serving: servingSettings.optional(),
  backup: backupSettings.optional(),
});

/** A concern whose key is not set leaves the release as upstream has it. */
export type PlatformSettings = Readonly<z.infer<typeof platformSettings>>;
