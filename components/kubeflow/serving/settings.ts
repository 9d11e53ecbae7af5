import { z } from "zod";

export const servingSettings = z.strictObject({});

export type ServingSettings = Readonly<z.infer<typeof servingSettings>>;
