import { messageOf } from "../shared/errors.ts";
import { isDefaultProvider, typeOfUrn } from "./urn.ts";
import type { Diagnostic, EngineEvent, Pass, StepOp, StepReport, Summary } from "./report.ts";

/** Collects what one pass does and tells the caller as it happens. */
export class Recorder {
  steps: StepReport[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly pass: Pass;
  readonly #onEvent: (event: EngineEvent) => void;

  constructor(pass: Pass, onEvent: (event: EngineEvent) => void) {
    this.pass = pass;
    this.#onEvent = onEvent;
  }

  get failed(): boolean {
    const stepFailed = this.steps.some(({ error }) => error !== undefined);
    return stepFailed || this.diagnostics.some(({ severity }) => severity === "error");
  }

  get summary(): Summary {
    const summary: Summary = { same: 0, create: 0, update: 0, replace: 0, delete: 0 };
    for (const { op, error } of this.steps) if (error === undefined) summary[op] = (summary[op] ?? 0) + 1;
    return summary;
  }

  /** What a plan that failed would have done was not done, and is not told. */
  forgetSuccesses(): void {
    this.steps = this.steps.filter(({ error }) => error !== undefined);
  }

  diagnose(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
    this.#onEvent({ kind: "diagnostic", ...diagnostic });
  }

  error(message: string): void {
    this.diagnose({ severity: "error", message });
  }

  /** Reports a step around `run`. @throws what `run` throws, once the step is reported as failed. */
  async step<T>(urn: string, op: StepOp, details: Partial<StepReport>, run: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const step: StepReport = { urn, type: typeOfUrn(urn), op, diffs: [], ...details };
    if (op !== "same" && !isDefaultProvider(urn))
      this.#onEvent({ kind: "step-started", pass: this.pass, urn, type: step.type, op });
    try {
      const result = await run();
      this.#finish(step, started);
      return result;
    } catch (error) {
      this.#finish({ ...step, error: messageOf(error) }, started);
      throw error;
    }
  }

  /** A step that failed before it could start. */
  fail(urn: string, op: StepOp, error: unknown): void {
    this.#finish({ urn, type: typeOfUrn(urn), op, diffs: [], error: messageOf(error) }, performance.now());
  }

  #finish(step: StepReport, started: number): void {
    // The Pulumi CLI does not show them either.
    if (isDefaultProvider(step.urn) && step.error === undefined) return;
    this.steps.push(step);
    this.#onEvent({ kind: "step-finished", pass: this.pass, step, ms: Math.round(performance.now() - started) });
  }
}
