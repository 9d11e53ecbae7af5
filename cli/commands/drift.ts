import { Command, Option } from "commander";
import { UserError } from "../../shared/errors.ts";
import { positiveInteger } from "../arguments.ts";
import type { DriftReport } from "../drift/report.ts";
import type { WatchEvent } from "../drift/watch.ts";

interface DriftFlags {
  readonly watch?: true;
  readonly interval: number;
  readonly fix?: readonly string[];
  readonly json?: true;
  readonly quiet?: true;
  readonly engine: "offline" | "pulumi";
}

/** How often `--watch` looks, without `--interval`. Every look reads every object of the stack once. */
const defaultIntervalSeconds = 60;

/** `kf drift`: what differs in the cluster from the stack's state, and who did that. */
export function driftCommand(): Command {
  return new Command("drift")
    .description(
      "what differs in the cluster from the stack's state, and whose it is now; --fix puts named objects back",
    )
    .argument("[stack]", "stack name, a file of stacks/config", "local-dev")
    .option("--watch", "go on looking; a line for every drift that is found and every one that vanishes")
    .option("--interval <seconds>", "for --watch: seconds between two looks", positiveInteger, defaultIntervalSeconds)
    .option("--fix <names...>", "put these objects back, e.g. Deployment/kubeflow/ml-pipeline or a URN, and no others")
    .addOption(
      new Option("--engine <engine>", "whose state: of the offline engine, or of the Pulumi CLI (a look only)")
        .choices(["offline", "pulumi"])
        .default("offline"),
    )
    .option("--json", "print one JSON object; with --watch one line of JSON for each event")
    .option("--quiet", "no progress")
    .addHelpText(
      "after",
      "\nExit codes: 0 no drift (with --fix: all named objects are put back), 3 there is drift, 1 the look or the fix failed,\n" +
        "2 wrong usage. --watch ends by SIGINT or SIGTERM, with the code of its last look. A look writes nothing and takes no\n" +
        "lock; --fix takes the stack's lock as an up does.",
    )
    .action(async (stack: string, flags: DriftFlags) => {
      process.exitCode = await drift(stack, flags);
    });
}

async function drift(stack: string, flags: DriftFlags): Promise<number> {
  const { watch, fix, json, quiet, engine } = flags;
  if (watch === true && fix !== undefined)
    throw new UserError("drift: --watch only looks; leave out --fix or --watch", { exitCode: 2 });
  if (engine === "pulumi" && (watch === true || fix !== undefined)) {
    throw new UserError(
      `drift: ${fix === undefined ? "--watch" : "--fix"}: not with --engine pulumi, which looks once; to put an object ` +
        `back: pulumi up --stack ${stack} --target URN`,
      { exitCode: 2 },
    );
  }
  const abort = new AbortController();
  const stop = (): void => abort.abort(new UserError("stopped by a signal"));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const tell = (message: string): void => {
    if (quiet !== true) process.stderr.write(`kf: ${message}\n`);
  };
  const options = { progress: tell, signal: abort.signal };
  const print = (value: unknown, text: () => string): boolean =>
    process.stdout.write(json === true ? `${JSON.stringify(value)}\n` : text());
  try {
    const { exitCodeOf, exitCodes } = await import("../drift/report.ts");
    if (watch === true) return await keepWatch(stack, flags, abort.signal, tell);
    const { describeDrift, describeFixed } = await import("../drift/describe.ts");
    if (fix !== undefined) {
      const { fixDrift } = await import("../drift/fix.ts");
      const fixed = await fixDrift(stack, fix, options);
      print(fixed, () => describeFixed(fixed));
      return fixed.failed.length > 0 ? exitCodes.failed : exitCodes.none;
    }
    const report = await lookOnce(stack, options, engine);
    print(report, () => describeDrift(report));
    return exitCodeOf(report);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

async function keepWatch(
  stack: string,
  { interval, json }: DriftFlags,
  signal: AbortSignal,
  tell: (message: string) => void,
): Promise<number> {
  const { watchDrift, describeEvent } = await import("../drift/watch.ts");
  // Away for longer than this is an event, not something to wait for in silence.
  const options = { progress: () => undefined, signal, outageSeconds: 10 };
  return watchDrift({
    stack,
    intervalSeconds: interval,
    signal,
    look: () => lookOnce(stack, options),
    onEvent: (event: WatchEvent) =>
      process.stdout.write(`${json === true ? JSON.stringify(event) : describeEvent(event)}\n`),
    onLook: ({ objects, drifts, unread }: DriftReport) =>
      tell(
        `looked at ${objects} objects, ${drifts.length} drift, ${unread.length} could not be looked at; again in ${interval} s`,
      ),
  });
}

async function lookOnce(
  stack: string,
  options: { progress: (message: string) => void; signal: AbortSignal; outageSeconds?: number },
  engine: DriftFlags["engine"] = "offline",
): Promise<DriftReport> {
  const { lookAtStack, lookAtStackOfPulumi } = await import("../drift/look.ts");
  const { reportOf } = await import("../drift/report.ts");
  const { looked, requests } = await (engine === "pulumi" ? lookAtStackOfPulumi : lookAtStack)(stack, options);
  return reportOf(stack, looked, requests);
}
