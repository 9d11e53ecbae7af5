/** The entry of `kf`: runs the command line and turns what was thrown into a message and an exit code. */
import { CommanderError } from "commander";
import { UserError } from "../shared/errors.ts";
import { createProgram } from "./program.ts";

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

function explain(error: unknown): number {
  // Commander has printed its own message by now.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UserError) {
    process.stderr.write(`kf: ${error.message}\n`);
    return error.exitCode;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`kf: unexpected error, please report it\n${details}\n`);
  return 1;
}
