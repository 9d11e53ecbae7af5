/** What a GKE target is told, and what follows from that alone. */
import * as pulumi from "@pulumi/pulumi";
import type { CloudTargetArgs } from "../contracts/cloud-target.ts";
import type { ClusterAccess } from "../contracts/cluster-target.ts";
import type { IssuerOfLogins } from "../contracts/issuer-of-logins.ts";
import { standardLabels } from "../shared/labels.ts";
import { protectionOf, type Protection } from "../shared/protection.ts";
import { diskTypeOf, machineFor } from "./gpu-machines.ts";
import type { GkeSettings } from "./settings.ts";

export interface GkeTargetArgs extends CloudTargetArgs {
  readonly settings: GkeSettings;
}

/** What every part that makes something carries. */
export function commonOf({ settings, environment }: GkeTargetArgs): {
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: Protection;
} {
  return { labels: standardLabels(settings, environment), protection: protectionOf(settings.protection) };
}

export function servicesFor({ budget, requestQuota, iapMembers }: GkeSettings): readonly string[] {
  const names = [
    ...["compute", "container", "iam", "cloudresourcemanager", "cloudkms", "storage", "sqladmin", "file"],
    ...["artifactregistry", "dns", "logging", "monitoring"],
    ...(budget === undefined ? [] : ["billingbudgets"]),
    ...(requestQuota ? ["cloudquotas"] : []),
    ...(iapMembers.length > 0 ? ["iap"] : []),
  ];
  return names.map((name) => `${name}.googleapis.com`);
}

/** Google tells no client the groups of a user. */
export function issuerOf({ settings, oauthClientSecret }: GkeTargetArgs): IssuerOfLogins | undefined {
  if (settings.oauthClientId === undefined || oauthClientSecret === undefined) return undefined;
  return {
    issuerUrl: pulumi.output("https://accounts.google.com"),
    clientId: pulumi.output(settings.oauthClientId),
    clientSecret: pulumi.secret(oauthClientSecret),
    groupsClaim: undefined,
    extraScopes: [],
  };
}

export function accessOf(
  { project, region, domain, oauthClientId }: GkeSettings,
  clusterName: pulumi.Output<string>,
  nameServers: pulumi.Output<readonly string[]>,
): ClusterAccess {
  const dashboardUrl = `https://kubeflow.${domain}`;
  const callbacks = `${dashboardUrl}/dex/callback and ${dashboardUrl}/oauth2/callback`;
  return {
    kubeconfigCommand: pulumi.interpolate`gcloud container clusters get-credentials ${clusterName} --location ${region} --project ${project} --dns-endpoint`,
    dashboardUrl,
    nextSteps: [
      ...(oauthClientId === undefined
        ? [
            `Make an OAuth client in the console of ${project} (no API does) with the redirect URIs ${callbacks}, and set oauthClientId in kubeflow:gke and the secret kubeflow:oauthClientSecret`,
          ]
        : [`See that the OAuth client ${oauthClientId} has the redirect URIs ${callbacks}`]),
      pulumi.interpolate`In the parent zone of ${domain}, add NS records for ${nameServers.apply((names) => names.join(", "))}, and the zone's DS record`,
    ],
  };
}

/** Whether some nodes take Hyperdisk and no Persistent Disk. */
export function takesHyperdiskOnly({ systemPool, cpuPools, gpuPools }: GkeSettings): boolean {
  const types = [
    ...[systemPool, ...cpuPools].map(({ machineType = "" }) => diskTypeOf(machineType)),
    ...gpuPools.map((pool) => machineFor(pool)?.diskType),
  ];
  return types.includes("hyperdisk-balanced");
}
