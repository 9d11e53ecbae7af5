/** Nodes, control planes and databases that the Internet does not reach. */
import type { Finding, Resource, Rule } from "../rule.ts";
import { at, itemsAt, needs, refuses, textAt, textsAt, unknown, wants, type Value } from "../values.ts";

const everywhere: ReadonlySet<string> = new Set(["0.0.0.0/0", "::/0", "0.0.0.0", "*"]);

/** What is wrong with a list of address ranges that may connect. */
function openRanges(ranges: readonly string[], path: string): readonly string[] {
  return ranges.filter((range) => everywhere.has(range)).map((range) => `${path} has ${range}: everybody may connect`);
}

export const privateNodes: Rule = {
  name: "private-nodes",
  title: "Nodes have no public address",
  remedy: "Give nodes private addresses only, and a NAT gateway for what they fetch",
  concern: "security",
  resources: {
    "gcp:container/cluster:Cluster": ({ props }) => wants(props, "privateClusterConfig.enablePrivateNodes", true),
    "gcp:container/nodePool:NodePool": ({ props }) => refuses(props, "networkConfig.enablePrivateNodes", false),
    "aws:ec2/launchTemplate:LaunchTemplate": ({ props }) =>
      itemsAt(props, "networkInterfaces").flatMap((item) => refuses(item, "associatePublicIpAddress", true)),
    "azure-native:containerservice:ManagedCluster": ({ props }) =>
      itemsAt(props, "agentPoolProfiles").flatMap((pool) => refuses(pool, "enableNodePublicIP", true)),
    "azure-native:containerservice:AgentPool": ({ props }) => refuses(props, "enableNodePublicIP", true),
  },
  packages: {
    kubernetes: ({ type, props }) =>
      type.endsWith(":EC2NodeClass") ? refuses(props, "spec.associatePublicIPAddress", true) : [],
  },
  stack: nodesInPublicSubnets,
};

function nodesInPublicSubnets(resources: readonly Resource[]): readonly Finding[] {
  const open = resources.filter(
    ({ type, props }) => type === "aws:ec2/subnet:Subnet" && at(props, "mapPublicIpOnLaunch") === true,
  );
  const publicSubnets = new Set(open.map(({ urn }) => urn));
  return resources
    .filter(({ type }) => type === "aws:eks/nodeGroup:NodeGroup")
    .filter(({ propertyDependencies }) => propertyDependencies["subnetIds"]?.some((urn) => publicSubnets.has(urn)))
    .map(({ urn }) => ({ urn, message: "subnetIds has a subnet whose machines get public addresses" }));
}

export const privateControlPlane: Rule = {
  name: "private-control-plane",
  title: "The Kubernetes API is private, or open to named address ranges only",
  remedy: "Turn the public endpoint off, or list who may reach it in `authorizedNetworks`",
  concern: "security",
  resources: {
    "gcp:container/cluster:Cluster": ({ props }) => {
      // The endpoint by DNS name is guarded by IAM.
      if (at(props, "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled") === false) return [];
      if (at(props, "privateClusterConfig.enablePrivateEndpoint") === true) return [];
      const path = "masterAuthorizedNetworksConfig";
      const ranges = itemsAt(props, `${path}.cidrBlocks`).map((block) => textAt(block, "cidrBlock") ?? "");
      return [...needs(props, path), ...openRanges(ranges, `${path}.cidrBlocks`)];
    },
    "aws:eks/cluster:Cluster": ({ props }) => {
      const isPublic = at(props, "vpcConfig.endpointPublicAccess");
      if (isPublic === false || isPublic === unknown) return [];
      const path = "vpcConfig.publicAccessCidrs";
      const ranges = at(props, path) === undefined ? ["0.0.0.0/0"] : textsAt(props, path);
      return openRanges(ranges, path);
    },
    "azure-native:containerservice:ManagedCluster": ({ props }) => {
      if (at(props, "apiServerAccessProfile.enablePrivateCluster") === true) return [];
      const path = "apiServerAccessProfile.authorizedIPRanges";
      const ranges = at(props, path);
      const none = ranges === undefined || (Array.isArray(ranges) && ranges.length === 0);
      return none
        ? [`${path} is not set and apiServerAccessProfile.enablePrivateCluster is not true: everybody may connect`]
        : openRanges(textsAt(props, path), path);
    },
  },
};

export const privateDatabase: Rule = {
  name: "private-database",
  title: "Databases have no public address",
  remedy: "Connect the database to the cluster's network only",
  concern: "security",
  resources: {
    // Cloud SQL gives a public address unless it is told not to.
    "gcp:sql/databaseInstance:DatabaseInstance": ({ props }) => [
      ...wants(props, "settings.ipConfiguration.ipv4Enabled", false),
      ...openRanges(
        itemsAt(props, "settings.ipConfiguration.authorizedNetworks").map((item) => textAt(item, "value") ?? ""),
        "settings.ipConfiguration.authorizedNetworks",
      ),
    ],
    "aws:rds/instance:Instance": ({ props }) => refuses(props, "publiclyAccessible", true),
    "azure-native:dbformysql:Server": ({ props }) => {
      const subnet: Value | undefined = at(props, "network.delegatedSubnetResourceId");
      return subnet === undefined ? wants(props, "network.publicNetworkAccess", "Disabled") : [];
    },
  },
};
