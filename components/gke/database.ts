import { Address } from "@pulumi/gcp/compute/address.js";
import { ForwardingRule } from "@pulumi/gcp/compute/forwardingRule.js";
import { DatabaseInstance, type DatabaseInstanceArgs } from "@pulumi/gcp/sql/databaseInstance.js";
import { User } from "@pulumi/gcp/sql/user.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import type { Database } from "../contracts/database.ts";
import type { Protection } from "../shared/protection.ts";
import type { EncryptionKey } from "./encryption.ts";
import type { GkeNetwork } from "./network.ts";
import type { GkeSettings } from "./settings.ts";

const TYPE = "kubeflow:gke:GkeDatabase";

export interface GkeDatabaseArgs {
  readonly settings: Pick<GkeSettings, "database" | "maintenance" | "mysqlVersion" | "mysqlTls" | "project" | "region">;
  readonly network: GkeNetwork;
  readonly key: EncryptionKey;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: Protection;
}

const tiers = { small: "db-custom-2-7680", medium: "db-custom-4-15360", large: "db-custom-8-30720" } as const;
const versions = { "8.0": "MYSQL_8_0", "8.4": "MYSQL_8_4" } as const;
/** Monday is 1. */
const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/**
 * A MySQL of Cloud SQL without a public address, reached through an address of the cluster's own network (Private
 * Service Connect): nothing is peered, so nothing keeps the network from being deleted.
 *
 * Upgrade hazard: the way it is reached, and the key, cannot be changed in place.
 */
export class GkeDatabase extends pulumi.ComponentResource implements Database {
  readonly engine = "mysql";
  readonly version: Database["version"];
  readonly host: pulumi.Output<string>;
  readonly port = 3306;
  readonly username = "kubeflow";
  readonly password: pulumi.Output<string>;
  readonly tls: Database["tls"];

  constructor(name: string, args: GkeDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings, network, protection } = args;
    this.version = settings.mysqlVersion;
    this.tls = settings.mysqlTls;
    const instance = new DatabaseInstance(name, instanceArgs(args), {
      parent: this,
      // The grant: Cloud SQL is refused while it may not use the key.
      dependsOn: [...args.key.usable],
      // It grows by itself, and never shrinks.
      ignoreChanges: ["settings.diskSize"],
      customTimeouts: { create: "60m", update: "60m", delete: "60m" },
      ...protection.data,
    });
    const password = new RandomPassword(`${name}-password`, { length: 32, special: false }, { parent: this });
    this.password = pulumi.secret(password.result);
    new User(
      `${name}-user`,
      // Write-only: Google's answer does not carry it back into the state. A new password needs the next version.
      { instance: instance.name, name: this.username, host: "%", passwordWo: this.password, passwordWoVersion: 1 },
      { parent: this },
    );
    const address = new Address(
      `${name}-address`,
      { region: settings.region, subnetwork: network.subnetwork.id, addressType: "INTERNAL", labels: args.labels },
      { parent: this },
    );
    const endpoint = new ForwardingRule(
      `${name}-endpoint`,
      {
        region: settings.region,
        network: network.network.id,
        ipAddress: address.selfLink,
        target: instance.pscServiceAttachmentLink,
        // Empty, as the API wants it of an endpoint that leads to a service of somebody else's.
        loadBalancingScheme: "",
        labels: args.labels,
      },
      { parent: this },
    );
    // Not before the endpoint is there, whose address is known earlier.
    this.host = pulumi.all([address.address, endpoint.id]).apply(([host]) => host);
    this.registerOutputs({});
  }
}

function instanceArgs({ settings, key, labels, protection }: GkeDatabaseArgs): DatabaseInstanceArgs {
  const { database, maintenance } = settings;
  return {
    databaseVersion: versions[settings.mysqlVersion],
    region: settings.region,
    encryptionKeyName: key.id,
    deletionProtection: protection.deletion,
    settings: {
      edition: "ENTERPRISE",
      tier: tiers[database.size],
      availabilityType: database.highlyAvailable ? "REGIONAL" : "ZONAL",
      diskType: "PD_SSD",
      diskSize: database.storageGiB,
      diskAutoresize: true,
      deletionProtectionEnabled: protection.deletion,
      retainBackupsOnDelete: protection.deletion,
      backupConfiguration: {
        enabled: true,
        // Restores to any moment, and the standby, are made of it.
        binaryLogEnabled: true,
        startTime: "00:00",
        // Seven is the most that this edition keeps.
        transactionLogRetentionDays: Math.min(database.backupDays, 7),
        backupRetentionSettings: { retainedBackups: database.backupDays, retentionUnit: "COUNT" },
      },
      ipConfiguration: {
        ipv4Enabled: false,
        pscConfigs: [{ pscEnabled: true, allowedConsumerProjects: [settings.project] }],
        sslMode: settings.mysqlTls === "required" ? "ENCRYPTED_ONLY" : "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
      },
      // ML Metadata's client does not know the passwords that MySQL has made the default (google/ml-metadata#178).
      ...(settings.mysqlVersion === "8.0"
        ? { databaseFlags: [{ name: "default_authentication_plugin", value: "mysql_native_password" }] }
        : {}),
      maintenanceWindow: { day: days.indexOf(maintenance.day) + 1, hour: maintenance.startHour, updateTrack: "stable" },
      insightsConfig: { queryInsightsEnabled: true },
      userLabels: labels,
    },
  };
}
