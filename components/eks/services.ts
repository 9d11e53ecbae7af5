import * as pulumi from "@pulumi/pulumi";
import type { Place } from "./aws-names.ts";
import type { Cluster } from "./cluster.ts";
import { ManagedDatabase } from "./database.ts";
import { Dns } from "./dns.ts";
import { Logins } from "./logins.ts";
import type { Network } from "./network.ts";
import { ArtifactBucket } from "./object-store.ts";
import { ImageRegistry } from "./registry.ts";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:Services";

export interface ServicesArgs {
  readonly settings: EksSettings;
  readonly place: Place;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly keyArn: pulumi.Output<string>;
}

/**
 * What Kubeflow uses of AWS beside the cluster: artifacts, database, images, users, names.
 *
 * ```ts
 * const services = new Services("cluster", { settings, place, network, cluster, keyArn }, { parent: this });
 * ```
 */
export class Services extends pulumi.ComponentResource {
  readonly objectStore: ArtifactBucket;
  readonly database: ManagedDatabase;
  readonly registry: ImageRegistry;
  readonly logins: Logins;
  readonly dns: Dns;

  constructor(name: string, args: ServicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings, place, network, cluster, keyArn } = args;
    const { domain, protection } = settings;
    const child = { parent: this };
    this.objectStore = new ArtifactBucket(
      `${name}-artifacts`,
      { region: place.region, keyArn, protection, noncurrentDays: settings.artifacts.noncurrentDays },
      child,
    );
    this.database = new ManagedDatabase(
      `${name}-mysql`,
      {
        ...{ settings, keyArn, vpcId: network.vpcId, subnetIds: network.subnetIds("database") },
        nodeSecurityGroupId: cluster.securityGroupId,
      },
      child,
    );
    this.registry = new ImageRegistry(
      `${name}-images`,
      { place, upstreams: settings.pullThrough, credentials: settings.pullThroughCredentials },
      child,
    );
    this.logins = new Logins(`${name}-logins`, { place, settings }, child);
    this.dns = new Dns(`${name}-dns`, { place, clusterName: cluster.name, domain, protection }, child);
    this.registerOutputs({});
  }
}
