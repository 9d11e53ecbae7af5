/** A stack's objects in its cluster, by the offline engine's state. */
import { lookAtResources, putBack, type Looked } from "../../engine/look.ts";
import { storedResources } from "../../engine/stored-state.ts";
import { kubernetesProviderFactory } from "../../engine/kubernetes/provider.ts";
import type { OperationOptions } from "../../engine/operations.ts";
import { randomProviderFactory } from "../../engine/random/provider.ts";
import { ClientPool } from "../../kubernetes/pool.ts";
import type { RequestStats } from "../../kubernetes/stats.ts";
import { crdProviderFactory } from "../../plugins/crd/provider.ts";
import { UserError } from "../../shared/errors.ts";
import { projectRoot } from "../../shared/paths.ts";
import { parseStackConfig } from "../../stacks/config.ts";
import { stateDir } from "../offline.ts";
import { cloudOf } from "../simulation.ts";
import { readRawConfig } from "../stack-file.ts";

export interface LookOptions {
  /** Told what is waited for. */
  readonly progress: (message: string) => void;
  readonly signal: AbortSignal;
  /** How long an API server that was there before may be away. @default 300 */
  readonly outageSeconds?: number;
  /** Only these URNs. @default - all */
  readonly only?: ReadonlySet<string>;
  /** Where the state is. @default - where the offline engine has it */
  readonly stateDir?: string;
}

interface Seen {
  readonly looked: readonly Looked[];
  readonly requests: RequestStats;
}

/** @throws UserError when there is nothing to look at, or the cluster does not answer for a single object. */
export async function lookAtStack(stack: string, options: LookOptions): Promise<Seen> {
  await refuseUnknown(stack);
  return lookIn(stack, options);
}

function lookIn(stack: string, options: LookOptions): Promise<Seen> {
  return withCluster(stack, options, async (operation, requests) => {
    const looked = await lookAtResources(operation, options.only);
    options.signal.throwIfAborted();
    if (looked === undefined) {
      throw new UserError(
        `stack ${stack} has no state of the offline engine in ${operation.stateDir}, so there is nothing to compare the ` +
          `cluster with. Bring it up first: kf up ${stack} --engine offline. ${byPulumi(stack)}`,
      );
    }
    const [first] = looked;
    if (first !== undefined && looked.every(({ sight }) => "error" in sight)) {
      throw new UserError("error" in first.sight ? first.sight.error : "");
    }
    return { looked, requests: requests() };
  });
}

/**
 * Looks by the state that the Pulumi CLI has: at the objects in the cluster, and at neither a cloud's resources nor what
 * Helm or a patch brought.
 */
export async function lookAtStackOfPulumi(stack: string, options: LookOptions): Promise<Seen> {
  const { withPulumiState } = await import("../pulumi-state.ts");
  return withPulumiState({ root: projectRoot, stack, progress: options.progress }, async (folder) => {
    const resources = await storedResources({ projectRoot, stateDir: folder, stack });
    const urns = resources.filter(({ type = "" }) => isObject(type)).map(({ urn }) => urn);
    return lookIn(stack, { ...options, stateDir: folder, only: new Set(urns) });
  });
}

function isObject(type: string): boolean {
  return /^(kubernetes|kubeflow:index):/.test(type) && !/:helm\.sh\/v3:Release$|Patch$/.test(type);
}

/** @returns what failed, by URN. */
export function putBackIn(
  stack: string,
  looked: readonly Looked[],
  options: LookOptions,
): Promise<ReadonlyMap<string, string>> {
  return withCluster(stack, options, (operation) => putBack(operation, looked));
}

/** @throws UserError (wrong usage) for no such stack, and for one whose state another engine has. */
async function refuseUnknown(stack: string): Promise<void> {
  const config = parseStackConfig(stack, await readRawConfig(stack));
  if (cloudOf(config) === undefined) return;
  throw new UserError(
    `kf drift: the target ${config.target} is a cloud, whose state the Pulumi CLI has. ${byPulumi(stack)}`,
    { exitCode: 2 },
  );
}

const byPulumi = (stack: string): string =>
  `Of a stack that the Pulumi CLI brings up: kf drift ${stack} --engine pulumi, for the objects in its cluster; and for all ` +
  `of it pulumi refresh --preview-only --expect-no-changes --stack ${stack}, which fails where there is any`;

async function withCluster<T>(
  stack: string,
  { progress, signal, outageSeconds, stateDir: folder = stateDir() }: LookOptions,
  work: (operation: OperationOptions, requests: () => RequestStats) => Promise<T>,
): Promise<T> {
  const clients = new ClientPool({ progress, ...(outageSeconds === undefined ? {} : { outageSeconds }) });
  const cluster = { fieldManager: `pulumi-kubeflow-${stack}`, clients, progress };
  // What waits for an API server that is away is to end at once.
  const stop = (): void => void clients.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const operation: OperationOptions = {
      ...{ projectRoot, stack, stateDir: folder, parallel: 32, signal },
      providers: {
        kubernetes: kubernetesProviderFactory(cluster),
        kubeflow: crdProviderFactory(cluster),
        random: randomProviderFactory(),
      },
    };
    return await work(operation, () => clients.stats);
  } finally {
    signal.removeEventListener("abort", stop);
    await clients.close();
  }
}
