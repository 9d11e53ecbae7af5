/** `kf promote FROM TO`: the release of one stack into the files of the next. Applies nothing. */
import { UserError } from "../../shared/errors.ts";
import { parseStackConfig, type StackConfig } from "../../stacks/config.ts";
import { loadRelease } from "../../stacks/release.ts";
import { storedResources } from "../../engine/stored-state.ts";
import { readRawConfig } from "../stack-file.ts";
import { carryOut, type ChangeOptions, type Outcome } from "./change.ts";
import { healthGate, lastUpGate, lockGate, orderGate, soakGate, type GateResult } from "./gates.ts";
import { healthOf } from "./health.ts";
import { readReleasePart, type ReleasePart } from "./release-part.ts";
import { runningOf } from "./running.ts";
import { listMembers, readStackFile, toMember } from "./stack-files.ts";
import { runsSince } from "./updates.ts";
import { finishUnfinished } from "./write.ts";

/** Hours that the environment before has to have run a release, unless kubeflow:promotion.soakHours says otherwise. */
const defaultSoakHours: Readonly<Record<StackConfig["environment"], number>> = { dev: 0, staging: 24, prod: 72 };

export interface PromoteOptions extends ChangeOptions {
  readonly from: string;
  readonly to: string;
  /** File of a kubeconfig that leads to FROM's cluster. @default - the one of its configuration, or the sandbox's */
  readonly kubeconfig?: string | undefined;
}

/**
 * @returns what came of it; a gate that refuses is no error, it is told with the others.
 * @throws UserError for stacks that cannot be read, or of which nothing can be promoted.
 */
export async function promote(options: PromoteOptions): Promise<Outcome> {
  const { root, from, to, dryRun } = options;
  if (from === to) throw new UserError(`promote: ${from} to itself; name two stacks`, { exitCode: 2 });
  const source = await readStackFile(root, from);
  await readStackFile(root, to);
  const ended = dryRun ? undefined : await finishUnfinished(root, to);
  const finished = ended === undefined ? {} : { finished: ended.id };
  // After what an earlier run has left is ended: it may have changed the file.
  const target = await readStackFile(root, to);
  const after = await readReleasePart(root, source.file, source.text);
  const before = await readReleasePart(root, target.file, target.text);
  if (before.digest === after.digest) {
    const same = { before: after.lock.name, after: after.lock.name };
    const digest = { before: after.digest, after: after.digest };
    return {
      kind: "promotion",
      stack: to,
      result: "present",
      release: same,
      digest,
      gates: [],
      changes: [],
      files: [],
      ...finished,
    };
  }
  const { gates, render } = await sourceGates(options, after);
  const change = { kind: "promotion", to: target, before, after, gates, origin: { from }, render } as const;
  return { ...(await carryOut(change, options)), ...finished };
}

/** What FROM has to have shown before its release goes anywhere. */
async function sourceGates(
  options: PromoteOptions,
  part: ReleasePart,
): Promise<{ readonly gates: readonly GateResult[]; readonly render: string | undefined }> {
  const { root, stateDir, from, to, engine, kubeconfig } = options;
  const read = async (stack: string): Promise<StackConfig> => parseStackConfig(stack, await readRawConfig(stack, root));
  const config = await read(from);
  const toConfig = await read(to);
  const where = { projectRoot: root, stateDir, stack: from };
  const [all, running, rendered, resources] = await Promise.all([
    listMembers(root),
    runningOf({ root, stateDir, stack: from, config, engine }),
    loadRelease(config),
    storedResources(where),
  ]);
  const updates = running.updates ?? [];
  const lastUp = updates.findLast(({ kind, result }) => kind === "update" && result === "succeeded");
  const facts = {
    part: { running: lastUp?.notes.part, files: part.digest },
    render: { running: running.render, files: rendered.digest },
  };
  const since = runsSince(updates, part.digest, rendered.digest);
  const soaked = since === undefined ? undefined : (Date.now() - since) / 3_600_000;
  const needed = toConfig.promotion?.soakHours ?? defaultSoakHours[toConfig.environment];
  return {
    render: running.render,
    gates: [
      orderGate(toMember(from, config), toMember(to, toConfig), all),
      lastUpGate(from, running.updates),
      lockGate(from, facts),
      healthGate(from, await healthOf({ root, stateDir, stack: from, config, kubeconfig, resources })),
      soakGate(from, soaked, needed),
    ],
  };
}
