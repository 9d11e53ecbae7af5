/** Names that follow from account, region and cluster, so that a preview knows them. Pure. */
import type { EksSettings } from "./settings.ts";

/** Where a cluster is. */
export type Place = Pick<EksSettings, "accountId" | "region" | "clusterName">;

export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** What names of AWS's servers end with. */
export function dnsSuffixOf(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

/** @param resource e.g. `cluster/kubeflow` */
export function arnOf({ accountId, region }: Place, service: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${accountId}:${resource}`;
}

export function clusterArn(place: Place): string {
  return arnOf(place, "eks", `cluster/${place.clusterName}`);
}

/** A policy that AWS keeps, e.g. `AmazonEKSClusterPolicy`. */
export function managedPolicyArn({ region }: Pick<Place, "region">, name: string): string {
  return `arn:${partitionOf(region)}:iam::aws:policy/${name}`;
}

/** The account's own registry. */
export function registryHost({ accountId, region }: Place): string {
  return `${accountId}.dkr.ecr.${region}.${dnsSuffixOf(region)}`;
}
