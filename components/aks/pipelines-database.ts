import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope.js";
import { Configuration } from "@pulumi/azure-native/dbformysql/configuration.js";
import { Server } from "@pulumi/azure-native/dbformysql/server.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import type { Database } from "../contracts/database.ts";
import type { Protection } from "../shared/protection.ts";
import type { Encryption } from "./encryption.ts";
import type { Network } from "./network.ts";
import { placeOf, type Place } from "./place.ts";
import { createPrivateZone } from "./private-link.ts";
import type { AksSettings } from "./settings.ts";

const TYPE = "kubeflow:aks:PipelinesDatabase";

export interface PipelinesDatabaseArgs extends Place {
  readonly network: Network;
  readonly encryption: Encryption;
  readonly settings: Pick<AksSettings, "database" | "databaseTls" | "zones">;
  readonly protection: Protection;
}

const sizes = {
  small: { name: "Standard_B2ms", tier: "Burstable" },
  medium: { name: "Standard_D4ds_v4", tier: "GeneralPurpose" },
  large: { name: "Standard_D8ds_v4", tier: "GeneralPurpose" },
} as const;

/**
 * A managed MySQL in a subnet of its own, encrypted with a key of our own, which has no public address.
 *
 * ```ts
 * const database = new PipelinesDatabase("db", { ...place, network, encryption, settings, protection });
 * ```
 *
 * Cost: its machine, twice with a standby. Upgrade hazard: another network replaces the server and what is in it.
 */
export class PipelinesDatabase extends pulumi.ComponentResource implements Database {
  readonly engine = "mysql";
  /** ML Metadata cannot log in to 8.4, whose default is `caching_sha2_password`. */
  readonly version = "8.0";
  readonly host: pulumi.Output<string>;
  readonly port = 3306;
  readonly username = "kubeflow";
  readonly password: pulumi.Output<string>;
  readonly tls: "required" | "offered";

  constructor(name: string, args: PipelinesDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { resourceGroupName, protection } = args;
    const password = new RandomPassword(
      `${name}-password`,
      // Azure wants three kinds of characters; special ones would have to be quoted in connection strings.
      { length: 32, special: false, minLower: 1, minUpper: 1, minNumeric: 1 },
      { parent: this, ...protection.data, additionalSecretOutputs: ["result", "bcryptHash"] },
    );
    this.password = pulumi.secret(password.result);
    const server = this.createServer(name, args);
    this.tls = args.settings.databaseTls;
    const transport = new Configuration(
      `${name}-tls`,
      {
        ...{ resourceGroupName, serverName: server.name },
        configurationName: "require_secure_transport",
        // Katib speaks no TLS, and ML Metadata checks no certificate; nothing but the network reaches the server.
        value: this.tls === "required" ? "ON" : "OFF",
        source: "user-override",
      },
      { parent: this },
    );
    if (protection.deletion) {
      new ManagementLockByScope(
        `${name}-mysql`,
        { scope: server.id, lockName: "database", level: "CanNotDelete", notes: "Metadata of Kubeflow" },
        { parent: this },
      );
    }
    // Known once clients without TLS get in.
    this.host = pulumi.all([server.fullyQualifiedDomainName, transport.id]).apply(([host]) => host);
    this.registerOutputs({});
  }

  private createServer(name: string, args: PipelinesDatabaseArgs): Server {
    const { settings, network, encryption } = args;
    const { database, zones } = settings;
    const { zone, link } = createPrivateZone(
      `${name}-mysql`,
      // Any name will do that ends so.
      { ...placeOf(args), zoneName: "kubeflow.private.mysql.database.azure.com", networkId: network.network.id },
      { parent: this },
    );
    const [first = "1", second = first] = zones;
    return new Server(
      `${name}-mysql`,
      {
        ...placeOf(args),
        version: "8.0.21",
        administratorLogin: this.username,
        administratorLoginPassword: this.password,
        sku: sizes[database.size],
        availabilityZone: first,
        highAvailability: database.highlyAvailable
          ? { mode: "ZoneRedundant", standbyAvailabilityZone: second }
          : { mode: "Disabled" },
        network: { delegatedSubnetResourceId: network.database.id, privateDnsZoneResourceId: zone.id },
        storage: { storageSizeGB: database.storageGiB, autoGrow: "Enabled", autoIoScaling: "Enabled" },
        backup: { backupRetentionDays: database.backupDays, geoRedundantBackup: "Disabled" },
        identity: { type: "UserAssigned", userAssignedIdentities: [encryption.dataIdentity.id] },
        dataEncryption: {
          type: "AzureKeyVault",
          primaryKeyURI: encryption.dataKey.keyUriWithVersion,
          primaryUserAssignedIdentityId: encryption.dataIdentity.id,
        },
      },
      {
        parent: this,
        // Azure tries name and key at once.
        dependsOn: [link, ...encryption.dataReady],
        // A failover swaps the zones, and storage grows by itself.
        ignoreChanges: ["availabilityZone", "highAvailability.standbyAvailabilityZone", "storage.storageSizeGB"],
        ...args.protection.data,
      },
    );
  }
}
