/** What a stack runs, from the history and the state that its engine keeps. */
import { execa } from "execa";
import { stackHistory, type UpdateInfo } from "../../engine/history.ts";
import { stackOutputs, storedResources } from "../../engine/stored-state.ts";
import { UserError } from "../../shared/errors.ts";
import type { StackConfig } from "../../stacks/config.ts";
import { locateTool } from "../../tools/locate.ts";
import { toUpdates, type StackUpdate } from "./updates.ts";

export interface Running {
  readonly engine: "offline" | "pulumi";
  /** Oldest first; undefined when they cannot be asked for. */
  readonly updates: readonly StackUpdate[] | undefined;
  readonly release: string | undefined;
  /** Of everything rendered. */
  readonly render: string | undefined;
}

export interface RunningOptions {
  readonly root: string;
  readonly stateDir: string;
  readonly stack: string;
  readonly config: StackConfig;
  /** Whose state it is. @default - the offline engine's for a sandbox and for a stack that it knows, else Pulumi's */
  readonly engine?: "offline" | "pulumi" | undefined;
}

export async function runningOf(options: RunningOptions): Promise<Running> {
  const where = { projectRoot: options.root, stateDir: options.stateDir, stack: options.stack };
  const history = await stackHistory(where);
  const isKnown = history.length > 0 || (await storedResources(where)).length > 0;
  const engine = options.engine ?? (options.config.target === "sandbox" || isKnown ? "offline" : "pulumi");
  if (engine === "pulumi") return pulumiRunning(options);
  const outputs = isKnown ? await stackOutputs({ ...where, showSecrets: false }) : {};
  return { engine, updates: toUpdates(history), ...toRelease(outputs) };
}

/** The Pulumi CLI's account. What an `up` was of it does not tell, only what the stack's outputs say now. */
async function pulumiRunning({ root, stack }: RunningOptions): Promise<Running> {
  const nothing = { engine: "pulumi", updates: undefined, release: undefined, render: undefined } as const;
  try {
    const { found } = await locateTool("pulumi");
    if (found === undefined) return nothing;
    const ask = async (...args: readonly string[]): Promise<unknown> => {
      const options = { cwd: root, env: { PULUMI_SKIP_UPDATE_CHECK: "true" } };
      const { stdout } = await execa(found.path, [...args, "--stack", stack, "--json", "--non-interactive"], options);
      return JSON.parse(stdout) as unknown;
    };
    const [history, outputs] = await Promise.all([ask("stack", "history"), ask("stack", "output")]);
    const { release, render } = toRelease(outputs);
    return { engine: "pulumi", updates: pulumiUpdates(history, { release, render }), release, render };
  } catch (error) {
    throw new UserError(`stack ${stack}: pulumi does not tell what it runs; is it in this backend (pulumi whoami)?`, {
      cause: error,
    });
  }
}

interface PulumiUpdate {
  readonly kind: UpdateInfo["kind"];
  readonly result: UpdateInfo["result"];
  /** ISO times. */
  readonly startTime: string;
  readonly endTime?: string;
}

/** @param history as `pulumi stack history --json` prints it, newest first. */
export function pulumiUpdates(
  history: unknown,
  now: { readonly release: string | undefined; readonly render: string | undefined },
): readonly StackUpdate[] {
  return (history as readonly PulumiUpdate[]).toReversed().map(({ kind, result, startTime, endTime }, index, all) => ({
    kind,
    result,
    started: startTime,
    ...(endTime === undefined || result === "in-progress" ? {} : { ended: endTime }),
    notes: index === all.findLastIndex((update) => update.kind === "update") ? present(now) : {},
  }));
}

function present({ release, render }: { readonly release: string | undefined; readonly render: string | undefined }) {
  return { ...(release === undefined ? {} : { release }), ...(render === undefined ? {} : { render }) };
}

function toRelease(outputs: unknown): { readonly release: string | undefined; readonly render: string | undefined } {
  const told = (outputs ?? {}) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return { release: text(told["release"]), render: text(told["digest"]) };
}
