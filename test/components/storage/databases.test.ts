import assert from "node:assert/strict";
import { at, listAt } from "../../../release/order/references.ts";
import { useRelease } from "../selection/support.ts";
import { database, keysOf, resolved, stored, variablesOf } from "./support.ts";

const release = useRelease();
const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

describe("Pipelines and Katib on the target's MySQL", () => {
  const given = (storage: object = {}, more: Parameters<typeof database>[0] = {}) =>
    stored(release(), { storage: { database: "target", ...storage }, target: { database: database(more) } });

  it("tells every client of Pipelines the host, the port and the user", async () => {
    const customised = given({}, { port: 3307 });
    const server = await variablesOf(customised, "ml-pipeline");
    for (const prefix of ["DBCONFIG", "DBCONFIG_MYSQLCONFIG"]) {
      assert.equal(server[`${prefix}_HOST`], "db.example.com", prefix);
      assert.equal(server[`${prefix}_PORT`], "3307", prefix);
      assert.equal(server[`${prefix}_USER`], "kubeflow", prefix);
    }
    const cache = await variablesOf(customised, "cache-server");
    assert.equal(cache["DBCONFIG_HOST_NAME"], "db.example.com");
    assert.equal(cache["DBCONFIG_USER"], "kubeflow");
  });

  it("leaves no MySQL in the cluster, and no password of its own", () => {
    const customised = given();
    assert.deepEqual(
      [...keysOf(customised)].filter((key) => /mysql/.test(key) && !key.startsWith("Secret/")),
      [],
    );
    assert.deepEqual(Object.keys(customised.credentials).sort(), [
      "katib-database-password",
      "pipelines-database-password",
    ]);
  });

  it("encrypts all of Pipelines' connections, each client in its own way", async () => {
    const customised = given();
    const server = await variablesOf(customised, "ml-pipeline");
    assert.equal(server["DBCONFIG_MYSQLCONFIG_EXTRAPARAMS"], '{"tls":"skip-verify"}');
    const cache = await resolved(customised, "Deployment.apps/kubeflow/cache-server");
    const [cacheServer] = listAt(at(cache, "spec", "template", "spec"), "containers");
    assert.ok(listAt(cacheServer, "args").includes('--db_extra_params={"tls":"skip-verify"}'));
    const metadata = await resolved(customised, "Deployment.apps/kubeflow/metadata-grpc-deployment");
    const [store] = listAt(at(metadata, "spec", "template", "spec"), "containers");
    const args = listAt(store, "args").map(String);
    assert.ok(args.includes("--metadata_store_server_config_file=/etc/metadata-store/config.pbtxt"));
    // Flags would win over nothing, and show the password in the list of processes.
    assert.ok(!args.some((arg) => arg.includes("mysql_config")));
    const secret = await resolved(customised, "Secret/kubeflow/metadata-store-config");
    const config = String(at(secret, "stringData", "config.pbtxt"));
    assert.match(config, /ssl_options \{\}/);
    assert.match(config, /host: "db\.example\.com"/);
    assert.match(config, /enable_upgrade_migration: true/);
  });

  it("checks who the database is where that is asked for, with the certificates that it is given", async () => {
    const customised = given({ databaseTls: "verify", databaseCa: pem });
    const server = await variablesOf(customised, "ml-pipeline");
    assert.equal(server["DBCONFIG_MYSQLCONFIG_EXTRAPARAMS"], '{"tls":"true"}');
    assert.equal(server["SSL_CERT_DIR"], "/etc/ssl/certs:/etc/mysql-ca");
    for (const name of ["ml-pipeline", "cache-server"]) {
      const deployment = await resolved(customised, `Deployment.apps/kubeflow/${name}`);
      const spec = at(deployment, "spec", "template", "spec");
      const [container] = listAt(spec, "containers");
      assert.ok(
        listAt(container, "volumeMounts").some((each) => at(each, "mountPath") === "/etc/mysql-ca"),
        name,
      );
      assert.ok(
        listAt(spec, "volumes").some((each) => at(each, "configMap", "name") === "mysql-ca"),
        name,
      );
    }
    assert.equal(at(await resolved(customised, "ConfigMap/kubeflow/mysql-ca"), "data", "ca.pem"), pem);
    assert.match(customised.notes.join("\n"), /ML Metadata encrypts without checking it/);
  });

  it("takes the target's own certificates", async () => {
    const customised = given({ databaseTls: "verify" }, { caCertificate: pem });
    assert.equal(at(await resolved(customised, "ConfigMap/kubeflow/mysql-ca"), "data", "ca.pem"), pem);
  });

  it("starts the pods again for another database: they read it when they start", async () => {
    const customised = given();
    for (const name of ["ml-pipeline", "cache-server", "metadata-grpc-deployment", "katib-db-manager"]) {
      const deployment = await resolved(customised, `Deployment.apps/kubeflow/${name}`);
      const annotations = at(deployment, "spec", "template", "metadata", "annotations");
      assert.equal(at(annotations, "kubeflow-pulumi.dev/database"), "kubeflow@db.example.com:3306", name);
    }
  });

  it("makes Katib's database, which nobody else does on a MySQL that others use", async () => {
    const deployment = await resolved(given(), "Deployment.apps/kubeflow/katib-db-manager");
    const [init] = listAt(at(deployment, "spec", "template", "spec"), "initContainers");
    assert.match(String(listAt(init, "command").at(-1)), /CREATE DATABASE IF NOT EXISTS/);
    assert.ok(!JSON.stringify(deployment).includes("hunter2"));
  });

  it("refuses what Katib cannot do, and takes its own database as the remedy", async () => {
    const { problems } = given({}, { tls: "required" });
    assert.match(problems.join("\n"), /Katib's client.*knows none: set kubeflow:storage\.katibDatabase to in-cluster/);
    const customised = given({ katibDatabase: "in-cluster" }, { tls: "required" });
    assert.deepEqual(customised.problems, []);
    assert.ok(keysOf(customised).has("Deployment.apps/kubeflow/katib-mysql"));
    assert.equal((await variablesOf(customised, "katib-db-manager"))["KATIB_MYSQL_DB_HOST"], undefined);
  });

  it("refuses connections in the clear to a database that takes TLS only", () => {
    const { problems } = given({ databaseTls: "off", katibDatabase: "in-cluster" }, { tls: "required" });
    assert.match(problems.join("\n"), /kubeflow:storage\.databaseTls: off.*set encrypt or verify/);
  });

  it("refuses a target without a database", () => {
    const { problems } = stored(release(), { storage: { database: "target" } });
    assert.match(problems.join("\n"), /kubeflow:storage\.database: target: the target kubeconfig has no database/);
  });

  it("says which logins ML Metadata can use, where the server's default is another", () => {
    assert.match(given({}, { version: "8.4" }).notes.join("\n"), /mysql_native_password/);
    assert.doesNotMatch(given().notes.join("\n"), /mysql_native_password/);
  });
});
