import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope.js";
import { BlobContainer } from "@pulumi/azure-native/storage/blobContainer.js";
import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties.js";
import { ManagementPolicy } from "@pulumi/azure-native/storage/managementPolicy.js";
import type { StorageAccount } from "@pulumi/azure-native/storage/storageAccount.js";
import * as pulumi from "@pulumi/pulumi";
import type { ObjectStore } from "../contracts/object-store.ts";
import type { Protection } from "../shared/protection.ts";
import type { Encryption } from "./encryption.ts";
import type { Network } from "./network.ts";
import { placeOf, type Place } from "./place.ts";
import { PrivateLink } from "./private-link.ts";
import { createSafeAccount } from "./storage-account.ts";

const TYPE = "kubeflow:aks:ArtifactStore";

export interface ArtifactStoreArgs extends Place {
  readonly network: Network;
  readonly encryption: Encryption;
  readonly copies: "LRS" | "ZRS" | "GZRS";
  readonly noncurrentDays: number;
  readonly protection: Protection;
}

/**
 * A container for artifacts: versioned, encrypted with a key of our own, reached from the network only and without keys.
 *
 * ```ts
 * const store = new ArtifactStore("artifacts", { ...place, network, encryption, copies: "ZRS", noncurrentDays: 30, ... });
 * ```
 *
 * Cost: what is stored, old versions included. Upgrade hazard: other `copies` may replace the account.
 */
export class ArtifactStore extends pulumi.ComponentResource implements ObjectStore {
  readonly kind = "azure-blob";
  readonly bucket: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  readonly region: string;
  readonly versionsKeptDays: number;
  readonly account: pulumi.Output<string>;
  /** Id of the container: what access is given to. */
  readonly containerId: pulumi.Output<string>;
  /** What reads and writes artifacts waits for it. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ArtifactStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { resourceGroupName, protection, network } = args;
    const account = createSafeAccount(
      `${name}-artifacts`,
      {
        ...{ ...placeOf(args), encryption: args.encryption, protection, copies: args.copies, prefix: "kubeflow" },
        access: { publicNetworkAccess: "Disabled", networkRuleSet: { bypass: "None", defaultAction: "Deny" } },
      },
      { parent: this },
    );
    this.keepVersions(name, args, account);
    const container = new BlobContainer(
      `${name}-artifacts`,
      { resourceGroupName, accountName: account.name, containerName: "artifacts", publicAccess: "None" },
      { parent: this, ...protection.data },
    );
    if (protection.deletion) {
      new ManagementLockByScope(
        `${name}-artifacts`,
        { scope: account.id, lockName: "artifacts", level: "CanNotDelete", notes: "Artifacts of Kubeflow" },
        // Whoever takes the container away has to take the lock away first.
        { parent: this, dependsOn: [container] },
      );
    }
    const link = new PrivateLink(
      `${name}-blob`,
      {
        ...placeOf(args),
        ...{ networkId: network.network.id, subnetId: network.endpoints.id },
        ...{ targetId: account.id, part: "blob", zoneName: "privatelink.blob.core.windows.net" },
      },
      { parent: this },
    );
    this.bucket = container.name;
    this.account = account.name;
    this.region = args.location;
    this.versionsKeptDays = args.noncurrentDays;
    this.url = pulumi.interpolate`https://${account.name}.blob.core.windows.net/${container.name}`;
    this.containerId = pulumi.interpolate`${account.id}/blobServices/default/containers/${container.name}`;
    this.ready = [container, ...link.ready];
    this.registerOutputs({});
  }

  private keepVersions(name: string, args: ArtifactStoreArgs, account: StorageAccount): void {
    const { resourceGroupName, noncurrentDays } = args;
    const common = { resourceGroupName, accountName: account.name };
    // Azure keeps what is deleted for a year at most.
    const kept = { enabled: true, days: Math.min(noncurrentDays, 365) };
    const properties = new BlobServiceProperties(
      `${name}-artifacts`,
      {
        ...common,
        blobServicesName: "default",
        isVersioningEnabled: true,
        ...{ deleteRetentionPolicy: kept, containerDeleteRetentionPolicy: kept },
      },
      { parent: this },
    );
    new ManagementPolicy(
      `${name}-artifacts`,
      {
        ...common,
        managementPolicyName: "default",
        policy: {
          rules: [
            {
              ...{ name: "old-versions", enabled: true, type: "Lifecycle" },
              definition: {
                filters: { blobTypes: ["blockBlob"] },
                actions: { version: { delete: { daysAfterCreationGreaterThan: noncurrentDays } } },
              },
            },
          ],
        },
      },
      // There are no versions before.
      { parent: this, dependsOn: [properties] },
    );
  }
}
