/** One operation on one stack, from its name to its result: configuration, cluster, release, engine. */
import type { OperationKind, OperationResult } from "../engine/report.ts";
import { parseStackConfig, type StackConfig } from "../stacks/config.ts";
import { runOffline } from "./offline.ts";
import { readRawConfig } from "./stack-file.ts";

export interface StackFlags {
  readonly quiet?: true;
  readonly parallel: number;
  readonly engine?: "offline" | "pulumi";
  readonly adopt?: true;
  readonly dryRun?: true;
}

/**
 * Runs an operation with the engine that the flags or, without them, the target asks for.
 *
 * @throws UserError before anything was changed.
 */
export async function runOperationOn(kind: OperationKind, stack: string, flags: StackFlags): Promise<OperationResult> {
  const raw = await readRawConfig(stack);
  const config = parseStackConfig(stack, raw);
  if ((flags.engine ?? defaultEngine(kind, config)) === "pulumi") {
    const { runPulumi } = await import("./pulumi-engine.ts");
    return runPulumi(kind, stack, flags);
  }
  return runOffline(kind, stack, config, flags);
}

function defaultEngine(kind: OperationKind, config: StackConfig): "offline" | "pulumi" {
  return config.target === "sandbox" || kind === "preview" ? "offline" : "pulumi";
}
