import { z } from "zod";
import type { Settings } from "./rule.ts";

const schema = z.object({
  // A pack that is told of no stack (`pulumi policy publish`) is as strict as it gets.
  environment: z.enum(["dev", "staging", "prod"]).default("prod"),
  maxGpuNodesPerPool: z.coerce.number().int().min(1).max(1000).default(16),
});

/**
 * The settings in a stack's configuration, which both engines hand over: `kubeflow:environment` and
 * `policy:maxGpuNodesPerPool`.
 *
 * @param config values by full key.
 * @returns the settings, or what is wrong with them.
 */
export function settingsOf(
  config: Readonly<Record<string, string | undefined>>,
): { readonly settings: Settings } | { readonly problem: string } {
  const { data, error } = schema.safeParse({
    environment: config["kubeflow:environment"],
    maxGpuNodesPerPool: config["policy:maxGpuNodesPerPool"],
  });
  if (data !== undefined) return { settings: data };
  const keys = { environment: "kubeflow:environment", maxGpuNodesPerPool: "policy:maxGpuNodesPerPool" };
  const problems = error.issues.map(({ path, message }) => {
    const key = path[0] === "environment" ? keys.environment : keys.maxGpuNodesPerPool;
    return `${key}: ${JSON.stringify(config[key])}: ${message}. Correct it in the stack's file`;
  });
  return { problem: problems.join("\n") };
}
