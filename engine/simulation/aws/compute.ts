/** Clusters, nodes and what surrounds them. */
import type { SimulationTable } from "../table.ts";
import { arn, named, regionOf, tagsAll, text, withId, withName, mapOf } from "./answers.ts";

export const awsComputeTable: SimulationTable = {
  "aws:eks/cluster:Cluster": withName(
    {
      required: ["roleArn", "vpcConfig"],
      optional: [
        "accessConfig",
        "bootstrapSelfManagedAddons",
        "computeConfig",
        "controlPlaneScalingConfig",
        "defaultAddonsToRemoves",
        "deletionProtection",
        "enabledClusterLogTypes",
        "encryptionConfig",
        "forceUpdateVersion",
        "kubeApiServerConfig",
        "kubeControllerManagerConfig",
        "kubeSchedulerConfig",
        "kubernetesNetworkConfig",
        "name",
        "outpostConfig",
        "region",
        "remoteNetworkConfig",
        "storageConfig",
        "tags",
        "upgradePolicy",
        "version",
        "zonalShiftConfig",
      ],
      forceNew: [
        "name",
        "encryptionConfig",
        "bootstrapSelfManagedAddons",
        "roleArn",
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
        "kubernetesNetworkConfig.ipFamily",
        "kubernetesNetworkConfig.serviceIpv4Cidr",
        "outpostConfig",
        "region",
      ],
      autoName: named("name", 100),
    },
    "name",
    (resource, name) => ({
      ...{ arn: arn(resource, "eks", `cluster/${name}`), status: "ACTIVE", platformVersion: "eks.1" },
      endpoint: `https://${resource.token.toUpperCase()}.gr7.${regionOf(resource)}.eks.amazonaws.com`,
      certificateAuthority: { data: Buffer.from(`simulated certificate of ${name}`).toString("base64") },
      identities: [
        {
          oidcs: [
            { issuer: `https://oidc.eks.${regionOf(resource)}.amazonaws.com/id/${resource.token.toUpperCase()}` },
          ],
        },
      ],
      vpcConfig: {
        ...mapOf(resource.inputs["vpcConfig"]),
        ...{ clusterSecurityGroupId: `sg-eks-${resource.token}`, vpcId: `vpc-of-${resource.token}` },
      },
    }),
  ),
  "aws:eks/accessEntry:AccessEntry": {
    required: ["clusterName", "principalArn"],
    optional: ["kubernetesGroups", "region", "tags", "type", "userName"],
    forceNew: ["clusterName", "principalArn", "type", "region"],
    answer: (resource) => {
      const id = `${text(resource.inputs["clusterName"])}:${text(resource.inputs["principalArn"])}`;
      return {
        id,
        outputs: { id, ...tagsAll(resource), accessEntryArn: arn(resource, "eks", `access-entry/${resource.token}`) },
      };
    },
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
    required: ["accessScope", "clusterName", "policyArn", "principalArn"],
    optional: ["region"],
    forceNew: ["accessScope", "clusterName", "policyArn", "principalArn", "region"],
    answer: ({ inputs }) => {
      const id = ["clusterName", "principalArn", "policyArn"].map((key) => text(inputs[key])).join("#");
      return { id, outputs: { id } };
    },
  },
  "aws:eks/addon:Addon": {
    required: ["addonName", "clusterName"],
    optional: [
      "addonVersion",
      "configurationValues",
      "namespaceConfig",
      "podIdentityAssociations",
      "preserve",
      "region",
      "resolveConflictsOnCreate",
      "resolveConflictsOnUpdate",
      "serviceAccountRoleArn",
      "tags",
    ],
    forceNew: ["addonName", "clusterName", "region"],
    answer: (resource) => {
      const id = `${text(resource.inputs["clusterName"])}:${text(resource.inputs["addonName"])}`;
      return { id, outputs: { id, ...tagsAll(resource), arn: arn(resource, "eks", `addon/${resource.token}`) } };
    },
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": withId(
    {
      required: ["clusterName", "namespace", "roleArn", "serviceAccount"],
      optional: ["disableSessionTags", "policy", "region", "tags", "targetRoleArn"],
      forceNew: ["clusterName", "namespace", "serviceAccount", "region"],
    },
    "a-",
    (resource, id) => ({
      associationId: id,
      associationArn: arn(resource, "eks", `podidentityassociation/${text(resource.inputs["clusterName"])}/${id}`),
    }),
  ),
  "aws:eks/nodeGroup:NodeGroup": {
    required: ["clusterName", "nodeRoleArn", "scalingConfig", "subnetIds"],
    optional: [
      "amiType",
      "capacityType",
      "diskSize",
      "forceUpdateVersion",
      "instanceTypes",
      "labels",
      "launchTemplate",
      "nodeGroupName",
      "nodeGroupNamePrefix",
      "nodeRepairConfig",
      "region",
      "releaseVersion",
      "remoteAccess",
      "tags",
      "taints",
      "updateConfig",
      "version",
      "warmPoolConfig",
    ],
    forceNew: [
      "amiType",
      "capacityType",
      "clusterName",
      "diskSize",
      "instanceTypes",
      "nodeGroupName",
      "nodeGroupNamePrefix",
      "nodeRoleArn",
      "remoteAccess",
      "subnetIds",
      "launchTemplate.id",
      "launchTemplate.name",
      "region",
    ],
    autoName: named("nodeGroupName", 63),
    answer: (resource) => {
      const id = `${text(resource.inputs["clusterName"])}:${text(resource.inputs["nodeGroupName"])}`;
      return {
        id,
        outputs: {
          ...{ id, arn: arn(resource, "eks", `nodegroup/${resource.token}`), status: "ACTIVE", ...tagsAll(resource) },
          resources: [{ autoscalingGroups: [{ name: `eks-${resource.token}` }] }],
        },
      };
    },
  },
  "aws:ec2/launchTemplate:LaunchTemplate": withId(
    {
      required: [],
      optional: [
        "blockDeviceMappings",
        "capacityReservationSpecification",
        "cpuOptions",
        "creditSpecification",
        "defaultVersion",
        "description",
        "disableApiStop",
        "disableApiTermination",
        "ebsOptimized",
        "enclaveOptions",
        "hibernationOptions",
        "iamInstanceProfile",
        "imageId",
        "instanceInitiatedShutdownBehavior",
        "instanceMarketOptions",
        "instanceRequirements",
        "instanceType",
        "kernelId",
        "keyName",
        "licenseSpecifications",
        "maintenanceOptions",
        "metadataOptions",
        "monitoring",
        "name",
        "namePrefix",
        "networkInterfaces",
        "networkPerformanceOptions",
        "placement",
        "privateDnsNameOptions",
        "ramDiskId",
        "region",
        "secondaryInterfaces",
        "securityGroupNames",
        "tagSpecifications",
        "tags",
        "updateDefaultVersion",
        "userData",
        "vpcSecurityGroupIds",
      ],
      forceNew: ["name", "namePrefix", "region"],
      autoName: named("name", 128),
    },
    "lt-",
    (resource, id) => ({ arn: arn(resource, "ec2", `launch-template/${id}`), latestVersion: 1, defaultVersion: 1 }),
  ),
};
