/** Looks again and again, and tells what is new and what is over. */
import { setTimeout as delay } from "node:timers/promises";
import type { FieldManager } from "../../engine/provider.ts";
import type { ReportValue } from "../../engine/report.ts";
import { messageOf, UserError } from "../../shared/errors.ts";
import { describeField } from "./describe.ts";
import { exitCodeOf, exitCodes, type DriftReport } from "./report.ts";

/** One drifted place, or an object that is gone (no `path`). */
interface DriftLine {
  readonly name: string;
  readonly urn: string;
  readonly is: "gone" | "changed";
  readonly path?: string;
  readonly expected?: ReportValue;
  readonly live?: ReportValue;
  readonly managers: readonly FieldManager[];
  readonly writers: readonly FieldManager[];
}

/** One JSON line of `--watch --json`; `failed` and `recovered` are told once an outage. */
export type WatchEvent = { readonly at: string; readonly stack: string } & (
  | ({ readonly event: "found" | "vanished" } & DriftLine)
  | { readonly event: "failed"; readonly error: string }
  | { readonly event: "recovered" }
);

export interface WatchOptions {
  readonly stack: string;
  readonly intervalSeconds: number;
  readonly look: () => Promise<DriftReport>;
  readonly onEvent: (event: WatchEvent) => void;
  /** After every look that came to its end. */
  readonly onLook: (report: DriftReport) => void;
  /** Aborted: it ends. */
  readonly signal: AbortSignal;
}

/** @returns the exit code of the last look, once it is told to end. */
export async function watchDrift(options: WatchOptions): Promise<number> {
  const { stack, intervalSeconds, look, onEvent, onLook, signal } = options;
  let known: ReadonlyMap<string, DriftLine> = new Map();
  let problem: string | undefined;
  let code: number = exitCodes.failed;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    const tell = (event: WatchNews): void => onEvent({ at: new Date().toISOString(), stack, ...event });
    try {
      const report = await look();
      const next = linesOf(report, known);
      for (const [key, line] of known) if (!next.has(key)) tell({ event: "vanished", ...line });
      for (const [key, line] of next) if (!known.has(key)) tell({ event: "found", ...line });
      known = next;
      code = exitCodeOf(report);
      if (problem !== undefined) tell({ event: "recovered" });
      problem = undefined;
      onLook(report);
    } catch (error) {
      if (isOver()) break;
      // A mistake of the caller's does not mend itself, and neither does one of ours.
      if (!(error instanceof UserError) || error.exitCode === 2) throw error;
      code = exitCodes.failed;
      if (problem === undefined) tell({ event: "failed", error: messageOf(error) });
      problem = messageOf(error);
    }
    await delay(intervalSeconds * 1000, undefined, { signal }).catch(() => undefined);
  }
  return code;
}

type WatchNews =
  | ({ readonly event: "found" | "vanished" } & DriftLine)
  | { readonly event: "failed"; readonly error: string }
  | { readonly event: "recovered" };

/** What drifts, by what makes it the same drift as that of another look: the object, the place and the value there. */
function linesOf(report: DriftReport, known: ReadonlyMap<string, DriftLine>): ReadonlyMap<string, DriftLine> {
  const lines = report.drifts.flatMap(({ name, urn, is, fields, writers }): readonly DriftLine[] =>
    is === "gone"
      ? [{ name, urn, is, managers: [], writers }]
      : fields.map((field) => ({ name, urn, is, writers, ...field })),
  );
  const unread = new Set(report.unread.map(({ urn }) => urn));
  // What could not be looked at has not changed for all that is known.
  const kept = [...known].filter(([, { urn }]) => unread.has(urn));
  return new Map([...kept, ...lines.map((line) => [JSON.stringify([line.urn, line.path, line.live]), line] as const)]);
}

export function describeEvent(event: WatchEvent): string {
  if (event.event === "failed") return `${event.at} failed: ${event.error}`;
  if (event.event === "recovered") return `${event.at} the looks succeed again`;
  const { at, name, path, managers, expected, live, writers } = event;
  if (path === undefined) return `${at} ${event.event}: ${name}: gone`;
  const field = {
    path,
    managers,
    ...(expected === undefined ? {} : { expected }),
    ...(live === undefined ? {} : { live }),
  };
  return `${at} ${event.event}: ${name}: ${describeField({ writers }, field)}`;
}
