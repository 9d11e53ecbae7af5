import { z } from "zod";

export const tenantsSettings = z.strictObject({});

export type TenantsSettings = Readonly<z.infer<typeof tenantsSettings>>;
