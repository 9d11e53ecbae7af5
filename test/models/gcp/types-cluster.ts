/** The network, the cluster and its nodes, as calls. */
import type { Value } from "../../../engine/values.ts";
import type { GcpType } from "./translate.ts";

/** Where "not said" is another thing than false, Terraform has texts. */
const fromText = (value: Value): Value => (value === "TRUE" ? true : value === "FALSE" ? false : value);

/** Terraform has a list for what is one; more than one it would not send. */
export const only = (value: Value): Value => {
  const [first, ...others] = Array.isArray(value) ? (value as readonly Value[]) : [];
  return first === undefined || others.length > 0 ? value : first;
};

const empty = (value: Value): Value | undefined => (value === "" ? undefined : value);

const providersOwn = "Pulumi's provider's own";

const network: Readonly<Record<string, GcpType>> = {
  "gcp:compute/network:Network": {
    document: "compute.v1",
    method: "networks.insert",
    parameters: { project: "{project}" },
    moves: { routingMode: "routingConfig.routingMode" },
  },
  "gcp:compute/subnetwork:Subnetwork": {
    document: "compute.v1",
    method: "subnetworks.insert",
    parameters: { project: "{project}", region: "{region}" },
  },
  "gcp:compute/router:Router": {
    document: "compute.v1",
    method: "routers.insert",
    parameters: { project: "{project}", region: "{region}" },
  },
  "gcp:compute/routerNat:RouterNat": {
    document: "compute.v1",
    // A NAT is a part of its router.
    method: "routers.patch",
    parameters: { project: "{project}", region: "{region}", router: "{router}" },
    body: "nats.0",
  },
  "gcp:compute/address:Address": {
    document: "compute.v1",
    method: "addresses.insert",
    parameters: { project: "{project}", region: "{region}" },
  },
  "gcp:compute/forwardingRule:ForwardingRule": {
    document: "compute.v1",
    method: "forwardingRules.insert",
    parameters: { project: "{project}", region: "{region}" },
    moves: { ipAddress: "IPAddress", loadBalancingScheme: { as: empty } },
  },
};

const cluster: GcpType = {
  document: "container.v1",
  method: "projects.locations.clusters.create",
  parameters: { parent: "projects/{project}/locations/{location}" },
  body: "cluster",
  moves: {
    minMasterVersion: "initialClusterVersion",
    nodeLocations: "locations",
    networkingMode: { to: "ipAllocationPolicy.useIpAliases", as: (value) => value === "VPC_NATIVE" },
    datapathProvider: "networkConfig.datapathProvider",
    enableIntranodeVisibility: "networkConfig.enableIntraNodeVisibility",
    gatewayApiConfig: "networkConfig.gatewayApiConfig",
    privateClusterConfig: "",
    "privateClusterConfig.enablePrivateNodes": "networkConfig.defaultEnablePrivateNodes",
    "privateClusterConfig.enablePrivateEndpoint": {
      to: "controlPlaneEndpointsConfig.ipEndpointsConfig.enablePublicEndpoint",
      as: (value) => value !== true,
    },
    masterAuthorizedNetworksConfig: "controlPlaneEndpointsConfig.ipEndpointsConfig.authorizedNetworksConfig",
    enableLegacyAbac: "legacyAbac.enabled",
    enableShieldedNodes: "shieldedNodes.enabled",
    "nodePoolDefaults.nodeConfigDefaults.insecureKubeletReadonlyPortEnabled": {
      to: "nodeKubeletConfig.insecureKubeletReadonlyPortEnabled",
      as: fromText,
    },
    "loggingConfig.enableComponents": "componentConfig.enableComponents",
    "monitoringConfig.enableComponents": "componentConfig.enableComponents",
    "monitoringConfig.managedPrometheus": "managedPrometheusConfig",
    "maintenancePolicy.recurringWindow": "window.recurringWindow",
    "maintenancePolicy.recurringWindow.startTime": "window.startTime",
    "maintenancePolicy.recurringWindow.endTime": "window.endTime",
  },
  dropped: {
    deletionProtection: providersOwn,
    removeDefaultNodePool: `${providersOwn}: it deletes the first pool after the cluster is made`,
    ignoreNodeCountChanges: providersOwn,
  },
  deprecated: {
    "cluster.initialNodeCount": "Terraform has no other way to name the first pool, which is removed at once",
    "cluster.nodeConfig": "the same",
  },
};

const nodePool: GcpType = {
  document: "container.v1",
  method: "projects.locations.clusters.nodePools.create",
  parameters: { parent: "{cluster}" },
  body: "nodePool",
  moves: {
    // The documentation of node pools; the model says nothing.
    name: { wants: /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/ },
    nodeLocations: "locations",
    nodeDrainConfigs: { to: "nodeDrainConfig", as: only },
    nodeConfig: "config",
    "nodeConfig.guestAccelerators": "accelerators",
    "nodeConfig.guestAccelerators.count": "acceleratorCount",
    "nodeConfig.guestAccelerators.type": "acceleratorType",
    "nodeConfig.kubeletConfig.insecureKubeletReadonlyPortEnabled": { as: fromText },
  },
  dropped: { location: "in the id of the cluster", ignoreNodeCountChanges: providersOwn },
};

export const clusterTypes: Readonly<Record<string, GcpType>> = {
  ...network,
  "gcp:container/cluster:Cluster": cluster,
  "gcp:container/nodePool:NodePool": nodePool,
};
