/** What the API server says when it refuses, and how it is put to a person. */
import { UserError } from "../shared/errors.ts";
import { describeObject, type KubernetesObject } from "./objects.ts";

interface Cause {
  readonly reason?: string;
  readonly field?: string;
  readonly message?: string;
}

/** The API server's `Status`, as far as it is used here. */
export interface ApiStatus {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly Cause[]; readonly retryAfterSeconds?: number };
}

/** A request that was answered with an error. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status. */
  readonly status: number;
  readonly reason: string | undefined;
  readonly causes: readonly Cause[];

  constructor(status: number, answer: ApiStatus | string) {
    const parsed = typeof answer === "string" ? { message: answer } : answer;
    super(parsed.message?.trim() ?? `HTTP status ${status}`);
    this.status = status;
    this.reason = parsed.reason;
    this.causes = parsed.details?.causes ?? [];
  }

  /** A field of the object belongs to another manager and was not to be taken from it. */
  get isFieldConflict(): boolean {
    return this.status === 409 && this.causes.some((cause) => cause.reason === "FieldManagerConflict");
  }
}

/** Whether the error says that the thing asked for is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 410);
}

/** The API server's answer about `object` as an error that says what to do. Other errors are given back as they are. */
export function explain(error: unknown, object: KubernetesObject, verb: string): unknown {
  if (!(error instanceof ApiError)) return error;
  const what = `${describeObject(object)} (${object.apiVersion})`;
  return new UserError(`${what}: ${verb} failed: ${explanation(error)}`, { cause: error });
}

function explanation(error: ApiError): string {
  if (error.isFieldConflict) return fieldConflict(error);
  const words = `${error.message} (${error.status}${error.reason === undefined ? "" : ` ${error.reason}`})`;
  const fields = error.causes
    .flatMap(({ field, message }) => (field ? [`\n  ${field}: ${message ?? ""}`] : []))
    .join("");
  switch (error.status) {
    case 400:
    case 422:
    case 500:
      return `the API server refuses the object: ${words}${fields}\nCorrect these fields of the object`;
    case 403:
      return `not allowed: ${words}. Give the kubeconfig's user this right, or lift the quota or policy it names`;
    case 404:
      return `${words}. Check that its namespace exists`;
    default:
      return words;
  }
}

/** `conflict with "kubectl" using apps/v1` and `.spec.replicas` for each field: one line a manager. */
function fieldConflict(error: ApiError): string {
  const fields = new Map<string, string[]>();
  for (const { message = "", field = "" } of error.causes) {
    const manager = /conflict with "([^"]*)"/.exec(message)?.[1] ?? message;
    fields.set(manager, [...(fields.get(manager) ?? []), field.replace(/^\./, "")]);
  }
  const lines = [...fields].map(([manager, paths]) => `\n  ${paths.join(", ")} (managed by "${manager}")`);
  return (
    `these fields belong to someone else:${lines.join("")}\n` +
    "Take them out of the program, name them in ignoreChanges, or run again with --adopt to take them over"
  );
}
