/** What a person sees while work goes on: a live list on a terminal, plain lines elsewhere; always on stderr. */
import { Listr, ListrLogger, ProcessOutput, type ListrDefaultRendererLogLevels } from "listr2";

/** Tells what a phase is doing now. */
export type Report = (message: string) => void;

export interface Timing {
  readonly phase: string;
  readonly seconds: number;
}

/** @typeParam H what is known at the stop, e.g. a plan. */
export interface TwoPhases<H, T extends H> {
  readonly titles: readonly [before: string, after: string];
  /** @param stop is called once at most, with what is known by then; it resolves when the work may go on. */
  readonly work: (report: Report, stop: (reached: H) => Promise<void>) => Promise<T>;
  /** What is done while no phase is shown. What it throws, the stop throws. */
  readonly between: (reached: H) => Promise<void>;
  readonly summarise: (result: H) => string;
}

const output = new ProcessOutput(process.stderr, process.stderr);

/** Shows phases one after the other, and keeps how long each took. */
export class Phases {
  readonly timings: Timing[] = [];
  private readonly quiet: boolean;

  /** @param quiet nothing is shown (`--quiet`). */
  constructor(quiet = false) {
    this.quiet = quiet;
  }

  /**
   * Runs one phase.
   *
   * @param summarise what is shown behind the title when it is done.
   */
  async run<T>(title: string, work: (report: Report) => Promise<T>, summarise?: (result: T) => string): Promise<T> {
    const started = performance.now();
    const done = (): number => {
      const seconds = (performance.now() - started) / 1000;
      this.timings.push({ phase: title, seconds });
      return seconds;
    };
    if (this.quiet) {
      const result = await work(() => undefined);
      done();
      return result;
    }
    const list = new Listr<{ result: T }>(
      {
        title,
        task: async (context, task) => {
          context.result = await work((message) => (task.output = message));
          const seconds = done();
          const summary = summarise === undefined ? "" : `: ${summarise(context.result)}`;
          task.title = `${title}${summary} (${seconds.toFixed(1)} s)`;
        },
      },
      {
        renderer: "default",
        fallbackRenderer: "simple",
        rendererOptions: { logger: new ListrLogger<ListrDefaultRendererLogLevels>({ processOutput: output }) },
        fallbackRendererOptions: { logger: new ListrLogger({ processOutput: output }) },
        registerSignalListeners: false,
      },
    );
    return (await list.run()).result;
  }

  /**
   * Runs work that stops once for what needs the terminal, e.g. a question: one phase goes up to there, another goes on
   * from there. Work that ends without a stop is one phase.
   */
  async runInTwo<H, T extends H>({ titles, work, between, summarise }: TwoPhases<H, T>): Promise<T> {
    let report: Report = () => undefined;
    const half = Promise.withResolvers<H>();
    const resumed = Promise.withResolvers<undefined>();
    const stop = (reached: H): Promise<void> => {
      half.resolve(reached);
      return resumed.promise;
    };
    const whole = work((message) => report(message), stop);
    const until = Promise.race([whole.then((end) => ({ end })), half.promise.then((reached) => ({ reached }))]);
    const first = await this.run(
      titles[0],
      (told) => {
        report = told;
        return until;
      },
      (result) => summarise("end" in result ? result.end : result.reached),
    );
    if ("end" in first) return first.end;
    try {
      await between(first.reached);
    } catch (error) {
      resumed.reject(error);
      // It cleans up, and fails with that.
      return await whole;
    }
    resumed.resolve(undefined);
    return this.run(
      titles[1],
      (told) => {
        report = told;
        return whole;
      },
      summarise,
    );
  }
}

/** Passes on at most one message in `everyMs`, and the first at once: a log of a thousand objects stays readable. */
export function throttled(report: Report, everyMs: number): Report {
  let next = 0;
  return (message) => {
    const now = performance.now();
    if (now < next) return;
    next = now + everyMs;
    report(message);
  };
}
