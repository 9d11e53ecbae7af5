import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../shared/cloud-settings.ts";
import type { ClusterTarget } from "./cluster-target.ts";

/** What every cloud's target is told, beside the settings of its own cloud. */
export interface CloudTargetArgs {
  readonly environment: Environment;
  /** `1.35.2`; clouds take its minor version. */
  readonly kubernetesVersion: string;
  /** Secret. For clouds that cannot create an OAuth client. */
  readonly oauthClientSecret: pulumi.Output<string> | undefined;
  readonly admission: ClusterTarget["admission"];
}
