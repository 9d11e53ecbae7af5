import { StorageAccount, type StorageAccountArgs } from "@pulumi/azure-native/storage/storageAccount.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomString } from "@pulumi/random/randomString.js";
import type { Protection } from "../shared/protection.ts";
import type { Encryption } from "./encryption.ts";
import { placeOf, type Place } from "./place.ts";

export interface SafeAccountArgs extends Place {
  readonly encryption: Encryption;
  readonly protection: Protection;
  readonly copies: "LRS" | "ZRS" | "GZRS";
  /** What its name begins with: at most 8 of a-z. */
  readonly prefix: string;
  /** Who gets in, from where. */
  readonly access: Pick<StorageAccountArgs, "publicNetworkAccess" | "networkRuleSet">;
}

/** A storage account that takes no key and shows nothing to the public, encrypted with a key of our own. */
export function createSafeAccount(
  name: string,
  args: SafeAccountArgs,
  { parent }: { readonly parent: pulumi.Resource },
): StorageAccount {
  const { encryption } = args;
  const suffix = new RandomString(name, { length: 16, special: false, upper: false }, { parent });
  return new StorageAccount(
    name,
    {
      ...placeOf(args),
      // The name is one in the world, and has no dash.
      accountName: pulumi.interpolate`${args.prefix}${suffix.result}`,
      kind: "StorageV2",
      sku: { name: `Standard_${args.copies}` },
      accessTier: "Hot",
      ...{ allowBlobPublicAccess: false, allowSharedKeyAccess: false, allowCrossTenantReplication: false },
      defaultToOAuthAuthentication: true,
      isLocalUserEnabled: false,
      enableHttpsTrafficOnly: true,
      minimumTlsVersion: "TLS1_2",
      ...args.access,
      identity: { type: "UserAssigned", userAssignedIdentities: [encryption.dataIdentity.id] },
      encryption: {
        keySource: "Microsoft.Keyvault",
        requireInfrastructureEncryption: true,
        encryptionIdentity: { encryptionUserAssignedIdentity: encryption.dataIdentity.id },
        // No version, so that Azure takes the newest.
        keyVaultProperties: { keyName: encryption.dataKey.name, keyVaultUri: encryption.vaultUri },
      },
    },
    // Azure tries the key at once.
    { parent, dependsOn: [...encryption.dataReady], ...args.protection.data },
  );
}
