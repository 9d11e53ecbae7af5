/** The only place that reads the configuration of the stack that the program runs for. */
import * as pulumi from "@pulumi/pulumi";
import { UserError } from "../shared/errors.ts";
import { parseStackConfig, type StackConfig } from "./config.ts";

/** A checked configuration whose secrets are marked as such. */
export type LoadedConfig = Omit<StackConfig, "kubeconfig" | "oauthClientSecret" | "secrets"> & {
  readonly kubeconfig: pulumi.Output<string> | undefined;
  readonly oauthClientSecret: pulumi.Output<string> | undefined;
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
};

/** @throws RunError that lists every problem; see `parseStackConfig`. */
export function loadStackConfig(): LoadedConfig {
  const { kubeconfig, oauthClientSecret, secrets, ...config } = checkedConfig();
  return {
    ...config,
    kubeconfig: secret(kubeconfig),
    oauthClientSecret: secret(oauthClientSecret),
    secrets: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, pulumi.secret(value)])),
  };
}

function secret(value: string | undefined): pulumi.Output<string> | undefined {
  return value === undefined ? undefined : pulumi.secret(value);
}

/** The message is for a person: Pulumi prints a RunError without a stack trace. */
function checkedConfig(): StackConfig {
  try {
    return parseStackConfig(pulumi.getStack(), pulumi.runtime.allConfig());
  } catch (error) {
    throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
  }
}
