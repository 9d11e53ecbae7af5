import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { GkeTarget } from "../../../components/gke/gke-target.ts";
import { isSecret, opened, valueOf, type Recording } from "../../support/recording.ts";
import { generatedSecret } from "../../support/simulated-answers.ts";
import { type Inputs, nodePool, cluster, build, dependencies, nameOf } from "./built.ts";
import { project, projectNumber, settingsWith } from "./settings.ts";

const gpuPools = [
  { name: "l4", gpu: "l4", min: 1, max: 4, sharing: "time-slicing", clientsPerGpu: 4 },
  { name: "mig", gpu: "a100-80", max: 2, sharing: "mig", migProfile: "1g.10gb" },
  { name: "flex", gpu: "h100", gpusPerNode: 8, max: 3, capacity: "flex-start" },
  { name: "queued", gpu: "h200", gpusPerNode: 8, max: 3, capacity: "queued" },
  { name: "kept", gpu: "a100-40", max: 1, capacity: "reservation", reservation: "r", zones: ["europe-west4-b"] },
  { name: "spot", gpu: "t4", max: 1, capacity: "spot", driver: "operator" },
];

describe("GkeTarget", () => {
  let recording: Recording;
  let target: GkeTarget;
  before(async () => {
    const more = { gpuPools, cpuPools: [{ name: "work", max: 3 }], admins: ["group:admins@example.com"] };
    ({ recording, target } = await build(settingsWith(more)));
  });

  const nodeOf = (name: string): Inputs => recording.one(nodePool, `cluster-${name}`).inputs["nodeConfig"] as Inputs;

  it("keeps nodes and the control plane's address private", () => {
    const { inputs } = recording.one(cluster);
    assert.deepEqual(inputs["privateClusterConfig"], { enablePrivateNodes: true });
    assert.deepEqual(inputs["controlPlaneEndpointsConfig"], {
      dnsEndpointConfig: { allowExternalTraffic: true, enableK8sCertsViaDns: false, enableK8sTokensViaDns: false },
      ipEndpointsConfig: { enabled: false },
    });
    for (const pool of recording.all(nodePool)) {
      const network = pool.inputs["networkConfig"] as Inputs;
      assert.equal(network["enablePrivateNodes"], true, pool.name);
    }
  });

  it("opens the address to the ranges that are named, and to no other", async () => {
    const built = await build(settingsWith({ authorizedNetworks: ["203.0.113.0/24"] }));
    const { inputs } = built.recording.one(cluster);
    assert.deepEqual(inputs["masterAuthorizedNetworksConfig"], {
      cidrBlocks: [{ cidrBlock: "203.0.113.0/24" }],
      gcpPublicCidrsAccessEnabled: false,
    });
  });

  it("encrypts secrets, disks, objects, images and the database with keys of the project", () => {
    const key = (name: string): string =>
      `projects/${project}/locations/europe-west4/keyRings/cluster-keys-a1b2c3d~sim-0123456789/cryptoKeys/cluster-keys-${name}-a1b2c3d~sim-0123456789`;
    assert.deepEqual(recording.one(cluster).inputs["databaseEncryption"], {
      state: "ENCRYPTED",
      keyName: key("secrets"),
    });
    for (const { name, inputs } of recording.all(nodePool)) {
      assert.equal((inputs["nodeConfig"] as Inputs)["bootDiskKmsKey"], key("data"), name);
    }
    for (const { inputs } of recording.all("gcp:artifactregistry/repository:Repository")) {
      assert.equal(inputs["kmsKeyName"], key("data"));
    }
    assert.deepEqual(recording.one("gcp:storage/bucket:Bucket").inputs["encryption"], {
      defaultKmsKeyName: key("data"),
    });
    assert.equal(recording.one("gcp:sql/databaseInstance:DatabaseInstance").inputs["encryptionKeyName"], key("data"));
  });

  it("lets nobody into the cluster by certificate, password or anonymously", () => {
    const { inputs } = recording.one(cluster);
    assert.equal(inputs["enableLegacyAbac"], false);
    assert.deepEqual(inputs["masterAuth"], { clientCertificateConfig: { issueClientCertificate: false } });
    assert.deepEqual(inputs["anonymousAuthenticationConfig"], { mode: "LIMITED" });
    const admins = recording.one("gcp:projects/iAMMember:IAMMember", "cluster-access-admin-group-admins-example-com");
    assert.deepEqual(admins.inputs, { project, role: "roles/container.admin", member: "group:admins@example.com" });
  });

  it("makes a bucket that is never public and keeps old versions for a while", () => {
    const { inputs } = recording.one("gcp:storage/bucket:Bucket");
    assert.equal(inputs["publicAccessPrevention"], "enforced");
    assert.equal(inputs["uniformBucketLevelAccess"], true);
    assert.deepEqual(inputs["versioning"], { enabled: true });
    assert.match(JSON.stringify(inputs["lifecycleRules"]), /"daysSinceNoncurrentTime":30/);
  });

  it("makes a database without a public address, whose password is nowhere in the plain", async () => {
    const { inputs } = recording.one("gcp:sql/databaseInstance:DatabaseInstance");
    const { ipConfiguration, databaseFlags } = inputs["settings"] as Inputs;
    assert.deepEqual(ipConfiguration, {
      ipv4Enabled: false,
      pscConfigs: [{ pscEnabled: true, allowedConsumerProjects: [project] }],
      sslMode: "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
    });
    assert.deepEqual(databaseFlags, [{ name: "default_authentication_plugin", value: "mysql_native_password" }]);
    const user = recording.one("gcp:sql/user:User").inputs;
    assert.ok(isSecret(user["passwordWo"]));
    assert.equal(opened(user["passwordWo"]), generatedSecret);
    assert.ok(await pulumi.isSecret(target.database.password));
    assert.equal(await valueOf(target.database.host), "10.0.0.10");
  });

  it("gives nodes an account of their own, with no role but that of nodes", () => {
    const email = `cluster-nodes-a1b2c3d@${project}.iam.gserviceaccount.com`;
    for (const { name, inputs } of recording.all(nodePool)) {
      assert.equal((inputs["nodeConfig"] as Inputs)["serviceAccount"], email, name);
    }
    const roles = recording.resources.filter(({ inputs }) => inputs["member"] === `serviceAccount:${email}`);
    assert.deepEqual([...new Set(roles.map(({ inputs }) => inputs["role"]))].toSorted(), [
      "roles/artifactregistry.reader",
      "roles/container.defaultNodeServiceAccount",
    ]);
  });

  it("taints GPU pools and no other, and makes them after a pool without GPUs", () => {
    for (const { name, inputs, options } of recording.all(nodePool)) {
      const { taints, guestAccelerators } = inputs["nodeConfig"] as Inputs;
      if (guestAccelerators === undefined) {
        assert.equal(taints, undefined, name);
      } else {
        assert.deepEqual(taints, [{ key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" }], name);
        assert.ok(dependencies(options).includes("cluster-system"), name);
      }
    }
  });

  it("scales a pool between what was asked for", () => {
    const { inputs } = recording.one(nodePool, "cluster-l4");
    assert.deepEqual(inputs["autoscaling"], { totalMinNodeCount: 1, totalMaxNodeCount: 4, locationPolicy: "BALANCED" });
    // Per zone, and one in each of two would be within the four.
    assert.equal(inputs["initialNodeCount"], 1);
    assert.equal(recording.one(nodePool, "cluster-mig").inputs["initialNodeCount"], 0);
  });

  it("shares and cuts GPUs as asked, with GKE's driver or none", () => {
    const accelerators = ["l4", "mig", "spot"].map((name) => nodeOf(name)["guestAccelerators"]);
    const managed = { gpuDriverInstallationConfig: { gpuDriverVersion: "DEFAULT" } };
    const sharing = { gpuSharingConfig: { gpuSharingStrategy: "TIME_SHARING", maxSharedClientsPerGpu: 4 } };
    assert.deepEqual(accelerators, [
      [{ type: "nvidia-l4", count: 1, ...managed, ...sharing }],
      [{ type: "nvidia-a100-80gb", count: 1, ...managed, gpuPartitionSize: "1g.10gb" }],
      [
        {
          type: "nvidia-tesla-t4",
          count: 1,
          gpuDriverInstallationConfig: { gpuDriverVersion: "INSTALLATION_DISABLED" },
        },
      ],
    ]);
    const labels = nodeOf("spot")["labels"] as Inputs;
    assert.equal(labels["gke-no-default-nvidia-gpu-device-plugin"], "true");
  });

  it("gets each kind of capacity in the way that GKE takes it", () => {
    const none = { consumeReservationType: "NO_RESERVATION" };
    assert.deepEqual([nodeOf("spot")["spot"], nodeOf("spot")["reservationAffinity"]], [true, none]);
    assert.deepEqual([nodeOf("flex")["flexStart"], nodeOf("flex")["maxRunDuration"]], [true, "604800s"]);
    assert.deepEqual(nodeOf("flex")["reservationAffinity"], none);
    const flex = recording.one(nodePool, "cluster-flex").inputs;
    assert.deepEqual(flex["management"], { autoRepair: false, autoUpgrade: true });
    assert.equal(flex["queuedProvisioning"], undefined);
    const queued = recording.one(nodePool, "cluster-queued").inputs;
    assert.deepEqual(queued["queuedProvisioning"], { enabled: true });
    assert.equal((nodeOf("queued")["labels"] as Inputs)["cloud.google.com/gke-queued"], "true");
    assert.deepEqual(nodeOf("kept")["reservationAffinity"], {
      consumeReservationType: "SPECIFIC_RESERVATION",
      key: "compute.googleapis.com/reservation-name",
      values: ["r"],
    });
  });

  it("takes the disks that the machine takes, and the SSDs that come with it", () => {
    assert.equal(nodeOf("queued")["diskType"], "hyperdisk-balanced");
    assert.deepEqual(nodeOf("flex")["ephemeralStorageLocalSsdConfig"], { localSsdCount: 16 });
    assert.equal(nodeOf("l4")["ephemeralStorageLocalSsdConfig"], undefined);
    recording.one("kubernetes:storage.k8s.io/v1:StorageClass", "cluster-storage-hyperdisk");
  });

  it("deletes what is in the cluster before pools, these before the cluster, and that before what it stands on", () => {
    const needs = (type: string, name: string): readonly string[] => dependencies(recording.one(type, name).options);
    const classNeeds = needs("kubernetes:storage.k8s.io/v1:StorageClass", "cluster-storage-balanced");
    for (const { name } of recording.all(nodePool)) assert.ok(classNeeds.includes(name), name);
    assert.ok(needs(nodePool, "cluster-system").includes("cluster-network-nat"));
    const clusterNeeds = dependencies(recording.one(cluster).options);
    for (const name of ["cluster-network-nat", "cluster-keys-secrets-container", "cluster-nodes-role"]) {
      assert.ok(clusterNeeds.includes(name), name);
    }
    const data = [
      "gcp:storage/bucket:Bucket cluster-artifacts",
      "gcp:sql/databaseInstance:DatabaseInstance cluster-database",
    ];
    for (const [type = "", name = ""] of data.map((item) => item.split(" "))) {
      assert.ok(
        needs(type, name).some((need) => need.startsWith("cluster-keys-data-")),
        name,
      );
    }
    const ready = target.ready.map((resource) => nameOf(resource));
    const expected = ["system", "l4", "network-nat", "storage-balanced", "dns-external-dns"];
    for (const name of expected.map((part) => `cluster-${part}`)) {
      assert.ok(ready.includes(name), name);
    }
  });

  it("calls things by what a preview can show", async () => {
    assert.deepEqual(
      [target.storage.defaultClass, target.storage.sharedClass],
      ["kubeflow-balanced", "kubeflow-shared"],
    );
    assert.equal(await valueOf(target.objectStore.url), "gs://cluster-artifacts-a1b2c3d");
    const mirrors = await Promise.all(Object.values(target.registry.pullThrough).map(valueOf));
    assert.equal(mirrors[0], `europe-west4-docker.pkg.dev/${project}/kubeflow-docker-io`);
    assert.equal(target.oidc, undefined);
    const [step] = target.access.nextSteps;
    assert.ok(typeof step === "string");
    assert.match(step, /OAuth client.*kubeflow\.kubeflow-dev\.example\.com\/dex\/callback/);
  });

  it("labels everything that takes labels", () => {
    const labelled: Readonly<Record<string, string>> = {
      "gcp:storage/bucket:Bucket": "labels",
      "gcp:kms/cryptoKey:CryptoKey": "labels",
      "gcp:dns/managedZone:ManagedZone": "labels",
      "gcp:artifactregistry/repository:Repository": "labels",
      [cluster]: "resourceLabels",
    };
    for (const [type, key] of Object.entries(labelled)) {
      for (const { name, inputs } of recording.all(type)) {
        const labels = inputs[key] as Inputs;
        assert.deepEqual([labels["cluster"], labels["environment"]], ["kubeflow", "dev"], name);
      }
    }
  });

  it("tells people of the budget, asks for the quota, and has a standby, where the stack wants them", async () => {
    const { recording } = await build(
      settingsWith({
        gpuPools,
        budget: { monthlyUsd: 500, emails: ["user@example.com"] },
        billingAccount: "000000-000000-000001",
        requestQuota: true,
        quotaContact: "user@example.com",
        iapMembers: ["group:users@example.com"],
        securityGroup: "gke-security-groups@example.com",
        database: { highlyAvailable: true, backupDays: 30 },
        mysqlTls: "required",
      }),
    );
    const budget = recording.one("gcp:billing/budget:Budget").inputs;
    assert.deepEqual(budget["budgetFilter"], { projects: [`projects/${projectNumber}`] });
    assert.deepEqual(budget["amount"], { specifiedAmount: { currencyCode: "USD", units: "500" } });
    const quota = recording.one(
      "gcp:cloudquota/sQuotaPreference:SQuotaPreference",
      "cluster-quota-nvidia-l4-gpus-per-project-region",
    ).inputs;
    assert.deepEqual(
      [quota["quotaConfig"], quota["dimensions"]],
      [{ preferredValue: "4" }, { region: "europe-west4" }],
    );
    const member = recording.one("gcp:iap/webIamMember:WebIamMember").inputs;
    assert.equal(member["role"], "roles/iap.httpsResourceAccessor");
    const group = { securityGroup: "gke-security-groups@example.com" };
    assert.deepEqual(recording.one(cluster).inputs["authenticatorGroupsConfig"], group);
    const { availabilityType, backupConfiguration, ipConfiguration } = recording.one(
      "gcp:sql/databaseInstance:DatabaseInstance",
    ).inputs["settings"] as Readonly<Record<string, Inputs | string>>;
    assert.equal(availabilityType, "REGIONAL");
    assert.deepEqual((backupConfiguration as Inputs)["backupRetentionSettings"], {
      retainedBackups: 30,
      retentionUnit: "COUNT",
    });
    assert.equal((ipConfiguration as Inputs)["sslMode"], "ENCRYPTED_ONLY");
  });

  it("refuses what GKE would, all of it in one message and before anything is made", async () => {
    const wrong = settingsWith({ zones: ["us-east1-b"], gpuPools: [{ name: "a", gpu: "a10g", max: 1 }] });
    await assert.rejects(
      build(wrong),
      /kubeflow:gke\.zones: "us-east1-b".*\n.*kubeflow:gke\.gpuPools\[0\]\.gpu: "a10g"/,
    );
  });

  it("takes the OAuth client that people made, as no API makes one", async () => {
    const oauthClientSecret = pulumi.secret("hunter2");
    const built = await build(settingsWith({ oauthClientId: "client.example" }), { oauthClientSecret });
    const { oidc } = built.target;
    assert.ok(oidc);
    assert.equal(await valueOf(oidc.issuerUrl), "https://accounts.google.com");
    assert.ok(await pulumi.isSecret(oidc.clientSecret));
    assert.equal(oidc.groupsClaim, undefined);
  });

  it("says who issues the tokens of its service accounts", async () => {
    const { target } = await build(settingsWith({}));
    const issuer = await valueOf(target.tokenIssuer);
    assert.match(
      issuer,
      /^https:\/\/container\.googleapis\.com\/v1\/projects\/[a-z0-9-]+\/locations\/[a-z0-9-]+\/clusters\/[a-z0-9-]+$/,
    );
  });
});
