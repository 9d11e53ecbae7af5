import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import * as pulumi from "@pulumi/pulumi";
import { storageClassReplacement } from "../../kubernetes/fixed-fields.ts";

const TYPE = "kubeflow:aks:StorageClasses";

export interface StorageClassesArgs {
  readonly provider: pulumi.ProviderResource;
  /** `zone`: volumes outlive a zone. */
  readonly volumes: "local" | "zone";
  /** Whether disks outlive their claims. */
  readonly keepVolumes: boolean;
  /** Whether the drivers' pods run. Where none does, the cluster's own default class stays the default. */
  readonly driversRun: boolean;
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Classes for volumes of one node, and of many.
 *
 * ```ts
 * const classes = new StorageClasses("classes", { provider, volumes: "local", keepVolumes: false, driversRun: true, dependsOn: [nodes] });
 * ```
 *
 * AKS has a default class too. Kubernetes takes the newest of several, which is ours.
 */
export class StorageClasses extends pulumi.ComponentResource {
  readonly defaultClass = "kubeflow";
  /** NFS, since Kubeflow's notebooks need owners and modes of files, which SMB has not. */
  readonly sharedClass = "kubeflow-shared";
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: StorageClassesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const common = {
      reclaimPolicy: args.keepVolumes ? "Retain" : "Delete",
      allowVolumeExpansion: true,
    };
    const options = {
      parent: this,
      provider: args.provider,
      dependsOn: [...args.dependsOn],
      ...storageClassReplacement,
    };
    const disks = new StorageClass(
      `${name}-default`,
      {
        metadata: {
          name: this.defaultClass,
          ...(args.driversRun ? { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } : {}),
        },
        provisioner: "disk.csi.azure.com",
        parameters: { skuName: args.volumes === "zone" ? "Premium_ZRS" : "Premium_LRS" },
        // A disk is made in the zone of the pod that is scheduled.
        volumeBindingMode: "WaitForFirstConsumer",
        ...common,
      },
      options,
    );
    const files = new StorageClass(
      `${name}-shared`,
      {
        metadata: { name: this.sharedClass },
        provisioner: "file.csi.azure.com",
        parameters: {
          ...{ protocol: "nfs", networkEndpointType: "privateEndpoint" },
          skuName: args.volumes === "zone" ? "Premium_ZRS" : "Premium_LRS",
        },
        mountOptions: ["nconnect=4", "noresvport", "actimeo=30"],
        volumeBindingMode: "Immediate",
        ...common,
      },
      options,
    );
    this.ready = [disks, files];
    this.registerOutputs({});
  }
}
