import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { z } from "zod";
import { AksTarget } from "../../../components/aks/aks-target.ts";
import type { IdentityBinding } from "../../../components/contracts/workload-identity.ts";
import { roles } from "../../../components/aks/roles.ts";
import type { aksSettings } from "../../../components/aks/settings.ts";
import { isSecret, record, valueOf, type Recording } from "../../support/recording.ts";
import { simulatedAnswer, simulatedCall } from "../../support/simulated-answers.ts";
import { ids, settingsWith } from "./settings.ts";

const native = (type: string): string => `azure-native:${type}`;
const clusterType = native("containerservice:ManagedCluster");
const poolType = native("containerservice:AgentPool");
const grantType = native("authorization:RoleAssignment");
const answer = simulatedAnswer({ subscriptionId: ids.subscription, tenantId: ids.tenant, location: "westeurope" });

interface Made {
  readonly target: AksTarget;
  readonly recording: Recording;
}

async function make(settings: Partial<z.input<typeof aksSettings>>, use?: (target: AksTarget) => void): Promise<Made> {
  const made: { target?: AksTarget } = {};
  const recording = await record(
    (opts) => {
      const target = new AksTarget(
        "cluster",
        {
          environment: "prod",
          kubernetesVersion: "1.35.2",
          oauthClientSecret: undefined,
          admission: "enforced",
          settings: settingsWith(settings),
        },
        opts,
      );
      use?.(target);
      made.target = target;
    },
    answer,
    simulatedCall,
  );
  assert.ok(made.target);
  return { target: made.target, recording };
}

/** What role is given over what, to whom. */
function grants({ recording }: Made): readonly Readonly<Record<string, unknown>>[] {
  return recording.all(grantType).map(({ inputs }) => inputs);
}
const isRole = (inputs: Readonly<Record<string, unknown>>, role: keyof typeof roles): boolean =>
  String(inputs["roleDefinitionId"]).endsWith(roles[role]);

const gpuPools = [
  { name: "t4", gpu: "t4", max: 2, sharing: "time-slicing", clientsPerGpu: 4, capacity: "spot" },
  { name: "slices", gpu: "a100-80", max: 1, sharing: "mig", migProfile: "1g.10gb" },
  { name: "aks", gpu: "a100-80", max: 1, sharing: "mig", migProfile: "2g.20gb", driver: "managed" },
  { name: "kept", gpu: "h100", gpusPerNode: 8, max: 1, capacity: "reservation", reservation: groupId() },
] as const;

function groupId(): string {
  return `/subscriptions/${ids.subscription}/resourceGroups/r/providers/Microsoft.Compute/capacityReservationGroups/g`;
}

