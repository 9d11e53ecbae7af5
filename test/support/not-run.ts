/** Skips the test, or the suite of the hook, and tells at every run what was not tried and why. */
export function notRun(context: Mocha.Context, why: string): never {
  process.stdout.write(`    NOT RUN: ${why}\n`);
  context.skip();
}

/** For a suite that takes long: it is not begun where the run would be cut off before its end (.ci/run). */
export function neededTime(context: Mocha.Context, minutes: number): void {
  const ends = Number(process.env["KF_CI_ENDS"] ?? Infinity);
  const left = Math.floor((ends - Date.now() / 1000) / 60);
  if (left < minutes)
    notRun(context, `it takes ${String(minutes)} minutes, and this run of CI has ${String(left)} left`);
}
