import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { EventCollector } from "../../cli/pulumi-events.ts";

describe("events of the Pulumi CLI", () => {
  it("are not told where they are for debugging, which have secrets in clear", () => {
    const told: string[] = [];
    const collector = new EventCollector({
      ...{ kind: "up", project: "kubeflow", stack: "dev", secrets: [], notes: [] },
      progress: (message) => told.push(message),
    });
    for (const ephemeral of [true, false]) {
      const text = `{"sequence": 1, "timestamp": 1, "diagnosticEvent": {"severity": "debug", "message": "canary", "color":
        "never", "ephemeral": ${String(ephemeral)}}}`;
      collector.add(JSON.parse(text) as EngineEvent);
    }
    assert.doesNotMatch(JSON.stringify([collector.result(), told]), /canary/);
    assert.equal(collector.begun, false);
  });
});
