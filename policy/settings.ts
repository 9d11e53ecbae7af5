import { z } from "zod";
import type { Settings } from "./rule.ts";

const schema = z.object({
  // A pack that is told of no stack (`pulumi policy publish`) is as strict as it gets.
  environment: z.enum(["dev", "staging", "prod"]).default("prod"),
  maxGpuNodesPerPool: z.coerce.number().int().min(1).max(1000).default(16),
  // Pulumi hands a list over as JSON.
  unprotected: z
    .string()
    .default("[]")
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "expected a list of names" });
        return z.NEVER;
      }
    })
    .pipe(z.array(z.string().min(1))),
});

type Key = keyof Settings;

/** Where a stack's file says it. */
export const settingKeys: Readonly<Record<Key, string>> = {
  environment: "kubeflow:environment",
  maxGpuNodesPerPool: "policy:maxGpuNodesPerPool",
  unprotected: "policy:unprotected",
};

/**
 * The settings in a stack's configuration, which both engines hand over; `settingKeys` are their keys.
 *
 * @param config values by full key.
 * @returns the settings, or what is wrong with them.
 */
export function settingsOf(
  config: Readonly<Record<string, string | undefined>>,
): { readonly settings: Settings } | { readonly problem: string } {
  const { data, error } = schema.safeParse(
    Object.fromEntries(Object.entries(settingKeys).map(([name, key]) => [name, config[key]])),
  );
  if (data !== undefined) return { settings: data };
  const problems = error.issues.map(({ path, message }) => {
    const key = settingKeys[path[0] as Key];
    return `${key}: ${JSON.stringify(config[key])}: ${message}. Correct it in the stack's file`;
  });
  return { problem: problems.join("\n") };
}
