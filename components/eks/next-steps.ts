import * as pulumi from "@pulumi/pulumi";
import { hasFabric, type GpuMachine } from "./gpu-machines.ts";
import { unmirroredReason } from "./mirrors.ts";
import { isElastic, planOf } from "./pools.ts";
import type { EksSettings } from "./settings.ts";

export interface NextStepsArgs {
  readonly settings: EksSettings;
  readonly nameServers: pulumi.Output<readonly string[]>;
  readonly userPoolId: pulumi.Output<string>;
}

/** What no program can do for a team, in order. */
export function nextSteps({ settings, nameServers, userPoolId }: NextStepsArgs): readonly pulumi.Input<string>[] {
  const { domain, region, loginGroups, authorizedNetworks, budget, pullThrough, pullThroughCredentials } = settings;
  const { cpuPools, gpuPools } = settings;
  const [group = "kubeflow-admins"] = loginGroups;
  const user = "--username you@example.com";
  return [
    pulumi.interpolate`Delegate ${domain} at its owner to ${nameServers.apply((names) => names.join(", "))}; AWS then signs the certificate.`,
    pulumi.interpolate`Invite the first user: aws cognito-idp admin-create-user --region ${region} --user-pool-id ${userPoolId} ${user} && aws cognito-idp admin-add-user-to-group --region ${region} --user-pool-id ${userPoolId} ${user} --group-name ${group}`,
    ...(authorizedNetworks.length === 0
      ? [
          "Run pulumi and kubectl inside the network, or through a VPN into it: the control plane has no public address.",
        ]
      : []),
    ...([...cpuPools.map(({ spot }) => spot), ...gpuPools.map(({ capacity }) => capacity === "spot")].includes(true)
      ? [
          "Once per account, let EC2 start spot machines: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com; it says so if it may already.",
        ]
      : []),
    ...pullThrough
      .map((upstream) => unmirroredReason(upstream, pullThroughCredentials))
      .filter((reason) => reason !== undefined)
      .map((reason) => `${reason}.`),
    ...gpuPools.flatMap((pool) => {
      if (isElastic(pool)) return [];
      const { machine } = planOf(pool);
      return [
        `Scale the node group of the pool ${pool.name} when its capacity is there: aws eks update-nodegroup-config; nothing else does.${fabricHint(machine)}`,
      ];
    }),
    ...(budget === undefined
      ? []
      : ["Activate the tag `cluster` for cost allocation, which the budget counts by, in the Billing console."]),
  ];
}

function fabricHint(machine: GpuMachine): string {
  return hasFabric(machine) ? ` Pods that use its fabric ask for vpc.amazonaws.com/efa: ${machine.efa}.` : "";
}
