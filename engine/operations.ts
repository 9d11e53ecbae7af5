import type { ProviderFactory } from "./provider.ts";
import type { EngineEvent, OperationKind, OperationResult } from "./report.ts";

export interface OperationOptions {
  /** The folder of `Pulumi.yaml`. */
  readonly projectRoot: string;
  readonly stack: string;
  /** Provider factories by package name, e.g. `kubernetes`. */
  readonly providers: Readonly<Record<string, ProviderFactory>>;
  /** Where state, backups, journals and locks are kept. */
  readonly stateDir: string;
  /** How many provider operations run at once. @default 16 */
  readonly parallel?: number;
  /** Config on top of the stack's file, by full key (`kubernetes:kubeconfig`); never written anywhere. */
  readonly config?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: EngineEvent) => void;
  /** Aborted: no new step starts, running ones are told to stop, state is saved. */
  readonly signal?: AbortSignal;
  /** `up` without the plan pass before it: nothing is looked up before the first change. @default false */
  readonly skipPlan?: boolean;
  /** `refresh` only: report drift and write nothing. @default false */
  readonly previewOnly?: boolean;
  /** Secrets in `outputs` in clear. @default false */
  readonly showSecrets?: boolean;
}

/**
 * Runs one operation on one stack.
 * @returns what was done; `failed` when a step, the program or the preflight failed.
 * @throws UserError before anything was changed: configuration, unknown stack, lock, wrong passphrase, protected resources.
 */
export function runOperation(kind: OperationKind, options: OperationOptions): Promise<OperationResult> {
  return Promise.reject(new Error(`${kind} of ${options.stack}: the engine is being written`));
}
