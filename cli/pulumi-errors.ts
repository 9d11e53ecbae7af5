/** Failures of the Pulumi CLI in one sentence: its own words for the cause, and the command that mends it. */
import { ConcurrentUpdateError, StackNotFoundError } from "@pulumi/pulumi/automation/index.js";
import type { Diagnostic, OperationResult } from "../engine/report.ts";
import { messageOf, UserError } from "../shared/errors.ts";

/** What the CLI and its plugins say (3.276), and what to do about it. */
const mends: readonly (readonly [words: RegExp, mend: string])[] = [
  [
    /incorrect passphrase|passphrase must be set/,
    "Set the one that the stack was made with: export PULUMI_CONFIG_PASSPHRASE=..., or PULUMI_CONFIG_PASSPHRASE_FILE",
  ],
  [
    /PULUMI_ACCESS_TOKEN must be set|requires logging in|invalid access token/,
    "The CLI is logged in to no backend. Log in: pulumi login, or pulumi login --local for a state on this machine",
  ],
  [
    /could not (?:read|load) plugin|failed to load plugin|no resource plugin/,
    "The plugin is missing or does not start. Delete the file that is named here, or: pulumi plugin rm resource; then " +
      "try again, and it is installed anew",
  ],
  [
    /cluster is unreachable|connection refused/,
    "No API server answers at this address. Check the stack's kubeconfig with: kubectl get --raw /readyz, start the " +
      "cluster (a sandbox: kf sandbox start), then run the same command again: it goes on from here",
  ],
];

/** What the CLI ended with before it looked at a resource. */
export function explained(error: unknown, stack: string): UserError {
  if (error instanceof UserError) return error;
  return new UserError(explanation(error, stack), { cause: error });
}

function explanation(error: unknown, stack: string): string {
  const words = wordsOf(error);
  if (error instanceof StackNotFoundError) {
    return (
      `stack ${stack}: not in the backend that pulumi is logged in to (pulumi whoami --verbose). ` +
      `Make it with: pulumi stack init ${stack}`
    );
  }
  if (error instanceof ConcurrentUpdateError) {
    return (
      `stack ${stack}: another operation is under way: ${words} Wait for it; where it was killed, its lock is left: ` +
      `pulumi cancel --stack ${stack}`
    );
  }
  const mend = mendOf(words);
  return mend === undefined ? `pulumi: ${words}` : `stack ${stack}: pulumi: ${words}. ${mend}`;
}

/** What the CLI says of its failure: its lines that begin with `error:`, without the command line before them. */
export function wordsOf(error: unknown): string {
  const message = messageOf(error);
  const lines = message.split("\n").flatMap((line) => /^\s*error: (.+)/.exec(line)?.[1] ?? []);
  return lines.length === 0 ? message : [...new Set(lines)].join("; ");
}

/** The result with what to do about its failures, each once. */
export function withMends(result: OperationResult): OperationResult {
  const failures = [
    ...result.steps.flatMap(({ error }) => error ?? []),
    ...result.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message),
  ];
  const told = new Set(failures.flatMap((failure) => mendOf(failure) ?? []));
  const advice = [...told].map((message): Diagnostic => ({ severity: "info", message }));
  return advice.length === 0 ? result : { ...result, diagnostics: [...result.diagnostics, ...advice] };
}

function mendOf(words: string): string | undefined {
  return mends.find(([pattern]) => pattern.test(words))?.[1];
}
