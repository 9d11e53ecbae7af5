import { z } from "zod";
import { componentNames, presetNames } from "./catalogue.ts";

export const sizeNames = ["small", "medium", "large"] as const;
export type SizeName = (typeof sizeNames)[number];

export const selectionSettings = z.strictObject({
  preset: z
    .enum(presetNames)
    .default("full")
    .describe("minimal: notebooks and pipelines; standard: training, too; full: what upstream's example has"),
  with: z.array(z.enum(componentNames)).default([]).describe("What is installed beside the preset"),
  without: z.array(z.enum(componentNames)).default([]).describe("What is left out of the preset"),
  size: z
    .enum(sizeNames)
    .optional()
    .describe("Replicas, disruption budgets, spread and resources; upstream's when not set: docs/components.md#sizes"),
});

export type SelectionSettings = Readonly<z.infer<typeof selectionSettings>>;
