import { Provider as GoogleProvider } from "@pulumi/gcp/provider.js";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterAccess, ClusterTarget } from "../contracts/cluster-target.ts";
import type { DnsZone } from "../contracts/dns-zone.ts";
import type { GpuPool } from "../contracts/gpu-pool.ts";
import type { IssuerOfLogins } from "../contracts/issuer-of-logins.ts";
import { kubernetesProviderSettings } from "../shared/kubernetes-provider.ts";
import { standardLabels } from "../shared/labels.ts";
import { GkeAccess } from "./access.ts";
import { GkeBudget } from "./budget.ts";
import { GkeCluster } from "./cluster.ts";
import { GkeDatabase } from "./database.ts";
import { GkeDns } from "./dns.ts";
import { GkeEncryption } from "./encryption.ts";
import { gkeKubeconfig } from "./kubeconfig.ts";
import { GkeNetwork } from "./network.ts";
import { GkeNodeIdentity } from "./node-identity.ts";
import { GkeNodePools } from "./node-pools.ts";
import { GkeObjectStore } from "./object-store.ts";
import { GkeQuotas } from "./quotas.ts";
import { GkeRegistry } from "./registry.ts";
import { GkeServices } from "./services.ts";
import { gkeProblems } from "./settings-rules.ts";
import { GkeStorageClasses } from "./storage-classes.ts";
import { accessOf, commonOf, issuerOf, servicesFor, takesHyperdiskOnly, type GkeTargetArgs } from "./target-facts.ts";
import { GkeWorkloadIdentity } from "./workload-identity.ts";

const TYPE = "kubeflow:gke:GkeTarget";

/** What the parts of the target share. */
interface Parts {
  readonly args: GkeTargetArgs;
  readonly google: GoogleProvider;
  readonly services: GkeServices;
  readonly network: GkeNetwork;
  readonly encryption: GkeEncryption;
  readonly identity: GkeNodeIdentity;
}

/**
 * A private GKE cluster with GPU pools, and what Kubeflow needs around it in the project: bucket, database, registry,
 * DNS zone, keys, access.
 *
 * ```ts
 * const target = new GkeTarget("cluster", { settings, environment: "dev", kubernetesVersion: "1.35.0", ... });
 * new KubeflowPlatform("kubeflow", { target, release });
 * ```
 *
 * Cost: the nodes above all; then the database, the control plane and the NAT.
 *
 * Upgrade hazard: see the parts; `clusterName`, `region` and the ranges make another cluster.
 */
export class GkeTarget extends pulumi.ComponentResource implements ClusterTarget {
  readonly contractVersion = 1;
  readonly kind = "gke";
  readonly name: string;
  readonly kubeconfig: pulumi.Output<string>;
  readonly clusterIdentifier: pulumi.Output<string>;
  readonly provider: KubernetesProvider;
  readonly ready: readonly pulumi.Resource[];
  readonly admission: ClusterTarget["admission"];
  readonly storage: { readonly defaultClass: string; readonly sharedClass: string };
  readonly ingress = { serviceType: "LoadBalancer", annotations: {}, address: "ip" } as const;
  readonly gpuPools: readonly GpuPool[];
  readonly objectStore: GkeObjectStore;
  readonly database: GkeDatabase;
  readonly registry: GkeRegistry;
  readonly identity: GkeWorkloadIdentity;
  readonly oidc?: IssuerOfLogins;
  readonly tokenIssuer: pulumi.Output<string>;
  readonly access: ClusterAccess;
  /** The zone of the domain. */
  readonly dns: GkeDns;
  /** `/opt` cannot be written on Google's node images: https://istio.io/latest/docs/setup/additional-setup/cni */
  readonly cni = { binDir: "/home/kubernetes/bin", confDir: "/etc/cni/net.d" } as const;

