/** What every node that AWS starts for us has in common, for node groups and for Karpenter. Pure. */
import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate.js";
import type * as pulumi from "@pulumi/pulumi";

/** The first disk of Amazon Linux 2023. */
export const rootDevice = "/dev/xvda";

export interface NodeTemplate {
  readonly diskGiB: number;
  readonly keyArn: pulumi.Input<string>;
  /** Of the machines, their disks and interfaces, which are no resources of ours. */
  readonly tags: Readonly<Record<string, string>>;
}

/** An encrypted disk, and a metadata service that answers to the node itself and to none of its pods. */
export function nodeTemplate({ diskGiB, keyArn, tags }: NodeTemplate): LaunchTemplateArgs {
  return {
    blockDeviceMappings: [
      {
        deviceName: rootDevice,
        ebs: {
          volumeType: "gp3",
          volumeSize: diskGiB,
          encrypted: "true",
          kmsKeyId: keyArn,
          deleteOnTermination: "true",
        },
      },
    ],
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
      resourceType,
      tags: { ...tags },
    })),
    // Node groups follow it, one node at a time.
    updateDefaultVersion: true,
  };
}
