import { z } from "zod";

export const edgeSettings = z.strictObject({});

export type EdgeSettings = Readonly<z.infer<typeof edgeSettings>>;
