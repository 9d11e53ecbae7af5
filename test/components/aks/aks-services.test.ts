import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { isSecret, valueOf } from "../../support/recording.ts";
import { type Made, clusterType, grants, grantType, isRole, make, makeWhole, native } from "./made.ts";
import { ids } from "./settings.ts";

describe("what an AksTarget has beside its cluster", () => {
  let made: Awaited<ReturnType<typeof makeWhole>>;
  before(async () => {
    made = await makeWhole();
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
      assert.deepEqual(made.binding.podLabels, { "azure.workload.identity/use": "true" });
      const clientId = made.binding.serviceAccountAnnotations["azure.workload.identity/client-id"];
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
});
