/** What a person sees while work goes on: a live list on a terminal, plain lines elsewhere; always on stderr. */
import { Listr, ListrLogger, ProcessOutput, type ListrDefaultRendererLogLevels } from "listr2";

/** Tells what a phase is doing now. */
export type Report = (message: string) => void;

export interface Timing {
  readonly phase: string;
  readonly seconds: number;
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
