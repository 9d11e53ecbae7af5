/** Everything that is paid for says what it belongs to. */
import type { Check, Rule } from "../rule.ts";
import { at, isMap, jsonAt, unknown, type Properties, type Value } from "../values.ts";

/** The keys of components/shared/labels.ts. */
const keys = ["application", "cluster", "environment", "managed-by"];

/** What can carry them, by the property that does; a pool of nodes labels its machines too. */
const carriers: Readonly<Record<string, readonly string[]>> = {
  labels: [
    "gcp:artifactregistry/repository:Repository",
    "gcp:compute/globalAddress:GlobalAddress",
    "gcp:dns/managedZone:ManagedZone",
    "gcp:filestore/instance:Instance",
    "gcp:kms/cryptoKey:CryptoKey",
    "gcp:lustre/instance:Instance",
    "gcp:secretmanager/secret:Secret",
    "gcp:storage/bucket:Bucket",
  ],
  resourceLabels: ["gcp:container/cluster:Cluster"],
  "nodeConfig.resourceLabels": ["gcp:container/nodePool:NodePool"],
  "settings.userLabels": ["gcp:sql/databaseInstance:DatabaseInstance"],
  tags: [
    "aws:acm/certificate:Certificate",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cognito/userPool:UserPool",
    "aws:ec2/capacityReservation:CapacityReservation",
    "aws:ec2/eip:Eip",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ecr/repository:Repository",
    "aws:efs/fileSystem:FileSystem",
    "aws:eks/addon:Addon",
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    "aws:fsx/lustreFileSystem:LustreFileSystem",
    "aws:iam/role:Role",
    "aws:kms/key:Key",
    "aws:rds/instance:Instance",
    "aws:route53/zone:Zone",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
    "aws:sqs/queue:Queue",
    "azure-native:compute:DiskEncryptionSet",
    "azure-native:containerregistry:Registry",
    "azure-native:containerservice:AgentPool",
    "azure-native:containerservice:ManagedCluster",
    "azure-native:dbformysql:Server",
    "azure-native:dns:Zone",
    "azure-native:keyvault:Vault",
    "azure-native:managedidentity:UserAssignedIdentity",
    "azure-native:network:NatGateway",
    "azure-native:network:NetworkSecurityGroup",
    "azure-native:network:PrivateEndpoint",
    "azure-native:network:PublicIPAddress",
    "azure-native:network:VirtualNetwork",
    "azure-native:operationalinsights:Workspace",
    "azure-native:privatedns:PrivateZone",
    "azure-native:resources:ResourceGroup",
    "azure-native:storage:StorageAccount",
  ],
};

const missing =
  (path: string): Check =>
  ({ props, provider = {} }) => {
    const own = at(props, path);
    const given: readonly (Value | undefined)[] = [own, ...defaultsOf(provider)];
    if (given.includes(unknown)) return [];
    const absent = keys.filter((key) => !given.some((labels) => isMap(labels) && isSet(labels[key])));
    return absent.length > 0 ? [`${path} lacks ${absent.join(", ")}`] : [];
  };

/** What the provider adds to every resource: the program hands it over as JSON. */
function defaultsOf(provider: Properties): readonly (Value | undefined)[] {
  const tags = at(provider, "defaultTags");
  return [
    tags === unknown ? unknown : at(jsonAt(provider, "defaultTags") ?? {}, "tags"),
    at(provider, "defaultLabels") === unknown ? unknown : jsonAt(provider, "defaultLabels"),
  ];
}

const isSet = (value: Value | undefined): boolean => value !== undefined && value !== null && value !== "";

export const labelsPresent: Rule = {
  name: "labels-present",
  title: `Every cloud resource that can says what it belongs to: ${keys.join(", ")}`,
  remedy: "Pass standardLabels(...) of components/shared/labels.ts as the resource's labels or tags",
  concern: "operations",
  resources: Object.fromEntries(
    Object.entries(carriers).flatMap(([path, types]) => types.map((type) => [type, missing(path)] as const)),
  ),
};
