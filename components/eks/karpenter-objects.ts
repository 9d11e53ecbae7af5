/** The objects that tell Karpenter which nodes there may be. Pure. */
import type * as pulumi from "@pulumi/pulumi";
import type { CloudSettings } from "../shared/cloud-settings.ts";
import { rootDevice } from "./launch-template.ts";

export interface NodePoolPlan {
  readonly name: string;
  readonly machines: readonly string[];
  readonly zones: readonly string[];
  readonly spot: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** What all its nodes together may have, e.g. `nvidia.com/gpu`. */
  readonly limits: Readonly<Record<string, number>>;
  /** Whether nodes stay while anything runs on them: what trains for days cannot be moved. */
  readonly keepBusyNodes: boolean;
  readonly maintenance: CloudSettings["maintenance"];
}

export interface NodeClassPlan {
  readonly name: string;
  readonly amiVersion: string;
  readonly instanceProfile: pulumi.Input<string>;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  readonly keyArn: pulumi.Input<string>;
  readonly diskGiB: number;
  readonly localSsd: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

const nodeClass = { group: "karpenter.k8s.aws", kind: "EC2NodeClass" } as const;

export function nodePool(plan: NodePoolPlan) {
  const oneOf = (key: string, values: readonly string[]) => ({ key, operator: "In", values: [...values] });
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name: plan.name },
    spec: {
      template: {
        metadata: { labels: { ...plan.labels } },
        spec: {
          nodeClassRef: { ...nodeClass, name: plan.name },
          requirements: [
            oneOf("karpenter.sh/capacity-type", [plan.spot ? "spot" : "on-demand"]),
            oneOf("node.kubernetes.io/instance-type", plan.machines),
            oneOf("topology.kubernetes.io/zone", plan.zones),
            oneOf("kubernetes.io/arch", ["amd64"]),
            oneOf("kubernetes.io/os", ["linux"]),
          ],
          taints: plan.taints.map((taint) => ({ ...taint })),
          expireAfter: plan.keepBusyNodes ? "Never" : "720h",
        },
      },
      limits: { ...plan.limits },
      disruption: {
        ...(plan.keepBusyNodes
          ? { consolidationPolicy: "WhenEmpty", consolidateAfter: "15m" }
          : { consolidationPolicy: "WhenEmptyOrUnderutilized", consolidateAfter: "5m" }),
        budgets: [{ nodes: "10%" }, { nodes: "0", reasons: ["Drifted"], ...outside(plan.maintenance) }],
      },
    },
  };
}

export function ec2NodeClass(plan: NodeClassPlan) {
  return {
    apiVersion: `${nodeClass.group}/v1`,
    kind: nodeClass.kind,
    metadata: { name: plan.name },
    spec: {
      // Pinned: with `latest`, a release of Amazon's replaces every node when it comes out. Machines with GPUs get the
      // variant with NVIDIA's driver.
      amiSelectorTerms: [{ alias: `al2023@${plan.amiVersion}` }],
      instanceProfile: plan.instanceProfile,
      subnetSelectorTerms: plan.subnetIds.map((id) => ({ id })),
      securityGroupSelectorTerms: [{ id: plan.securityGroupId }],
      metadataOptions: {
        httpEndpoint: "enabled",
        httpProtocolIPv6: "disabled",
        httpPutResponseHopLimit: 1,
        httpTokens: "required",
      },
      blockDeviceMappings: [
        {
          deviceName: rootDevice,
          ebs: {
            volumeType: "gp3",
            volumeSize: `${plan.diskGiB}Gi`,
            encrypted: true,
            kmsKeyID: plan.keyArn,
            deleteOnTermination: true,
          },
        },
      ],
      ...(plan.localSsd ? { instanceStorePolicy: "RAID0" } : {}),
      tags: { ...plan.tags },
    },
  };
}

const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;

/** The time of every week in which nothing is maintained, as a schedule in UTC and how long it lasts. */
export function outside({ day, startHour, hours }: CloudSettings["maintenance"]): {
  readonly schedule: string;
  readonly duration: string;
} {
  const end = days.indexOf(day) * 24 + startHour + hours;
  return {
    schedule: `0 ${end % 24} * * ${Math.floor(end / 24) % 7}`,
    duration: `${7 * 24 - hours}h`,
  };
}
