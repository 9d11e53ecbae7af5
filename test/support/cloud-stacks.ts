/** The stacks of the clouds, as the suites that bring them up on a simulation know them. */
import assert from "node:assert/strict";
import { typeOfUrn } from "../../engine/urn.ts";

export interface Cloud {
  /** The stack's own key of its file, below which its cluster is described. */
  readonly target: string;
  /** Of Pulumi. */
  readonly packages: readonly string[];
  readonly pool: string;
  readonly cluster: string;
  readonly network: string;
}

/** By the first part of the stack's name. */
export const clouds: Readonly<Record<string, Cloud>> = {
  gcp: {
    ...{ target: "gke", packages: ["gcp"] },
    pool: "gcp:container/nodePool:NodePool",
    cluster: "gcp:container/cluster:Cluster",
    network: "gcp:compute/network:Network",
  },
  aws: {
    ...{ target: "eks", packages: ["aws"] },
    pool: "aws:eks/nodeGroup:NodeGroup",
    cluster: "aws:eks/cluster:Cluster",
    network: "aws:ec2/vpc:Vpc",
  },
  azure: {
    ...{ target: "aks", packages: ["azure-native", "azuread"] },
    pool: "azure-native:containerservice:AgentPool",
    cluster: "azure-native:containerservice:ManagedCluster",
    network: "azure-native:network:VirtualNetwork",
  },
};

/**
 * What owns load balancers and disks goes before any pool, if there is any, and controllers before the last one, which
 * they run on; then the cluster, then the network.
 */
export function assertDeletionOrder(
  steps: readonly { readonly urn: string }[],
  { pool, cluster, network }: Cloud,
): void {
  const at = (fits: (type: string) => boolean): readonly number[] =>
    steps.flatMap(({ urn }, index) => (fits(typeOfUrn(urn)) ? [index] : []));
  const before = (first: readonly number[], then: number): void => {
    assert.ok(first.length > 0);
    const late = first.filter((position) => position > then).map((position) => steps[position]?.urn);
    assert.deepEqual(late, [], `deleted after ${String(steps[then]?.urn)}`);
  };
  const owners = at((type) => /^kubernetes:.*:(Service|PersistentVolumeClaim|StatefulSet|Deployment)$/.test(type));
  const inCluster = at((type) => /^(kubernetes|kubeflow:index):/.test(type));
  const pools = at((type) => type === pool);
  const clustersAt = at((type) => type === cluster);
  before(owners, Math.min(...pools));
  before(inCluster, Math.max(...pools));
  before(pools, Math.min(...clustersAt));
  before(clustersAt, Math.min(...at((type) => type === network)));
}
