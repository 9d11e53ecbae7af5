/** The progress of the offline engine, from its events. */
import type { EngineEvent } from "../engine/report.ts";
import type { Report } from "./progress.ts";
import { describeUrn } from "./report.ts";

/** Turns the engine's events into one line that says how far it is and what it waits for. */
export function stepProgress(report: Report): (event: EngineEvent) => void {
  const running = new Set<string>();
  let done = 0;
  let planned = 0;
  return (event) => {
    switch (event.kind) {
      case "phase":
        report(event.name);
        break;
      case "planned":
        planned = event.summary.create + event.summary.update + event.summary.replace + event.summary.delete;
        break;
      case "step-started":
        if (event.pass === "apply" && event.op !== "same") running.add(event.urn);
        break;
      case "step-finished": {
        if (!running.delete(event.step.urn)) break;
        done += 1;
        const [oldest] = running;
        const waiting = oldest === undefined ? "" : `, ${String(running.size)} under way, first ${describeUrn(oldest)}`;
        report(`${String(done)} of ${String(planned)} done${waiting}`);
        break;
      }
      case "diagnostic":
        if (event.severity === "warning" || event.severity === "error") report(event.message);
    }
  };
}
