import { z } from "zod";

export const loginSettings = z.strictObject({});

export type LoginSettings = Readonly<z.infer<typeof loginSettings>>;
