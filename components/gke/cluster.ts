import { Cluster, type ClusterArgs } from "@pulumi/gcp/container/cluster.js";
import * as pulumi from "@pulumi/pulumi";
import type { Protection } from "../shared/protection.ts";
import type { EncryptionKey } from "./encryption.ts";
import { maintenancePolicy } from "./maintenance.ts";
import type { GkeNetwork } from "./network.ts";
import type { GkeNodeIdentity } from "./node-identity.ts";
import type { GkeSettings } from "./settings.ts";

const TYPE = "kubeflow:gke:GkeCluster";

export interface GkeClusterArgs {
  readonly settings: Pick<
    GkeSettings,
    | "clusterName"
    | "project"
    | "region"
    | "zones"
    | "releaseChannel"
    | "securityGroup"
    | "authorizedNetworks"
    | "maintenance"
  >;
  /** `1.35.2`; GKE takes its minor version. */
  readonly kubernetesVersion: string;
  readonly network: GkeNetwork;
  readonly nodeIdentity: GkeNodeIdentity;
  /** Of the secrets in etcd. */
  readonly secretsKey: EncryptionKey;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: Protection;
}

/**
 * A regional GKE cluster without nodes: private, reached by the DNS name of its control plane, which IAM guards.
 *
 * Cost: the control plane's hours.
 *
 * Upgrade hazard: a change of `clusterName`, network or ranges makes another cluster.
 */
export class GkeCluster extends pulumi.ComponentResource {
  readonly cluster: Cluster;
  /** `gke-1a2b.europe-west4.gke.goog`; its certificate is a public one. */
  readonly endpoint: pulumi.Output<string>;

  constructor(name: string, args: GkeClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { network, nodeIdentity, secretsKey } = args;
    this.cluster = new Cluster(
      // What the physical name begins with; the rest is new with each cluster, so that none is taken for its predecessor.
      args.settings.clusterName,
      { ...identityOf(args), ...placeOf(args), ...accessTo(args), ...secured(args), ...observed, ...equipped },
      {
        parent: this,
        // The grants, since GKE encrypts from the start; the NAT and the nodes' role, as the first node waits for them.
        dependsOn: [...secretsKey.usable, ...nodeIdentity.ready, network.nat],
        // The channel upgrades, and `nodeConfig` is of the first pool, which is removed at once.
        ignoreChanges: ["minMasterVersion", "nodeVersion", "nodeConfig", "initialNodeCount"],
        // The API takes its time, and up to an hour with an upgrade under way.
        customTimeouts: { create: "60m", update: "90m", delete: "60m" },
      },
    );
    // With the id, so that a preview of the cluster's creation does not take what it was asked for as its answer.
    this.endpoint = pulumi
      .all([this.cluster.controlPlaneEndpointsConfig, this.cluster.id])
      .apply(([{ dnsEndpointConfig }]) => dnsEndpointConfig.endpoint);
    this.registerOutputs({});
  }
}

type Part = Partial<ClusterArgs>;

function identityOf({ settings, kubernetesVersion, nodeIdentity, labels, protection }: GkeClusterArgs): Part {
  return {
    minMasterVersion: kubernetesVersion.split(".").slice(0, 2).join("."),
    releaseChannel: { channel: settings.releaseChannel },
    maintenancePolicy: maintenancePolicy(settings.maintenance),
    resourceLabels: labels,
    deletionProtection: protection.deletion,
    // Pools are resources of their own: one written in here recreates the cluster when it changes.
    removeDefaultNodePool: true,
    initialNodeCount: 1,
    nodeConfig: {
      serviceAccount: nodeIdentity.email,
      oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
      shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    },
    ignoreNodeCountChanges: true,
  };
}

function placeOf({ settings, network }: GkeClusterArgs): Part {
  return {
    location: settings.region,
    nodeLocations: [...settings.zones],
    network: network.network.id,
    subnetwork: network.subnetwork.id,
    networkingMode: "VPC_NATIVE",
    ipAllocationPolicy: {
      clusterSecondaryRangeName: network.podRangeName,
      servicesSecondaryRangeName: network.serviceRangeName,
    },
    // Dataplane V2 enforces network policies by itself.
    datapathProvider: "ADVANCED_DATAPATH",
    enableIntranodeVisibility: true,
  };
}

function accessTo({ settings }: GkeClusterArgs): Part {
  const { authorizedNetworks, securityGroup } = settings;
  const byAddress = authorizedNetworks.length > 0;
  return {
    privateClusterConfig: { enablePrivateNodes: true, ...(byAddress ? { enablePrivateEndpoint: false } : {}) },
    controlPlaneEndpointsConfig: {
      // Neither client certificates nor tokens of service accounts: only who IAM knows.
      dnsEndpointConfig: { allowExternalTraffic: true, enableK8sCertsViaDns: false, enableK8sTokensViaDns: false },
      ipEndpointsConfig: { enabled: byAddress },
    },
    ...(byAddress
      ? {
          masterAuthorizedNetworksConfig: {
            cidrBlocks: authorizedNetworks.map((cidrBlock) => ({ cidrBlock })),
            gcpPublicCidrsAccessEnabled: false,
          },
        }
      : {}),
    ...(securityGroup === undefined ? {} : { authenticatorGroupsConfig: { securityGroup } }),
    masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
    enableLegacyAbac: false,
    anonymousAuthenticationConfig: { mode: "LIMITED" },
    rbacBindingConfig: {
      enableInsecureBindingSystemAuthenticated: false,
      enableInsecureBindingSystemUnauthenticated: false,
    },
  };
}

function secured({ settings, secretsKey }: GkeClusterArgs): Part {
  return {
    workloadIdentityConfig: { workloadPool: `${settings.project}.svc.id.goog` },
    databaseEncryption: { state: "ENCRYPTED", keyName: secretsKey.id },
    enableShieldedNodes: true,
    securityPostureConfig: { mode: "BASIC" },
    nodePoolDefaults: { nodeConfigDefaults: { insecureKubeletReadonlyPortEnabled: "FALSE" } },
  };
}

const observed: Part = {
  // The audit log of the API goes to Cloud Audit Logs in any case; see GkeAccess for what is in it.
  loggingConfig: {
    enableComponents: ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"],
  },
  monitoringConfig: {
    // DCGM: metrics of GPUs, which GKE exports itself.
    enableComponents: [
      "SYSTEM_COMPONENTS",
      "STORAGE",
      "POD",
      "DEPLOYMENT",
      "STATEFULSET",
      "DAEMONSET",
      "HPA",
      "JOBSET",
      "CADVISOR",
      "KUBELET",
      "DCGM",
    ],
    managedPrometheus: { enabled: true },
  },
  costManagementConfig: { enabled: true },
};

const equipped: Part = {
  addonsConfig: {
    gcePersistentDiskCsiDriverConfig: { enabled: true },
    gcpFilestoreCsiDriverConfig: { enabled: true },
    gcsFuseCsiDriverConfig: { enabled: true },
    dnsCacheConfig: { enabled: true },
    horizontalPodAutoscaling: { disabled: false },
    httpLoadBalancing: { disabled: false },
  },
  gatewayApiConfig: { channel: "CHANNEL_STANDARD" },
  verticalPodAutoscaling: { enabled: true },
};
