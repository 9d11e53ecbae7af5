import { reporters } from "mocha";

/** Mocha's own, with one plain line at the end that CI systems and scripts read. */
export default class Reporter extends reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    process.stdout.write(`${passes} passed, ${failures} failed, ${pending} skipped\n`);
  }
}
