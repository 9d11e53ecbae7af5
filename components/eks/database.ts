import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { Instance } from "@pulumi/aws/rds/instance.js";
import { ParameterGroup } from "@pulumi/aws/rds/parameterGroup.js";
import { SubnetGroup } from "@pulumi/aws/rds/subnetGroup.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import type { Database } from "../contracts/database.ts";
import { protectionOf } from "../shared/protection.ts";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:ManagedDatabase";

export interface ManagedDatabaseArgs {
  readonly settings: Pick<EksSettings, "clusterName" | "database" | "databaseVersion" | "protection" | "maintenance">;
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: readonly pulumi.Output<string>[];
  /** The one group whose members may connect: the nodes'. */
  readonly nodeSecurityGroupId: pulumi.Input<string>;
  readonly keyArn: pulumi.Input<string>;
}

const machines = { small: "db.t4g.medium", medium: "db.m7g.large", large: "db.m7g.2xlarge" } as const;

/** The same in both: MLMD can log in with a native password only. */
const nativePasswords = {
  "8.0": { name: "default_authentication_plugin", value: "mysql_native_password" },
  "8.4": { name: "authentication_policy", value: "*:mysql_native_password" },
} as const;

/**
 * MySQL for Pipelines and Katib, that the cluster's nodes reach and nobody else.
 *
 * ```ts
 * const database = new ManagedDatabase("mysql", { settings, vpcId, subnetIds, nodeSecurityGroupId, keyArn });
 * ```
 *
 * Costs about 50 (small) to 500 (large) USD a month, twice that when highly available, and for 8.0 extended support.
 * Upgrade hazard: a new version restarts it.
 */
export class ManagedDatabase extends pulumi.ComponentResource implements Database {
  readonly engine = "mysql";
  readonly version: string;
  readonly host: pulumi.Output<string>;
  readonly port = 3306;
  readonly username = "kubeflow";
  readonly password: pulumi.Output<string>;
  /** RDS has a certificate, and MLMD does not ask for it. */
  readonly tls = "offered";

  constructor(name: string, args: ManagedDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings, keyArn } = args;
    const { database, databaseVersion, maintenance } = settings;
    const protection = protectionOf(settings.protection);
    this.version = databaseVersion;
    // RDS takes no `/`, `@`, `"` or space, and a DSN wants none of the rest.
    const password = new RandomPassword(name, { length: 32, special: false }, { parent: this });
    this.password = pulumi.secret(password.result);
    const instance = new Instance(
      name,
      {
        ...{ engine: "mysql", engineVersion: databaseVersion, instanceClass: machines[database.size] },
        // 8.0 is past its standard support, and RDS makes no new one without.
        engineLifecycleSupport: `open-source-rds-extended-support${databaseVersion === "8.0" ? "" : "-disabled"}`,
        ...{ storageType: "gp3", storageEncrypted: true, kmsKeyId: keyArn },
        ...{ allocatedStorage: database.storageGiB, maxAllocatedStorage: database.storageGiB * 4 },
        ...{ multiAz: database.highlyAvailable, publiclyAccessible: false, ...this.createNetwork(name, args) },
        parameterGroupName: this.createParameters(name, databaseVersion).name,
        // Write-only: the provider sends it and keeps it nowhere. Raise the version to send a new one.
        ...{ username: this.username, passwordWo: this.password, passwordWoVersion: 1 },
        ...{ backupRetentionPeriod: database.backupDays, ...windows(maintenance), copyTagsToSnapshot: true },
        ...{ autoMinorVersionUpgrade: true, enabledCloudwatchLogsExports: ["error", "slowquery"] },
        ...{ deletionProtection: protection.deletion, skipFinalSnapshot: !protection.deletion },
        ...(protection.deletion ? { finalSnapshotIdentifier: `${settings.clusterName}-${name}-final` } : {}),
      },
      {
        parent: this,
        ...protection.data,
        // RDS grows the disk, and upgrades to the newest patch in the maintenance window.
        ignoreChanges: ["allocatedStorage", "engineVersion"],
      },
    );
    this.host = instance.address;
    this.registerOutputs({});
  }

  private createNetwork(name: string, args: ManagedDatabaseArgs) {
    const subnets = new SubnetGroup(name, { subnetIds: [...args.subnetIds] }, { parent: this });
    const access = new SecurityGroup(
      name,
      { vpcId: args.vpcId, description: "MySQL from the nodes" },
      { parent: this },
    );
    new SecurityGroupIngressRule(
      name,
      {
        securityGroupId: access.id,
        referencedSecurityGroupId: args.nodeSecurityGroupId,
        ...{ ipProtocol: "tcp", fromPort: 3306, toPort: 3306 },
      },
      { parent: this },
    );
    return { dbSubnetGroupName: subnets.name, vpcSecurityGroupIds: [access.id] };
  }

  private createParameters(name: string, version: EksSettings["databaseVersion"]): ParameterGroup {
    return new ParameterGroup(
      name,
      {
        family: `mysql${version}`,
        // Both take a start of the server, which the first one is.
        parameters: [{ ...nativePasswords[version], applyMethod: "pending-reboot" }],
      },
      { parent: this },
    );
  }
}

/** The backup is in the hour after the maintenance, as RDS does not allow both at once. */
export function windows({ day, startHour, hours }: EksSettings["maintenance"]): {
  readonly maintenanceWindow: string;
  readonly backupWindow: string;
} {
  const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
  const at = (hour: number) => `${String(hour % 24).padStart(2, "0")}:00`;
  const first = days.indexOf(day.slice(0, 3));
  // A day less a minute is the most, and would leave no time to back up.
  const end = startHour + Math.min(hours, 22);
  const dayAt = (hour: number) => days[(first + Math.floor(hour / 24)) % 7] ?? "sun";
  return {
    maintenanceWindow: `${dayAt(startHour)}:${at(startHour)}-${dayAt(end)}:${at(end)}`,
    backupWindow: `${at(end)}-${at(end + 1)}`,
  };
}
