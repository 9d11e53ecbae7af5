import { UserError } from "../shared/errors.ts";
import type { ResourceState } from "./deployment.ts";
import { difference, equalValues, reportDiff } from "./diff.ts";
import { Recorder } from "./recorder.ts";
import { Run } from "./run.ts";
import type { Session } from "./session.ts";
import type { Change } from "./state.ts";
import type { StackStore } from "./store.ts";
import { providerPackage } from "./urn.ts";

/**
 * Asks the providers what has become of every resource, and reports drift: what was changed or deleted behind our back.
 * A change in outputs alone is taken over without being called drift.
 * @returns what takes it over; state is left as it is.
 */
export async function refreshResources(run: Run): Promise<readonly Change[]> {
  const { recorder, session, state } = run;
  const changes: Change[] = [];
  await Promise.all(
    [...state.live.values()].map(async (resource) => {
      const managed = resource.custom && providerPackage(resource.type) === undefined && resource.external !== true;
      try {
        if (managed && resource.pendingReplacement !== true)
          await session.queue.add(async () => changes.push(...(await refreshResource(run, resource))));
        else await recorder.step(resource.urn, "same", {}, () => Promise.resolve());
      } catch (error) {
        recorder.fail(resource.urn, "same", error);
      }
    }),
  );
  return changes;
}

/**
 * Refreshes the state before another operation (`--refresh`): in memory, until that one notes something.
 * @returns the same store.
 * @throws UserError when something could not be looked at.
 */
export async function refreshFirst(session: Session, store: StackStore): Promise<StackStore> {
  const run = new Run(session, store, new Recorder("plan", session.onEvent), "plan");
  const changes = await session.timed("refresh", () => refreshResources(run));
  const failed = run.recorder.steps.flatMap(({ urn, error }) => (error === undefined ? [] : [`${urn}: ${error}`]));
  if (failed.length > 0) throw new UserError(`the refresh failed, and nothing was changed: ${failed.join("; ")}`);
  store.foresee(changes);
  return store;
}

async function refreshResource(run: Run, old: ResourceState): Promise<readonly Change[]> {
  run.session.signal.throwIfAborted();
  const { urn } = old;
  const provider = await run.providerOf(old.provider);
  if (provider === undefined) throw new Error("the configuration of its provider is not known");
  const live = await provider.read(old, old);
  if (live === undefined) {
    await run.recorder.step(urn, "delete", run.goneDetails(old), () => Promise.resolve());
    return [{ drop: urn }];
  }
  const changes = difference(old.inputs, live.inputs);
  const op = changes.length > 0 ? "update" : "same";
  await run.recorder.step(urn, op, { diffs: reportDiff(changes) }, () => Promise.resolve());
  if (op === "same" && equalValues(old.outputs, live.outputs)) return [];
  return [{ put: { ...old, ...live, modified: new Date().toISOString() } }];
}
