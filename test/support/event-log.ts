/** What `pulumi` did, resource by resource, as its event log has it. */
import { readFile } from "node:fs/promises";
import type { EngineEvent, OpType, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";

export interface LoggedStep {
  readonly op: OpType;
  readonly urn: string;
  /** Paths of what differs. */
  readonly diff: readonly string[];
}

/** The operations of the events, one a resource, in their order; those that changed nothing are left out. */
export function changesOf(events: readonly EngineEvent[]): readonly LoggedStep[] {
  return events
    .flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? [])
    .filter(({ op, urn }) => op !== "same" && !urn.includes("::pulumi:pulumi:Stack::"))
    .map(({ op, urn, detailedDiff, diffs }: StepEventMetadata) => ({
      op,
      urn,
      diff: Object.keys(detailedDiff ?? {}).length > 0 ? Object.keys(detailedDiff ?? {}) : (diffs ?? []),
    }));
}

/** @param file of `--event-log`: an event a line. */
export async function readEvents(file: string): Promise<readonly EngineEvent[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as EngineEvent);
}
