/**
 * An error whose message a user acts on: what was wrong (path and value), what is allowed, what to do. The CLI prints
 * it without a stack and exits with `exitCode`.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  /** 1: the operation failed. 2: wrong usage (arguments, configuration). */
  readonly exitCode: 1 | 2;

  constructor(message: string, options: { readonly exitCode?: 1 | 2; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The user did not agree to what was planned: nothing was changed. */
export class Declined extends UserError {}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
