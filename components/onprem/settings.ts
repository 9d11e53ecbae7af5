import { z } from "zod";

export const onpremSettings = z.strictObject({});

export type OnpremSettings = Readonly<z.infer<typeof onpremSettings>>;