describe("AksTarget", () => {
  let made: Made;
  let binding: IdentityBinding | undefined;
  before(async () => {
    made = await make(
      { gpuPools: [...gpuPools], protection: "strict", registryTier: "Premium", loginGroupIds: [ids.users] },
      (target) => {
        binding = target.identity.bind(
          "team-a",
          { namespace: "team-a", name: "default-editor" },
          [
            { prefix: "team-a/", permission: "read-write" },
            { prefix: "shared/", permission: "read" },
          ],
          {},
        );
      },
    );
  });

  describe("cluster", () => {
    const inputs = () => made.recording.one(clusterType).inputs;

    it("is reached from the network only, unless ranges are given", async () => {
      const access = (from: Made) => from.recording.one(clusterType).inputs["apiServerAccessProfile"] as object;
      assert.partialDeepStrictEqual(access(made), {
        enablePrivateCluster: true,
        enableVnetIntegration: true,
        disableRunCommand: true,
      });
      const open = await make({ authorizedNetworks: ["203.0.113.0/24"] });
      assert.partialDeepStrictEqual(access(open), {
        enablePrivateCluster: false,
        authorizedIPRanges: ["203.0.113.0/24"],
      });
    });

    it("knows people by Entra only", () => {
      assert.equal(inputs()["disableLocalAccounts"], true);
      assert.deepEqual(inputs()["aadProfile"], {
        ...{ managed: true, enableAzureRBAC: true, tenantID: ids.tenant, adminGroupObjectIDs: [ids.admins] },
      });
    });

    it("encrypts its secrets with a key of the vault, privately, and gives workloads identities", () => {
      const { azureKeyVaultKms, workloadIdentity } = inputs()["securityProfile"] as Record<
        string,
        Record<string, unknown>
      >;
      assert.match(String(azureKeyVaultKms?.["keyId"]), /\/keys\/cluster\/[0-9a-f]{32}$/);
      assert.equal(azureKeyVaultKms?.["keyVaultNetworkAccess"], "Private");
      assert.deepEqual(workloadIdentity, { enabled: true });
      assert.deepEqual(inputs()["oidcIssuerProfile"], { enabled: true });
    });

    it("has a kubeconfig that asks Entra for a token each time, as the stack says", async () => {
      const text = await valueOf(pulumi.unsecret(made.target.kubeconfig));
      const { users, clusters } = parse(text) as {
        readonly users: readonly {
          readonly user: { readonly exec: { readonly command: string; readonly args: readonly string[] } };
        }[];
        readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
      };
      const { command, args } = users[0]?.user.exec ?? { command: "", args: [] };
      assert.equal(command, "kubelogin");
      assert.deepEqual(args.slice(-4), ["--tenant-id", ids.tenant, "--login", "azurecli"]);
      assert.ok(clusters[0]?.cluster["certificate-authority-data"]);
      assert.equal(clusters[0].cluster["insecure-skip-tls-verify"], undefined);
    });

    it("takes the minor version, so that the patches that AKS adds are no change", () => {
      assert.equal(inputs()["kubernetesVersion"], "1.35");
    });

    it("has one pool in its own record, whose size is the autoscaler's", () => {
      const [pool, ...others] = inputs()["agentPoolProfiles"] as Record<string, unknown>[];
      assert.deepEqual(others, []);
      assert.deepEqual(pool?.["nodeTaints"], ["CriticalAddonsOnly=true:NoSchedule"]);
      assert.deepEqual(made.recording.one(clusterType).options.ignoreChanges, ["agentPoolProfiles[0].count"]);
    });

    it("sends audit logs away", () => {
      const { inputs: setting } = made.recording.one(native("monitor:DiagnosticSetting"));
      assert.ok(JSON.stringify(setting["logs"]).includes("kube-audit-admin"));
    });
  });

  describe("pools", () => {
    const pool = (name: string) => made.recording.one(poolType, `kubeflow-${name}`);

    it("of GPUs have the one taint, and the cloud's own on spot nodes", () => {
      const spot = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule";
      assert.deepEqual(pool("t4").inputs["nodeTaints"], ["nvidia.com/gpu=present:NoSchedule", spot]);
      assert.deepEqual(pool("slices").inputs["nodeTaints"], ["nvidia.com/gpu=present:NoSchedule"]);
      assert.equal(pool("kubeflow").inputs["nodeTaints"], undefined);
    });

    it("have no public address, an encrypted disk, and leave their size to the autoscaler", () => {
      for (const { inputs, options } of made.recording.all(poolType)) {
        assert.partialDeepStrictEqual(inputs, {
          enableNodePublicIP: false,
          enableEncryptionAtHost: true,
          enableAutoScaling: true,
        });
        assert.deepEqual(options.ignoreChanges, ["count"]);
        assert.equal(options.deleteBeforeReplace, true);
      }
    });

    it("have the driver from the operator, or from AKS where that is asked for", () => {
      assert.deepEqual(pool("t4").inputs["gpuProfile"], { driver: "None" });
      assert.deepEqual(pool("aks").inputs["gpuProfile"], { driver: "Install" });
      assert.equal(pool("aks").inputs["gpuInstanceProfile"], "MIG2g");
      assert.equal(pool("slices").inputs["gpuInstanceProfile"], undefined);
      const labels = pool("aks").inputs["nodeLabels"] as Record<string, string>;
      assert.equal(labels["nvidia.com/gpu.deploy.driver"], "false");
    });

    it("take nodes from a reservation only where they are told to", () => {
      assert.equal(pool("kept").inputs["capacityReservationGroupID"], groupId());
      assert.equal(pool("t4").inputs["capacityReservationGroupID"], undefined);
    });

    it("are told to the platform as they are", () => {
      const seen = Object.fromEntries(made.target.gpuPools.map((item) => [item.name, item]));
      assert.equal(seen["slices"]?.resourceName, "nvidia.com/mig-1g.10gb");
      assert.equal(seen["aks"]?.driver, "preinstalled");
      assert.equal(seen["t4"]?.driver, "operator");
      assert.deepEqual(pool("t4").inputs["nodeLabels"], seen["t4"].labels);
    });
  });

  describe("operator", () => {
    const values = (from: Made) =>
      from.recording.one("kubernetes:helm.sh/v3:Release").inputs["values"] as Record<string, { enabled?: boolean }>;

    it("brings driver and toolkit, and stands on spot nodes", () => {
      assert.equal(values(made)["driver"]?.enabled, true);
      assert.equal(values(made)["toolkit"]?.enabled, true);
      assert.ok(JSON.stringify(values(made)["daemonsets"]).includes("scalesetpriority"));
    });

    it("brings no driver where AKS does, and is not there without GPUs", async () => {
      const managed = await make({ gpuPools: [{ name: "a", gpu: "a10", max: 1 }] });
      assert.equal(values(managed)["driver"]?.enabled, false);
      const none = await make({});
      assert.deepEqual(none.recording.all("kubernetes:helm.sh/v3:Release"), []);
    });
  });

  describe("permissions", () => {
    it("are never of the subscription, and say what principal they are for", () => {
      for (const { scope, principalType } of grants(made)) {
        assert.match(String(scope), /\/resourceGroups\//);
        assert.ok(principalType);
      }
    });

    it("of the bound service account are two prefixes of the container", () => {
      const bound = made.recording.all(grantType).filter(({ name }) => name.startsWith("team-a"));
      assert.deepEqual(bound.map(({ name }) => name).sort(), ["team-a-read", "team-a-read-write"]);
      for (const { inputs } of bound) {
        assert.match(String(inputs["scope"]), /\/blobServices\/default\/containers\/artifacts$/);
        assert.equal(inputs["conditionVersion"], "2.0");
      }
      const text = (name: string) => String(bound.find((item) => item.name === name)?.inputs["condition"]);
      assert.match(text("team-a-read-write"), /'team-a\/'/);
      assert.doesNotMatch(text("team-a-read-write"), /'shared\/'/);
      assert.doesNotMatch(text("team-a-read"), /blobs\/write/);
    });

    it("to write blobs are no permission to delete the container", () => {
      const [permission] = made.recording.one(native("authorization:RoleDefinition")).inputs["permissions"] as {
        readonly actions: readonly string[];
        readonly dataActions: readonly string[];
      }[];
      assert.deepEqual(permission?.actions, []);
      assert.ok(permission.dataActions.every((action) => action.includes("/containers/blobs/")));
    });

    it("of a service account are good for itself alone", () => {
      const { inputs } = made.recording.one(
        native("managedidentity:FederatedIdentityCredential"),
        "team-a-team-a-default-editor",
      );
      assert.equal(inputs["subject"], "system:serviceaccount:team-a:default-editor");
      assert.match(String(inputs["issuer"]), /^https:\/\/westeurope\.oic\.prod-aks\.azure\.com\//);
    });

    it("to write DNS records are of the zone", () => {
      const [grant, ...others] = grants(made).filter((item) => isRole(item, "dnsZoneContributor"));
      assert.deepEqual(others, []);
      assert.match(String(grant?.["scope"]), /dnsZones\/kubeflow-dev\.example\.com/);
    });

    it("of the deployer are there before the cluster", async () => {
      const grant = grants(made).find((item) => isRole(item, "aksRbacClusterAdmin"));
      assert.equal(grant?.["principalId"], ids.deployer);
      const before = made.recording.one(clusterType).options.dependsOn as pulumi.Resource[];
      const urns = await Promise.all(before.map(({ urn }) => valueOf(urn)));
      assert.ok(urns.some((urn) => urn.endsWith("kubeflow-deployer")));
    });

    it("of the kubelets are to pull images", () => {
      const pull = grants(made).filter((item) => isRole(item, "acrPull"));
      assert.equal(pull.length, 1);
      assert.match(String(pull[0]?.["scope"]), /registries\//);
    });

    it("are told to the service account, and its pods are marked for them", async () => {
      assert.ok(binding);
      assert.deepEqual(binding.podLabels, { "azure.workload.identity/use": "true" });
      const clientId = binding.serviceAccountAnnotations["azure.workload.identity/client-id"];
      assert.match((clientId && (await valueOf(clientId))) ?? "", /^[0-9a-f-]{36}$/);
    });

    it("are never of a prefix that would end the condition's quotes", () => {
      const access = [{ prefix: "x' OR '", permission: "read" }] as const;
      const { identity } = made.target;
      assert.throws(() => identity.bind("bad", { namespace: "a", name: "b" }, access, {}), /prefix "x' OR '"/);
    });
  });

  describe("data", () => {
    it("is not public, takes no account keys, and is encrypted with our key", () => {
      for (const { inputs } of made.recording.all(native("storage:StorageAccount"))) {
        assert.partialDeepStrictEqual(inputs, {
          ...{ allowBlobPublicAccess: false, allowSharedKeyAccess: false, minimumTlsVersion: "TLS1_2" },
          encryption: { keySource: "Microsoft.Keyvault" },
        });
        assert.equal((inputs["networkRuleSet"] as { defaultAction: string }).defaultAction, "Deny");
      }
      const { inputs } = made.recording.one(native("storage:StorageAccount"), "kubeflow-artifacts");
      assert.equal(inputs["publicNetworkAccess"], "Disabled");
    });

    it("is protected, and outlives the stack, as far as the level says", async () => {
      const kept = [
        "storage:BlobContainer",
        "dbformysql:Server",
        "keyvault:Vault",
        "dns:Zone",
        "resources:ResourceGroup",
      ];
      for (const type of kept) {
        const { options } = made.recording.one(native(type));
        assert.partialDeepStrictEqual(options, { protect: true, retainOnDelete: true }, type);
      }
      assert.equal(made.recording.all(native("authorization:ManagementLockByScope")).length, 2);
      const loose = await make({ protection: "none" });
      assert.deepEqual(loose.recording.all(native("authorization:ManagementLockByScope")), []);
      for (const { type, options } of loose.recording.resources) assert.ok(options.protect !== true, type);
    });

    it("has a database that only the network reaches, whose password is secret", () => {
      const { inputs } = made.recording.one(native("dbformysql:Server"));
      assert.ok(isSecret(inputs["administratorLoginPassword"]));
      assert.match(JSON.stringify(inputs["network"]), /subnets\/mysql.*private\.mysql\.database\.azure\.com/);
    });

    it("lets ML Metadata in without TLS unless it is shut out", async () => {
      const value = (from: Made) => from.recording.one(native("dbformysql:Configuration")).inputs["value"];
      assert.equal(value(made), "OFF");
      assert.equal(value(await make({ databaseTls: "required" })), "ON");
    });

    it("has keys in a vault that cannot be purged", () => {
      const { inputs } = made.recording.one(native("keyvault:Vault"));
      assert.partialDeepStrictEqual(inputs["properties"], {
        ...{ enablePurgeProtection: true, enableRbacAuthorization: true, publicNetworkAccess: "Disabled" },
      });
    });
  });

  describe("registry", () => {
    it("has no account of its own, and mirrors what Azure mirrors", () => {
      assert.equal(made.recording.one(native("containerregistry:Registry")).inputs["adminUserEnabled"], false);
      assert.deepEqual(Object.keys(made.target.registry.pullThrough), ["ghcr.io", "quay.io"]);
    });

    it("mirrors docker.io with an account", async () => {
      const secret = (name: string) => `https://vault.vault.azure.net/secrets/${name}`;
      const { target, recording } = await make({ dockerHub: { username: secret("user"), password: secret("token") } });
      assert.ok(target.registry.pullThrough["docker.io"]);
      const rules = recording.all(native("containerregistry:CacheRule"));
      assert.equal(rules.filter(({ inputs }) => inputs["credentialSetResourceId"] !== undefined).length, 1);
    });
  });

  describe("logins", () => {
    it("are of the groups that may, come back to the dashboard, and tell the groups", async () => {
      const { inputs } = made.recording.one("azuread:index/application:Application");
      assert.deepEqual(inputs["groupMembershipClaims"], ["ApplicationGroup"]);
      assert.partialDeepStrictEqual(inputs["web"], {
        redirectUris: [
          "https://kubeflow.kubeflow-dev.example.com/dex/callback",
          "https://kubeflow.kubeflow-dev.example.com/oauth2/callback",
        ],
        implicitGrant: { accessTokenIssuanceEnabled: false, idTokenIssuanceEnabled: false },
      });
      const principal = made.recording.one("azuread:index/servicePrincipal:ServicePrincipal");
      assert.equal(principal.inputs["appRoleAssignmentRequired"], true);
      assert.equal(made.target.oidc.groupsClaim, "groups");
      assert.match(await valueOf(made.target.oidc.issuerUrl), new RegExp(`/${ids.tenant}/v2\\.0$`));
    });

    it("says who issues the tokens of its service accounts", async () => {
      assert.match(await valueOf(made.target.tokenIssuer), /^https:\/\/[a-z0-9]+\.oic\.prod-aks\.azure\.com\//);
    });
  });

  describe("next steps", () => {
    it("name the quota that the pools need at most, and the name servers", async () => {
      const steps = await Promise.all(made.target.access.nextSteps.map((step) => valueOf(pulumi.output(step))));
      const text = steps.join("\n");
      assert.match(text, /8 vCPUs for Total Regional Spot/);
      assert.match(text, /48 vCPUs for Standard NCADS_A100_v4 Family/);
      assert.doesNotMatch(text, /NDSH100v5/, "a reservation has its quota already");
      assert.match(text, /delegate it to ns1-01\.azure-dns\.com\./);
    });
  });

  it("has everything in the cluster wait for nodes, access, classes, operator and registry", () => {
    const { ready } = made.target;
    const types = new Set(ready.map((resource) => (resource as { readonly __pulumiType?: string }).__pulumiType));
    for (const type of [clusterType, poolType, grantType, "kubernetes:helm.sh/v3:Release"])
      assert.ok(types.has(type), type);
  });

  it("tells all that is wrong at once, by its path", async () => {
    await assert.rejects(
      make({ networkRange: "10.244.0.0/16", gpuPools: [{ name: "a", gpu: "l4", max: 1 }] }),
      /kubeflow:aks\.networkRange[^]*kubeflow:aks\.gpuPools\[0\]\.gpu/,
    );
  });

  it("alerts of costs in both groups", async () => {
    const { recording } = await make({ budget: { monthlyUsd: 100, emails: ["a@example.com"] } });
    const { inputs, options } = recording.one(native("consumption:Budget"));
    const { dimensions } = inputs["filter"] as { readonly dimensions: { readonly values: readonly string[] } };
    assert.equal(dimensions.values.length, 2);
    assert.deepEqual(options.ignoreChanges, ["timePeriod"]);
  });
});
