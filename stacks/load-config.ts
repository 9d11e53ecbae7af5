/** The only place that reads the configuration of the stack that the program runs for. */
import * as pulumi from "@pulumi/pulumi";
import { parseStackConfig, type StackConfig } from "./config.ts";

/** A checked configuration whose secrets are marked as such. */
export type LoadedConfig = Omit<StackConfig, "kubeconfig"> & { readonly kubeconfig: pulumi.Output<string> | undefined };

/** @throws UserError that lists every problem; see `parseStackConfig`. */
export function loadStackConfig(): LoadedConfig {
  const { kubeconfig, ...config } = parseStackConfig(pulumi.getStack(), pulumi.runtime.allConfig());
  return { ...config, kubeconfig: kubeconfig === undefined ? undefined : pulumi.secret(kubeconfig) };
}
