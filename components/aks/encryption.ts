import { Key } from "@pulumi/azure-native/keyvault/key.js";
import { Vault } from "@pulumi/azure-native/keyvault/vault.js";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomString } from "@pulumi/random/randomString.js";
import type { Protection } from "../shared/protection.ts";
import { placeOf, type Place } from "./place.ts";
import { grantRole } from "./roles.ts";

const TYPE = "kubeflow:aks:Encryption";

export interface EncryptionArgs extends Place {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly protection: Protection;
}

/**
 * A key vault that only Azure's own services reach, with a key for the cluster's secrets and one for data at rest.
 *
 * ```ts
 * const encryption = new Encryption("keys", { ...place, subscriptionId, tenantId, protection });
 * ```
 *
 * Upgrade hazard: a deleted vault, and so all that it encrypts, can be had back for `softDeleteRetentionInDays`; purge
 * protection cannot be switched off.
 */
export class Encryption extends pulumi.ComponentResource {
  readonly vault: Vault;
  readonly vaultUri: pulumi.Output<string>;
  /** Of the secrets in etcd. */
  readonly clusterKey: Key;
  /** Of artifacts and database. */
  readonly dataKey: Key;
  /** Who may use `dataKey`: the storage account and the database act as it. */
  readonly dataIdentity: UserAssignedIdentity;
  /** What uses `dataKey` waits for the permission. */
  readonly dataReady: readonly pulumi.Resource[];

  constructor(name: string, args: EncryptionArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { protection } = args;
    this.vault = this.createVault(name, args);
    // Not known before the vault is, though the rest of the properties is ours.
    this.vaultUri = pulumi.all([this.vault.properties, this.vault.id]).apply(([{ vaultUri }]) => vaultUri);
    this.clusterKey = this.createKey(name, args, "cluster");
    this.dataKey = this.createKey(name, args, "data");
    this.dataIdentity = new UserAssignedIdentity(`${name}-data`, placeOf(args), { parent: this, ...protection.data });
    const grant = grantRole(
      `${name}-data`,
      {
        subscriptionId: args.subscriptionId,
        role: "keyVaultCryptoServiceEncryptionUser",
        scope: this.dataKey.id,
        principalId: this.dataIdentity.principalId,
      },
      // What it encrypts cannot be read without the permission.
      { parent: this, ...protection.data },
    );
    this.dataReady = [grant];
    this.registerOutputs({});
  }

  private createVault(name: string, args: EncryptionArgs): Vault {
    // The name is one in the world, at most 24 long, and taken for as long as a deleted vault can be had back.
    const suffix = new RandomString(`${name}-vault`, { length: 20, special: false, upper: false }, { parent: this });
    return new Vault(
      `${name}-vault`,
      {
        ...placeOf(args),
        vaultName: pulumi.interpolate`kf-${suffix.result}`,
        properties: {
          tenantId: args.tenantId,
          sku: { family: "A", name: "standard" },
          enableRbacAuthorization: true,
          enableSoftDelete: true,
          // Disks, databases and etcd that are encrypted with a customer's key demand it.
          enablePurgeProtection: true,
          softDeleteRetentionInDays: args.protection.deletion ? 90 : 7,
          // The control plane comes in by a private link of its own, the other services as Azure's own.
          publicNetworkAccess: "Disabled",
          networkAcls: { bypass: "AzureServices", defaultAction: "Deny" },
        },
      },
      { parent: this, ...args.protection.data },
    );
  }

  /** No expiry: the API server cannot read its secrets with a key that has expired. */
  private createKey(name: string, args: EncryptionArgs, purpose: string): Key {
    return new Key(
      `${name}-${purpose}`,
      {
        resourceGroupName: args.resourceGroupName,
        vaultName: this.vault.name,
        keyName: purpose,
        properties: { kty: "RSA", keySize: 3072, keyOps: ["encrypt", "decrypt", "wrapKey", "unwrapKey"] },
        tags: args.tags,
      },
      { parent: this, ...args.protection.data },
    );
  }
}