  constructor(name: string, args: GkeTargetArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings } = args;
    const hasOauthClientSecret = args.oauthClientSecret !== undefined;
    const problems = gkeProblems(settings, { kubernetesVersion: args.kubernetesVersion, hasOauthClientSecret });
    if (problems.length > 0) {
      throw new pulumi.ResourceError(`${name}: GKE would refuse this\n  ${problems.join("\n  ")}`, this, true);
    }
    this.name = name;
    this.admission = args.admission;
    const parts = this.createParts(args);
    const { project, projectNumber } = settings;
    const access = new GkeAccess(`${name}-access`, { settings, dependsOn: parts.services.enabled }, this.by(parts));
    const { cluster, endpoint } = this.createCluster(parts);
    this.createSpending(parts);
    this.registry = this.createRegistry(parts);
    const pools = this.createPools(parts, cluster);
    this.gpuPools = pools.gpuPools;
    this.objectStore = this.createObjectStore(parts);
    this.database = this.createDatabase(parts);
    this.dns = this.createDns(parts, cluster);
    this.identity = new GkeWorkloadIdentity({
      project,
      projectNumber,
      bucket: this.objectStore.bucket,
      provider: parts.google,
      dependsOn: [cluster],
    });
    const facts = pulumi.all([cluster.name, endpoint]);
    this.kubeconfig = pulumi.secret(
      facts.apply(([clusterName, host]) => gkeKubeconfig({ clusterName, endpoint: host })),
    );
    this.clusterIdentifier = cluster.id;
    this.provider = this.createKubernetesProvider();
    // Pools last to go but one: what owns load balancers and disks in the cluster goes while its controllers run.
    const reachable = [...pools.all, parts.network.nat, ...access.granted];
    const storage = this.createStorageClasses(parts, reachable);
    this.storage = storage;
    this.ready = [...reachable, ...this.dns.granted, ...storage.classes];
    this.tokenIssuer = pulumi.interpolate`https://container.googleapis.com/v1/projects/${project}/locations/${settings.region}/clusters/${cluster.name}`;
    const oidc = issuerOf(args);
    if (oidc !== undefined) this.oidc = oidc;
    this.access = accessOf(settings, cluster.name, this.dns.nameServers);
    this.registerOutputs({});
  }

  get zone(): DnsZone {
    return this.dns.facts;
  }

  /** Options of a part. */
  private by({ google }: Pick<Parts, "google">): pulumi.ComponentResourceOptions {
    return { parent: this, providers: [google] };
  }

  private createParts(args: GkeTargetArgs): Parts {
    const { settings } = args;
    const { project, projectNumber, region } = settings;
    const common = commonOf(args);
    const google = new GoogleProvider(
      `${this.name}-google`,
      // The project pays for calls to the APIs of budgets and quotas, which a person's own credentials leave open.
      { project, region, defaultLabels: common.labels, userProjectOverride: true, billingProject: project },
      { parent: this },
    );
    const by = this.by({ google });
    const services = new GkeServices(`${this.name}-api`, { project, services: servicesFor(settings) }, by);
    const dependsOn = services.enabled;
    const network = new GkeNetwork(
      `${this.name}-network`,
      {
        region,
        nodeRange: settings.networkRange,
        podRange: settings.podRange,
        serviceRange: settings.serviceRange,
        dependsOn,
      },
      by,
    );
    const encryption = new GkeEncryption(
      `${this.name}-keys`,
      { project, projectNumber, region, ...common, dependsOn },
      by,
    );
    const { clusterName } = settings;
    const identity = new GkeNodeIdentity(`${this.name}-nodes`, { project, clusterName, dependsOn }, by);
    return { args, google, services, network, encryption, identity };
  }

  private createCluster(parts: Parts): GkeCluster {
    const { args, network, encryption, identity } = parts;
    const { settings, kubernetesVersion } = args;
    const secretsKey = encryption.secrets;
    return new GkeCluster(
      `${this.name}-control-plane`,
      { settings, kubernetesVersion, network, nodeIdentity: identity, secretsKey, ...commonOf(args) },
      this.by(parts),
    );
  }

  private createPools(parts: Parts, cluster: GkeCluster["cluster"]): GkeNodePools {
    const { args, network, encryption, identity } = parts;
    const { settings, kubernetesVersion } = args;
    const { region, zones } = settings;
    const { labels } = commonOf(args);
    const context = {
      cluster: cluster.id,
      region,
      zones,
      serviceAccount: identity.email,
      diskKey: encryption.data.id,
      labels,
    };
    const dependsOn = [network.nat, ...identity.ready, ...encryption.data.usable, ...this.registry.readers];
    return new GkeNodePools(this.name, { context, settings, kubernetesVersion, dependsOn }, this.by(parts));
  }

  private createRegistry(parts: Parts): GkeRegistry {
    const { args, encryption, identity } = parts;
    const { settings } = args;
    return new GkeRegistry(
      `${this.name}-registry`,
      { settings, key: encryption.data, reader: identity.member, ...commonOf(args) },
      this.by(parts),
    );
  }

  private createObjectStore(parts: Parts): GkeObjectStore {
    const { args, encryption } = parts;
    const { region, artifacts } = args.settings;
    return new GkeObjectStore(
      `${this.name}-artifacts`,
      { region, noncurrentDays: artifacts.noncurrentDays, key: encryption.data, ...commonOf(args) },
      this.by(parts),
    );
  }

  private createDatabase(parts: Parts): GkeDatabase {
    const { args, encryption, network } = parts;
    const { settings } = args;
    return new GkeDatabase(
      `${this.name}-database`,
      { settings, network, key: encryption.data, ...commonOf(args) },
      this.by(parts),
    );
  }

  private createDns(parts: Parts, cluster: pulumi.Resource): GkeDns {
    const { args } = parts;
    const { project, projectNumber, domain } = args.settings;
    return new GkeDns(
      `${this.name}-dns`,
      { project, projectNumber, domain, ...commonOf(args), dependsOn: parts.services.enabled, cluster },
      this.by(parts),
    );
  }

  /** What limits spending, and what asks for more. */
  private createSpending(parts: Parts): void {
    const { project, projectNumber, region, clusterName, ...settings } = parts.args.settings;
    const dependsOn = parts.services.enabled;
    if (settings.budget !== undefined && settings.billingAccount !== undefined) {
      const { labels } = commonOf(parts.args);
      const { billingAccount, budget } = settings;
      const budgetArgs = { billingAccount, projectNumber, clusterName, ...budget, labels, dependsOn };
      new GkeBudget(`${this.name}-budget`, budgetArgs, this.by(parts));
    }
    if (settings.requestQuota && settings.quotaContact !== undefined) {
      const quotaArgs = { project, region, pools: settings.gpuPools, contact: settings.quotaContact, dependsOn };
      new GkeQuotas(`${this.name}-quota`, quotaArgs, this.by(parts));
    }
  }

  private createKubernetesProvider(): KubernetesProvider {
    return new KubernetesProvider(
      `${this.name}-kubernetes`,
      {
        kubeconfig: this.kubeconfig,
        clusterIdentifier: this.clusterIdentifier,
        ...kubernetesProviderSettings,
      },
      { parent: this },
    );
  }

  private createStorageClasses(parts: Parts, dependsOn: readonly pulumi.Resource[]): GkeStorageClasses {
    const { args, network, encryption } = parts;
    const { sharedStorageTier, protection, clusterName } = args.settings;
    const hasHyperdiskNodes = takesHyperdiskOnly(args.settings);
    return new GkeStorageClasses(
      `${this.name}-storage`,
      {
        network: network.network.name,
        sharedStorageTier,
        diskKey: encryption.data.id,
        hasHyperdiskNodes,
        keepVolumes: protection === "strict",
        // Not the stack's own labels: a class cannot change them.
        labels: standardLabels({ clusterName, labels: {} }, args.environment),
        dependsOn,
      },
      { parent: this, providers: [this.provider] },
    );
  }
}
