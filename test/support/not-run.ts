/** Skips the test, or the suite of the hook, and tells at every run what was not tried and why. */
export function notRun(context: Mocha.Context, why: string): never {
  process.stdout.write(`    NOT RUN: ${why}\n`);
  context.skip();
}
