/** A look at what became of a stack's resources, which changes nothing and locks nobody out, and mending by name. */
import { stat } from "node:fs/promises";
import { messageOf, UserError } from "../shared/errors.ts";
import type { ResourceState } from "./deployment.ts";
import { ifExists } from "./files.ts";
import { acquireLock, lockHolder } from "./lock.ts";
import type { OperationOptions } from "./operations.ts";
import type { Sight } from "./provider.ts";
import { Recorder } from "./recorder.ts";
import { Run } from "./run.ts";
import { openSession, openStore, type Session } from "./session.ts";
import { stackFiles } from "./store.ts";

export interface Looked {
  /** In the order of state, which is that of making. */
  readonly resource: ResourceState;
  /** Or why it could not be looked at. */
  readonly sight: Sight | { readonly error: string };
}

/**
 * Looks at everything of the stack's state that a provider can look at.
 *
 * @param only these URNs. @default - all
 * @returns undefined when the stack has no state.
 * @throws UserError while an operation changes the stack: what differs then is its own doing.
 */
export async function lookAtResources(
  options: OperationOptions,
  only?: ReadonlySet<string>,
): Promise<readonly Looked[] | undefined> {
  const session = await openSession("refresh", { ...options, previewOnly: true });
  try {
    const before = await stateMark(session);
    const run = new Run(session, await openStore(session), new Recorder("plan", session.onEvent), "plan");
    if (run.state.live.size === 0) return undefined;
    const resources = [...run.state.live.values()].filter(({ urn }) => only?.has(urn) ?? true);
    const looked = await Promise.all(resources.map((resource) => look(run, resource)));
    if ((await stateMark(session)) !== before)
      throw new UserError(changing(options.stack, "its state was written meanwhile"));
    return looked.flat();
  } finally {
    await session.providers.close();
  }
}

/**
 * Puts resources back to what state has of them: creates what is gone, else updates. One after the other, and under the
 * stack's lock: state is told of what was made anew.
 *
 * @returns what failed, by URN.
 */
export async function putBack(
  options: OperationOptions,
  looked: readonly Looked[],
): Promise<ReadonlyMap<string, string>> {
  const session = await openSession("up", options);
  const release = await acquireLock(stackFiles(where(session)).lock, options.stack, "up");
  const failures = new Map<string, string>();
  try {
    const store = await openStore(session);
    const run = new Run(session, store, new Recorder("apply", session.onEvent), "apply");
    try {
      for (const { resource, sight } of looked) {
        const old = run.state.live.get(resource.urn);
        if (old === undefined)
          throw new UserError(changing(options.stack, `${resource.urn} is not in its state any more`));
        const isGone = "is" in sight && sight.is === "gone";
        await run
          .write(await run.providerOf(old.provider), isGone ? undefined : old, old)
          .catch((error: unknown) => failures.set(old.urn, messageOf(error)));
      }
    } finally {
      await store.save();
    }
    return failures;
  } finally {
    await session.providers.close();
    await release();
  }
}

async function look(run: Run, resource: ResourceState): Promise<readonly Looked[]> {
  if (!resource.custom || resource.provider === undefined || resource.pendingReplacement === true) return [];
  try {
    const provider = await run.providerOf(resource.provider);
    const sight = await run.session.queue.add(async () => provider?.look?.(resource, resource));
    return sight === undefined ? [] : [{ resource, sight }];
  } catch (error) {
    return [{ resource, sight: { error: messageOf(error) } }];
  }
}

/** Another one later: state was written in between. */
async function stateMark(session: Session): Promise<string> {
  const { lock, snapshot } = stackFiles(where(session));
  const holder = await lockHolder(lock);
  if (holder !== undefined) throw new UserError(changing(session.options.stack, `locked by ${holder}`));
  const { ino, mtimeMs } = (await ifExists(stat(snapshot))) ?? { ino: 0, mtimeMs: 0 };
  return `${ino} ${mtimeMs}`;
}

const where = ({ project, options: { stack, stateDir } }: Session) => ({ stack, stateDir, project: project.name });

const changing = (stack: string, how: string): string =>
  `stack ${stack} is being changed (${how}): what differs now may be that operation's own doing. Look again when it is over`;
