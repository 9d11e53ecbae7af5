/** Clusters and their nodes. */
import { isMap } from "../../values.ts";
import type { SimulationTable } from "../table.ts";
import { linkOf, named, names, pathOf, textOf } from "./answers.ts";

export const container: SimulationTable = {
  "gcp:container/cluster:Cluster": {
    required: [],
    optional: names(`
      addonsConfig allowNetAdmin anonymousAuthenticationConfig authenticatorGroupsConfig
      autopilotClusterPolicyConfig autopilotPrivilegedAdmissions binaryAuthorization clusterAutoscaling
      clusterIpv4Cidr clusterTelemetry confidentialNodes controlPlaneEndpointsConfig
      costManagementConfig databaseEncryption datapathProvider dataplaneOptimizationMode
      defaultMaxPodsPerNode defaultSnatStatus deletionPolicy deletionProtection description
      desiredEmulatedVersion disableL4LbFirewallReconciliation dnsConfig enableAutopilot
      enableCiliumClusterwideNetworkPolicy enableFqdnNetworkPolicy enableIntranodeVisibility
      enableK8sBetaApis enableKubernetesAlpha enableL4IlbSubsetting enableLegacyAbac
      enableMultiNetworking enableShieldedNodes enableTpu enterpriseConfig fleet gatewayApiConfig
      gkeAutoUpgradeConfig identityServiceConfig ignoreNodeCountChanges inTransitEncryptionConfig
      initialNodeCount ipAllocationPolicy location loggingConfig loggingService maintenancePolicy
      managedMachineLearningDiagnosticsConfig managedOpentelemetryConfig masterAuth
      masterAuthorizedNetworksConfig meshCertificates minMasterVersion monitoringConfig
      monitoringService name network networkPerformanceConfig networkPolicy networkingMode nodeConfig
      nodeCreationConfig nodeLocations nodePoolAutoConfig nodePoolDefaults nodePools nodeVersion
      notificationConfig podAutoscaling podSecurityPolicyConfig privateClusterConfig
      privateIpv6GoogleAccess project protectConfig rbacBindingConfig releaseChannel
      removeDefaultNodePool resourceLabels resourceUsageExportConfig rollbackSafeUpgrade
      secretManagerConfig secretSyncConfig securityPostureConfig serviceExternalIpsConfig
      skipNodePoolRefresh subnetwork tpuConfig userManagedKeysConfig verticalPodAutoscaling
      workloadAltsConfig workloadIdentityConfig
    `),
    forceNew: names(`
      name location project network subnetwork networkingMode datapathProvider initialNodeCount
      clusterIpv4Cidr defaultMaxPodsPerNode description enableAutopilot enableKubernetesAlpha enableTpu
      ipAllocationPolicy nodeConfig masterAuth confidentialNodes nodePools
    `),
    autoName: { property: "name", maxLength: 40, separator: "-" },
    secretOutputs: ["effectiveLabels", "pulumiLabels"],
    answer: (ask) => {
      const location = textOf(ask, "location");
      const path = pathOf(ask, `locations/${location}/clusters`);
      const { controlPlaneEndpointsConfig: asked = {}, masterAuth = {} } = ask.inputs;
      const endpoints = isMap(asked) ? asked : {};
      const byName = isMap(endpoints["dnsEndpointConfig"]) ? endpoints["dnsEndpointConfig"] : {};
      const dnsEndpointConfig = { ...byName, endpoint: `gke-${ask.token}.${location}.gke.goog` };
      const auth = isMap(masterAuth) ? masterAuth : {};
      return {
        id: named(path, ask),
        outputs: {
          controlPlaneEndpointsConfig: { ...endpoints, dnsEndpointConfig },
          endpoint: "10.0.0.2",
          masterAuth: { ...auth, clusterCaCertificate: btoa(`certificate authority of ${ask.token}`) },
          masterVersion: `${textOf(ask, "minMasterVersion")}.0-gke.1000000`,
          labelFingerprint: ask.token,
          selfLink: linkOf(path, ask),
        },
      };
    },
  },
  "gcp:container/nodePool:NodePool": {
    required: ["cluster"],
    optional: names(`
      autoscaling deletionPolicy ignoreNodeCountChanges initialNodeCount location maintenancePolicies
      management maxPodsPerNode name namePrefix networkConfig nodeConfig nodeCount nodeDrainConfigs
      nodeLocations placementPolicy project queuedProvisioning upgradeSettings version
    `),
    forceNew: names(`
      name namePrefix cluster location project initialNodeCount maxPodsPerNode placementPolicy
      queuedProvisioning nodeConfig.bootDiskKmsKey nodeConfig.confidentialNodes
      nodeConfig.ephemeralStorageLocalSsdConfig nodeConfig.flexStart nodeConfig.gpudirectStrategy
      nodeConfig.guestAccelerators nodeConfig.localNvmeSsdBlockConfig nodeConfig.maxRunDuration
      nodeConfig.metadata nodeConfig.minCpuPlatform nodeConfig.oauthScopes nodeConfig.preemptible
      nodeConfig.reservationAffinity nodeConfig.secondaryBootDisks nodeConfig.serviceAccount
      nodeConfig.shieldedInstanceConfig nodeConfig.spot
    `),
    autoName: { property: "name", maxLength: 40, separator: "-" },
    answer: (ask) => {
      const path = pathOf(ask, `locations/${textOf(ask, "location")}/nodePools`);
      return {
        id: named(path, ask),
        outputs: { instanceGroupUrls: [], managedInstanceGroupUrls: [], operation: ask.token },
      };
    },
  },
};
