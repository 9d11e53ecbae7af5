import assert from "node:assert/strict";
import { describeEvent, watchDrift, type WatchEvent } from "../../cli/drift/watch.ts";
import type { Drift, DriftReport } from "../../cli/drift/report.ts";
import { UserError } from "../../shared/errors.ts";

const drift = (name: string, live?: number): Drift => ({
  ...{ name, urn: `urn:${name}`, writers: [] },
  ...(live === undefined
    ? { is: "gone", fields: [] }
    : { is: "changed", fields: [{ path: "spec.replicas", expected: 1, live, managers: [] }] }),
});
const report = (drifts: readonly Drift[], unread: readonly string[] = []): DriftReport => ({
  ...{ stack: "own", at: "", objects: 9, drifts, notes: [], requests: {} },
  unread: unread.map((name) => ({ name, urn: `urn:${name}`, error: "no" })),
});

/** Watches until the looks are used up, then stops it as a signal does. */
async function watch(...looks: readonly (DriftReport | Error)[]) {
  const abort = new AbortController();
  const events: WatchEvent[] = [];
  const left = [...looks];
  const code = await watchDrift({
    ...{ stack: "own", intervalSeconds: 0.001, signal: abort.signal },
    look: () => {
      const next = left.shift();
      if (left.length === 0 && next !== undefined) queueMicrotask(() => setTimeout(() => abort.abort()));
      if (next === undefined) return Promise.reject(new UserError("stopped by a signal"));
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
    onEvent: (event) => events.push(event),
    onLook: () => undefined,
  });
  const told = events.map((event) => ("name" in event ? `${event.event} ${event.name}` : event.event));
  return { code, told, events };
}

describe("kf drift --watch", () => {
  it("tells each drift once, when it comes, changes and goes", async () => {
    const { told, code } = await watch(
      report([]),
      report([drift("a", 2), drift("b")]),
      report([drift("a", 2), drift("b")]),
      report([drift("a", 3)]),
      report([]),
    );
    assert.deepEqual(told, ["found a", "found b", "vanished a", "vanished b", "found a", "vanished a"]);
    assert.equal(code, 0);
  });

  it("tells an outage once, and takes nothing for vanished that it could not look at", async () => {
    const away = new UserError("the API server cannot be reached");
    const { told, code } = await watch(report([drift("a", 2)]), away, away, report([], ["a"]), report([drift("a", 2)]));
    assert.deepEqual(told, ["found a", "failed", "recovered"]);
    assert.equal(code, 3);
  });

  it("ends with the code of its last look, and at once for what does not mend itself", async () => {
    assert.equal((await watch(report([]), report([drift("a")]))).code, 3);
    assert.equal((await watch(report([]), new UserError("away"))).code, 1);
    await assert.rejects(watch(new UserError("unknown stack", { exitCode: 2 }), report([])), /unknown stack/);
  });

  it("has lines that a person reads", async () => {
    const { events } = await watch(report([drift("Deployment/n/d", 2), drift("Secret/n/s")]));
    const lines = events.map(describeEvent).map((line) => line.replace(/^\S+ /, ""));
    assert.deepEqual(lines, [
      "found: Deployment/n/d: spec.replicas: 1 => 2 (nobody's now; others who wrote to the object: none)",
      "found: Secret/n/s: gone",
    ]);
  });
});
