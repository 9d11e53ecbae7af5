import { z } from "zod";

export const selectionSettings = z.strictObject({});

export type SelectionSettings = Readonly<z.infer<typeof selectionSettings>>;
