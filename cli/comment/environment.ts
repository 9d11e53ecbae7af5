import { UserError } from "../../shared/errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws UserError (wrong usage) that names every variable that is missing. */
export function requiredOf<const Name extends string>(
  environment: Environment,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const missing = names.filter((name) => (environment[name] ?? "") === "");
  if (missing.length > 0) {
    throw new UserError(`kf comment: not set: ${missing.join(", ")}. It runs in a pipeline: docs/pipelines.md`, {
      exitCode: 2,
    });
  }
  return Object.fromEntries(names.map((name) => [name, environment[name] ?? ""])) as Record<Name, string>;
}
