import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import * as pulumi from "@pulumi/pulumi";
import { storageClassReplacement } from "../../kubernetes/fixed-fields.ts";
import type { GkeSettings } from "./settings.ts";

const TYPE = "kubeflow:gke:GkeStorageClasses";

export interface GkeStorageClassesArgs {
  /** Name of the VPC, where file servers are put. */
  readonly network: pulumi.Input<string>;
  readonly sharedStorageTier: GkeSettings["sharedStorageTier"];
  /** Of disks. */
  readonly diskKey: pulumi.Input<string>;
  /** Whether there are nodes that take no Persistent Disk. */
  readonly hasHyperdiskNodes: boolean;
  /** Whether disks and shares outlive their claims. */
  readonly keepVolumes: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** What the cluster needs to answer: nodes, access. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Storage of the cluster: disks for one node at a time, encrypted with our key, and file shares for many.
 *
 * GKE marks a class of its own as the default, too; Kubernetes takes the youngest, which is ours.
 */
export class GkeStorageClasses extends pulumi.ComponentResource {
  readonly defaultClass = "kubeflow-balanced";
  readonly sharedClass = "kubeflow-shared";
  readonly classes: readonly pulumi.Resource[];

  constructor(name: string, args: GkeStorageClassesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const labels = Object.entries(args.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
    const disk = { "disk-encryption-kms-key": args.diskKey, labels };
    const diskDriver = "pd.csi.storage.gke.io";
    this.classes = [
      this.createClass(`${name}-balanced`, args, {
        name: this.defaultClass,
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
        provisioner: diskDriver,
        parameters: { ...disk, type: "pd-balanced" },
      }),
      ...(args.hasHyperdiskNodes
        ? [
            this.createClass(`${name}-hyperdisk`, args, {
              name: "kubeflow-hyperdisk",
              annotations: {},
              provisioner: diskDriver,
              parameters: { ...disk, type: "hyperdisk-balanced" },
            }),
          ]
        : []),
      this.createClass(`${name}-shared`, args, {
        name: this.sharedClass,
        annotations: {},
        provisioner: "filestore.csi.storage.gke.io",
        parameters: { tier: args.sharedStorageTier, network: args.network, labels },
      }),
    ];
    this.registerOutputs({});
  }

  private createClass(
    logicalName: string,
    { dependsOn, keepVolumes }: GkeStorageClassesArgs,
    { name, annotations, provisioner, parameters }: ClassFacts,
  ): pulumi.Resource {
    return new StorageClass(
      logicalName,
      {
        metadata: { name, annotations },
        provisioner,
        parameters,
        reclaimPolicy: keepVolumes ? "Retain" : "Delete",
        allowVolumeExpansion: true,
        // In the zone where the pod is put.
        volumeBindingMode: "WaitForFirstConsumer",
      },
      { parent: this, dependsOn: [...dependsOn], ...storageClassReplacement },
    );
  }
}

interface ClassFacts {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly provisioner: string;
  readonly parameters: Readonly<Record<string, pulumi.Input<string>>>;
}
