import { z } from "zod";

export const storageSettings = z.strictObject({});

export type StorageSettings = Readonly<z.infer<typeof storageSettings>>;
