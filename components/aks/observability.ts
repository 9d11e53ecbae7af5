import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import { FlowLog } from "@pulumi/azure-native/network/flowLog.js";
import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace.js";
import * as pulumi from "@pulumi/pulumi";
import type { Protection } from "../shared/protection.ts";
import type { Encryption } from "./encryption.ts";
import { placeOf, type Place } from "./place.ts";
import { grantRole } from "./roles.ts";
import { createSafeAccount } from "./storage-account.ts";

const TYPE = "kubeflow:aks:Observability";

export interface ObservabilityArgs extends Place {
  readonly subscriptionId: string;
  readonly encryption: Encryption;
  readonly protection: Protection;
  readonly logDays: number;
  /** The network whose flows are logged; undefined for none. */
  readonly flowsOf: pulumi.Input<string> | undefined;
}

/**
 * Where audit logs of the control plane go, and flow logs of the network.
 *
 * ```ts
 * const logs = new Observability("logs", { ...place, subscriptionId, encryption, protection, logDays: 30, flowsOf: network.id });
 * ```
 *
 * Cost: what is written, by the GB.
 */
export class Observability extends pulumi.ComponentResource {
  readonly workspace: Workspace;

  constructor(name: string, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    this.workspace = new Workspace(
      `${name}-logs`,
      {
        ...placeOf(args),
        sku: { name: "PerGB2018" },
        retentionInDays: args.logDays,
        features: { disableLocalAuth: true },
      },
      { parent: this },
    );
    if (args.flowsOf !== undefined) this.logFlows(name, args, args.flowsOf);
    this.registerOutputs({});
  }

  private logFlows(name: string, args: ObservabilityArgs, targetResourceId: pulumi.Input<string>): void {
    const storage = createSafeAccount(
      `${name}-flows`,
      {
        ...{
          ...placeOf(args),
          encryption: args.encryption,
          protection: args.protection,
          copies: "LRS",
          prefix: "flows",
        },
        // Network Watcher writes as one of Azure's own services.
        access: { networkRuleSet: { bypass: "AzureServices", defaultAction: "Deny" } },
      },
      { parent: this },
    );
    const writer = new UserAssignedIdentity(`${name}-flows`, placeOf(args), { parent: this });
    const grant = grantRole(
      `${name}-flows`,
      {
        subscriptionId: args.subscriptionId,
        role: "blobDataContributor",
        scope: storage.id,
        principalId: writer.principalId,
      },
      { parent: this },
    );
    new FlowLog(
      `${name}-flows`,
      {
        // Azure makes one watcher for each location that has a network, under this name.
        resourceGroupName: "NetworkWatcherRG",
        networkWatcherName: `NetworkWatcher_${args.location}`,
        location: args.location,
        tags: args.tags,
        targetResourceId,
        storageId: storage.id,
        enabled: true,
        format: { type: "JSON", version: 2 },
        // Network Watcher keeps them for a year at most.
        retentionPolicy: { enabled: true, days: Math.min(args.logDays, 365) },
        identity: { type: "UserAssigned", userAssignedIdentities: [writer.id] },
      },
      // Written as the identity, from the first flow on.
      { parent: this, dependsOn: [grant] },
    );
  }
}
