import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { CustomisedRelease } from "../../../components/kubeflow/customisation.ts";
import { objectKey } from "../../../kubernetes/objects.ts";
import { at, listAt } from "../../../release/order/references.ts";
import { useRelease } from "../selection/support.ts";
import { database, identity, keysOf, objectStore, resolved } from "../storage/support.ts";
import { backedUp } from "./support.ts";

const cronJob = "CronJob.batch/kubeflow/database-backup";
const objectStoreWithVersions = objectStore("s3", { versionsKeptDays: 30 });

async function podOf(customised: CustomisedRelease, key = cronJob) {
  return at(await resolved(customised, key), "spec", "jobTemplate", "spec", "template");
}

async function variablesOf(customised: CustomisedRelease, container: number) {
  const found = listAt(listAt(at(await podOf(customised), "spec"), "containers")[container], "env");
  return new Map(found.map((each) => [String(at(each, "name")), at(each, "value") ?? at(each, "valueFrom")]));
}

describe("dumps of the databases", () => {
  const release = useRelease();
  const target = { objectStore: objectStoreWithVersions, identity: identity([]) };

  it("are taken from the servers in the cluster, with the Secrets that their own clients use", async () => {
    const { customised } = await backedUp(release(), { target });
    const variables = await variablesOf(customised, 0);
    assert.equal(variables.get("SOURCES"), "pipelines katib");
    assert.equal(variables.get("pipelines_DATABASES"), "mlpipeline metadb cachedb");
    assert.deepEqual(variables.get("pipelines_HOST"), {
      configMapKeyRef: { name: "pipeline-install-config", key: "dbHost" },
    });
    assert.deepEqual(variables.get("pipelines_PASSWORD"), { secretKeyRef: { name: "mysql-secret", key: "password" } });
    assert.deepEqual(variables.get("katib_PASSWORD"), {
      secretKeyRef: { name: "katib-mysql-secrets", key: "MYSQL_ROOT_PASSWORD" },
    });
    assert.equal(variables.get("katib_HOST"), "katib-mysql");
  });

  it("get through the mesh to the MySQL of Pipelines, and their job ends", async () => {
    const { customised } = await backedUp(release(), { target });
    const policy = await resolved(customised, "AuthorizationPolicy.security.istio.io/kubeflow/mysql");
    const [rule] = listAt(policy["spec"], "rules");
    const principals = listAt(at(listAt(rule, "from")[0], "source"), "principals");
    assert.ok(principals.includes("cluster.local/ns/kubeflow/sa/database-backup"));
    assert.ok(principals.includes("cluster.local/ns/kubeflow/sa/ml-pipeline"));
    const metadata = at(await podOf(customised), "metadata");
    assert.equal(at(metadata, "labels", "sidecar.istio.io/inject"), "true");
    assert.equal(at(metadata, "annotations", "sidecar.istio.io/nativeSidecar"), "true");
  });

  it("are taken from the target's MySQL as its clients are told to reach it", async () => {
    const given = {
      storage: { database: "target", katibDatabase: "in-cluster", databaseTls: "verify", artifacts: "target" },
      target: { ...target, database: database({ tls: "required", caCertificate: "-----BEGIN CERTIFICATE-----" }) },
    };
    const { customised } = await backedUp(release(), given);
    const files = at(await resolved(customised, "ConfigMap/kubeflow/database-backup"), "data") as Record<
      string,
      string
    >;
    assert.match(files["pipelines.cnf"] ?? "", /^loose-ssl-mode=VERIFY_IDENTITY$/m);
    assert.match(files["pipelines.cnf"] ?? "", /^ssl-ca=\/etc\/database-backup\/pipelines-ca\.pem$/m);
    assert.equal(files["pipelines-ca.pem"], "-----BEGIN CERTIFICATE-----");
    assert.match(files["katib.cnf"] ?? "", /^loose-ssl-mode=PREFERRED$/m);
    assert.equal(at(await podOf(customised), "metadata", "labels", "sidecar.istio.io/inject"), "false");
    assert.doesNotMatch(JSON.stringify(files), /hunter2/);
  });

  it("carry the identity that may use their part of the bucket, and no other key", async () => {
    const { customised } = await backedUp(release(), { target });
    assert.equal(at(await podOf(customised), "metadata", "labels", "cloud.example.com/use"), "true");
    const account = await resolved(customised, "ServiceAccount/kubeflow/database-backup");
    assert.deepEqual(at(account, "metadata", "annotations"), { "cloud.example.com/role": "role-of-database-backup" });
    assert.ok(!keysOf(customised).has("Secret/kubeflow/database-backup"));
    const variables = await variablesOf(customised, 1);
    assert.equal(variables.get("PREFIX"), "backup/databases/");
    assert.equal(variables.get("RCLONE_CONFIG_STORE_ENV_AUTH"), "true");
  });

  it("name no secret in a command or a plain variable: a store's key is in a Secret", async () => {
    const credentials = { accessKey: pulumi.secret("own-access-key"), secretKey: pulumi.secret("own-secret-key") };
    const store = objectStore("s3", { endpoint: "https://s3.example.com", versionsKeptDays: 30, credentials });
    const { customised } = await backedUp(release(), { target: { objectStore: store } });
    const variables = await variablesOf(customised, 1);
    assert.deepEqual(variables.get("RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY"), {
      secretKeyRef: { name: "database-backup", key: "secretKey" },
    });
    for (const object of customised.release.objects.filter(
      ({ kind, metadata }) => kind !== "Secret" && metadata.name.startsWith("database-"),
    )) {
      assert.doesNotMatch(JSON.stringify(await resolved(customised, objectKey(object))), /own-secret-key/);
    }
  });

  it("are put back only by hand", async () => {
    const { customised } = await backedUp(release(), { target });
    const restore = await resolved(customised, "CronJob.batch/kubeflow/database-restore");
    assert.equal(at(restore, "spec", "suspend"), true);
  });

  it("are not made without Pipelines and Katib, nor is anything without the key", async () => {
    const bare = { ...release(), objects: release().objects.filter(({ kind }) => kind !== "Deployment") };
    const { customised } = await backedUp(bare, { target });
    assert.ok(!keysOf(customised).has(cronJob));
  });
});
