import { AccessEntry } from "@pulumi/aws/eks/accessEntry.js";
import { InstanceProfile } from "@pulumi/aws/iam/instanceProfile.js";
import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import { chartSource } from "../shared/charts.ts";
import type { Place } from "./aws-names.ts";
import { InterruptionQueue } from "./interruption-queue.ts";
import { karpenterStatements } from "./karpenter-policy.ts";
import { NodeRole } from "./node-role.ts";
import { PodIdentity } from "./pod-identity.ts";
import { controllerLabel } from "./system-nodes.ts";

const TYPE = "kubeflow:eks:Karpenter";

export interface KarpenterArgs {
  readonly place: Place;
  readonly clusterName: pulumi.Input<string>;
  /** Pods of Karpenter: two, unless there is one system node only, as no node has both. */
  readonly replicas: number;
  /** What it runs on, and what lets the program into Kubernetes: it is uninstalled before these. */
  readonly dependsOn: readonly pulumi.Resource[];
}

const namespace = "kube-system";

/**
 * Karpenter, which starts and ends nodes as pods come and go, and what it may and hears of AWS.
 *
 * ```ts
 * const karpenter = new Karpenter("karpenter", { place, clusterName, replicas: 2, dependsOn: [system.group] });
 * new KarpenterPool("l4", { ...pool, karpenter }, { parent: this });
 * ```
 *
 * Upgrade hazard: the CRDs are a release of their own, which goes first.
 */
export class Karpenter extends pulumi.ComponentResource {
  readonly instanceProfile: pulumi.Output<string>;
  /** Pools are deleted before these, or nobody would end their machines, and those would keep the network alive. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: KarpenterArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { place, clusterName } = args;
    const nodeRole = new NodeRole(`${name}-nodes`, { place }, { parent: this });
    const profile = new InstanceProfile(`${name}-nodes`, { role: nodeRole.name }, { parent: this });
    const entry = new AccessEntry(
      `${name}-nodes`,
      // Node groups get theirs from EKS.
      { clusterName, principalArn: nodeRole.arn, type: "EC2_LINUX" },
      { parent: this },
    );
    const queue = new InterruptionQueue(`${name}-interruptions`, { parent: this });
    const identity = new PodIdentity(
      name,
      {
        place,
        clusterName,
        serviceAccount: { namespace, name: "karpenter" },
        statements: karpenterStatements({
          place,
          queueArn: queue.arn,
          nodeRoleArn: nodeRole.arn,
          instanceProfileArn: profile.arn,
        }),
      },
      { parent: this },
    );
    const crds = new Release(
      `${name}-crd`,
      { ...chartSource("karpenter-crd"), name: "karpenter-crd", namespace },
      // Helm runs it, since it is what upgrades and keeps CRDs in step with the controller.
      { parent: this, dependsOn: [...args.dependsOn] },
    );
    const controller = new Release(
      name,
      {
        ...chartSource("karpenter"),
        name: "karpenter",
        namespace,
        skipCrds: true,
        values: {
          settings: { clusterName, interruptionQueue: queue.name },
          replicas: args.replicas,
          nodeSelector: { "kubernetes.io/os": "linux", [controllerLabel]: "true" },
          controller: { resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "1Gi" } } },
        },
      },
      // Pods get their role when they start, and the controller may end machines until it is gone itself.
      { parent: this, dependsOn: [...args.dependsOn, crds, ...identity.ready] },
    );
    this.instanceProfile = profile.name;
    this.ready = [controller, entry, ...nodeRole.policies];
    this.registerOutputs({});
  }
}
