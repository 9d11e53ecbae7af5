import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { valueOf } from "../../support/recording.ts";
import { type Made, clusterType, grantType, groupId, make, makeWhole, native, poolType } from "./made.ts";
import { ids } from "./settings.ts";

describe("AksTarget", () => {
  let made: Awaited<ReturnType<typeof makeWhole>>;
  before(async () => {
    made = await makeWhole();
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
