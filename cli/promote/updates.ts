/** What was done to a stack, by whichever engine: when it was brought up last, with what, and since when it has that. */
import type { UpdateInfo } from "../../engine/history.ts";

/** What an `up` notes of itself (`OperationOptions.notes`). */
export interface UpNotes {
  /** Name of the Kubeflow release. */
  readonly release: string;
  /** `RenderedRelease.digest` */
  readonly render: string;
  /** `ReleasePart.digest` */
  readonly part: string;
}

export interface StackUpdate {
  readonly kind: UpdateInfo["kind"];
  readonly result: UpdateInfo["result"];
  /** ISO times. */
  readonly started: string;
  readonly ended?: string;
  readonly notes: Partial<UpNotes>;
}

const noteNames = { release: "kubeflow.release", render: "kubeflow.digest", part: "kubeflow.promotable" } as const;

export function toHistoryNotes(notes: UpNotes): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(noteNames).map(([key, name]) => [name, notes[key as keyof UpNotes]]));
}

export function toUpdates(history: readonly UpdateInfo[]): readonly StackUpdate[] {
  return history.map(({ kind, result, startTime, endTime, environment }) => ({
    kind,
    result,
    started: isoTime(startTime),
    ...(result === "in-progress" ? {} : { ended: isoTime(endTime) }),
    notes: Object.fromEntries(
      Object.entries(noteNames).flatMap(([key, name]) => {
        const value = environment[name];
        return value === undefined ? [] : [[key, value]];
      }),
    ),
  }));
}

/**
 * Since when a stack has run one release without another between: the end of the first `up` of the last row of those that
 * succeeded with it. One whose notes are missing may have been of another.
 *
 * @returns milliseconds since 1970; undefined when it does not run it.
 */
export function runsSince(updates: readonly StackUpdate[], part: string, render: string): number | undefined {
  let since: number | undefined;
  for (const { kind, result, ended, notes } of updates.toReversed()) {
    if (kind !== "update" && kind !== "destroy") continue;
    const isSame = (notes.part ?? part) === part && notes.render === render;
    if (kind === "destroy" || !isSame) break;
    // A failed one of the same release has interrupted nothing, and proves nothing.
    if (result === "succeeded" && ended !== undefined) since = Date.parse(ended);
  }
  return since;
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
