import type { ResourceState } from "./deployment.ts";
import { difference, equalValues, reportDiff } from "./diff.ts";
import type { Run } from "./run.ts";
import { providerPackage } from "./urn.ts";

/**
 * Asks the providers what has become of every resource, and reports drift: what was changed or deleted behind our back.
 * A change in outputs alone is taken over without being called drift.
 */
export async function refreshResources(run: Run): Promise<void> {
  const { recorder, session, state } = run;
  await Promise.all(
    [...state.live.values()].map(async (resource) => {
      const managed = resource.custom && providerPackage(resource.type) === undefined && resource.external !== true;
      try {
        if (managed && resource.pendingReplacement !== true)
          await session.queue.add(() => refreshResource(run, resource));
        else await recorder.step(resource.urn, "same", {}, () => Promise.resolve());
      } catch (error) {
        recorder.fail(resource.urn, "same", error);
      }
    }),
  );
}

async function refreshResource(run: Run, old: ResourceState): Promise<void> {
  run.session.signal.throwIfAborted();
  const { urn } = old;
  const provider = await run.providerOf(old.provider);
  if (provider === undefined) throw new Error("the configuration of its provider is not known");
  const live = await provider.read(old, old);
  const changes = live === undefined ? [] : difference(old.inputs, live.inputs);
  const op = live === undefined ? "delete" : changes.length > 0 ? "update" : "same";
  await run.recorder.step(urn, op, { diffs: reportDiff(changes) }, () => {
    if (live === undefined) run.record([{ drop: urn }]);
    else if (op === "update" || !equalValues(old.outputs, live.outputs))
      run.record([{ put: { ...old, ...live, modified: new Date().toISOString() } }]);
    return Promise.resolve();
  });
}
