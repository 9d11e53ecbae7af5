import * as pulumi from "@pulumi/pulumi";
import { Service } from "@pulumi/gcp/projects/service.js";

const TYPE = "kubeflow:gke:GkeServices";

export interface GkeServicesArgs {
  readonly project: string;
  /** `container.googleapis.com`, ... */
  readonly services: readonly string[];
}

/**
 * The APIs of a project that a cluster needs. They stay switched on when the stack goes, as others in the project may
 * use them.
 */
export class GkeServices extends pulumi.ComponentResource {
  /** What uses an API waits for these. */
  readonly enabled: readonly pulumi.Resource[];

  constructor(name: string, args: GkeServicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    this.enabled = args.services.map(
      (service) =>
        new Service(
          `${name}-${service.replace(".googleapis.com", "")}`,
          { project: args.project, service, disableOnDestroy: false },
          { parent: this },
        ),
    );
    this.registerOutputs({});
  }
}
