import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import * as pulumi from "@pulumi/pulumi";
import { storageClassReplacement } from "../../kubernetes/fixed-fields.ts";
import type { SharedStorage } from "./shared-storage.ts";

const TYPE = "kubeflow:eks:StorageClasses";

export const defaultClass = "gp3";
export const sharedClass = "efs";

export interface StorageClassesArgs {
  readonly keyArn: pulumi.Input<string>;
  readonly shared: SharedStorage | undefined;
  /** Whether the drivers' pods run. Where none does, the cluster's own default class stays the default. */
  readonly driversRun: boolean;
  /** The drivers: they outlive every volume of the classes, since they are what gives its disk back. */
  readonly drivers: readonly pulumi.Resource[];
}

/**
 * Disks of the cluster's key for claims that name no class, and shared files.
 *
 * ```ts
 * new StorageClasses("storage", { keyArn, shared, drivers: [ebs.resource, efs.resource] }, { parent: this });
 * ```
 */
export class StorageClasses extends pulumi.ComponentResource {
  readonly classes: readonly pulumi.Resource[];

  constructor(name: string, args: StorageClassesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { keyArn, shared } = args;
    const disks = new StorageClass(
      `${name}-disks`,
      {
        metadata: {
          name: defaultClass,
          ...(args.driversRun ? { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } : {}),
        },
        provisioner: "ebs.csi.aws.com",
        parameters: { type: "gp3", encrypted: "true", kmsKeyId: keyArn },
        // A disk is in one zone, which is the pod's to choose.
        volumeBindingMode: "WaitForFirstConsumer",
        allowVolumeExpansion: true,
        reclaimPolicy: "Delete",
      },
      { parent: this, dependsOn: [...args.drivers], ...storageClassReplacement },
    );
    const files =
      shared === undefined
        ? []
        : [
            new StorageClass(
              `${name}-files`,
              {
                metadata: { name: sharedClass },
                provisioner: "efs.csi.aws.com",
                parameters: { provisioningMode: "efs-ap", fileSystemId: shared.fileSystemId, directoryPerms: "700" },
                reclaimPolicy: "Delete",
              },
              { parent: this, dependsOn: [...args.drivers, ...shared.targets], ...storageClassReplacement },
            ),
          ];
    this.classes = [disks, ...files];
    this.registerOutputs({});
  }
}
