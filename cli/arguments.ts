import { InvalidArgumentError } from "commander";

/** A whole number from 1 on, as commander takes the parser of an option. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("Allowed: a whole number from 1 on.");
  return value;
}

/** Waiting until an object is ready takes a place too; requests to the API server have a limit of their own. */
export const defaultParallel = 128;
