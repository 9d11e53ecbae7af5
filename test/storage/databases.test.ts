/** A real MariaDB, and real clients with exactly the settings that the rendered objects give to Pipelines and Katib. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import mysql from "mysql2/promise";
import type { CustomisedRelease } from "../../components/kubeflow/customisation.ts";
import { at, listAt } from "../../release/order/references.ts";
import { hasApt } from "../../tools/debian.ts";
import { database, resolved, stored, variablesOf } from "../components/storage/support.ts";
import { useRelease } from "../components/selection/support.ts";
import { notRun } from "../support/not-run.ts";
import { startMariadb, type Mariadb } from "./mariadb.ts";
import { metadataClient } from "./metadata-client.ts";
import { temporaryFolder } from "./processes.ts";

describe("Pipelines and Katib with a real MariaDB that takes TLS only", function () {
  this.timeout(5 * 60_000);
  const release = useRelease();
  let server: Mariadb;
  let stop: Mariadb["stop"] | undefined;

  before(async function () {
    if (!(await hasApt())) notRun(this, "no apt-get here for a MariaDB: no client was tried with rendered settings");
    server = await startMariadb();
    stop = server.stop;
  });
  after(async () => {
    await stop?.();
  });

  const given = (storage: object): CustomisedRelease =>
    stored(release(), {
      storage: { database: "target", katibDatabase: "in-cluster", ...storage },
      target: {
        database: database({
          ...{ host: pulumi.output(server.host), port: server.port, username: server.username, tls: "required" },
          password: pulumi.secret(server.password),
        }),
      },
    });

  /** As the API server of Pipelines 2.16 makes its connection of its variables. */
  const pipelinesConnection = async (customised: CustomisedRelease): Promise<mysql.Connection> => {
    const secrets = { "mysql-secret/password": server.password };
    const variables = await variablesOf(customised, "ml-pipeline", 0, secrets);
    const parameters = JSON.parse(variables["DBCONFIG_MYSQLCONFIG_EXTRAPARAMS"] ?? "{}") as { readonly tls?: string };
    const ca = (await mountedCa(customised)) ?? "";
    const ssl = { true: { ca, verifyIdentity: true }, "skip-verify": { rejectUnauthorized: false } }[
      parameters.tls ?? ""
    ];
    return await mysql.createConnection({
      host: variables["DBCONFIG_MYSQLCONFIG_HOST"] ?? "",
      port: Number(variables["DBCONFIG_MYSQLCONFIG_PORT"]),
      user: variables["DBCONFIG_MYSQLCONFIG_USER"] ?? "",
      password: variables["DBCONFIG_MYSQLCONFIG_PASSWORD"] ?? "",
      ...(ssl === undefined ? {} : { ssl }),
    });
  };

  for (const databaseTls of ["encrypt", "verify"] as const) {
    it(`lets Pipelines make and use its database: ${databaseTls}`, async () => {
      const customised = given({ databaseTls, ...(databaseTls === "verify" ? { databaseCa: server.ca } : {}) });
      const { DBCONFIG_MYSQLCONFIG_DBNAME: name = "" } = await variablesOf(customised, "ml-pipeline");
      const connection = await pipelinesConnection(customised);
      try {
        await connection.query(`CREATE DATABASE IF NOT EXISTS ${name}`);
        await connection.query(`CREATE TABLE IF NOT EXISTS ${name}.runs (id INT PRIMARY KEY)`);
        await connection.query(`REPLACE INTO ${name}.runs VALUES (1)`);
        const [rows] = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'");
        assert.match(JSON.stringify(rows), /TLS|AES|CHACHA/, "the connection is in the clear");
      } finally {
        await connection.end();
      }
    });
  }

  it("does not take another server for the database where its certificate is checked", async () => {
    const customised = given({ databaseTls: "verify", databaseCa: server.otherCa });
    await assert.rejects(pipelinesConnection(customised), /certificate/);
  });

  it("refuses a connection in the clear: what databaseTls: off is refused for at preview", async () => {
    const customised = given({ databaseTls: "off" });
    assert.match(customised.problems.join("\n"), /databaseTls: off/);
    const { host, port, username: user, password } = server;
    // The same login is let in over TLS.
    await assert.rejects(mysql.createConnection({ host, port, user, password }), /insecure transport|Access denied/i);
  });

  it("lets ML Metadata's own client in with the rendered configuration, and not without TLS", async function () {
    const client = await metadataClient();
    if (typeof client === "string") notRun(this, `ML Metadata's client was not tried: ${client}`);
    const folder = await temporaryFolder();
    try {
      const secret = await resolved(given({}), "Secret/kubeflow/metadata-store-config");
      const rendered = String(at(secret, "stringData", "config.pbtxt"));
      const file = path.join(folder, "config.pbtxt");
      await fs.writeFile(file, rendered);
      assert.match(await client.connect(file), /^connected/m);
      await fs.writeFile(file, rendered.replace(/ssl_options \{\}/, ""));
      assert.match(await client.connect(file), /^refused/m);
    } finally {
      await fs.rm(folder, { recursive: true });
    }
  });

  it("makes Katib's database by the rendered command and lets its db-manager in", async () => {
    const { host, port, username: user, password } = server;
    const root = await mysql.createConnection({ host, port, user, password, ssl: { rejectUnauthorized: false } });
    await root.query("SET GLOBAL require_secure_transport = OFF");
    try {
      const customised = stored(release(), {
        storage: { database: "target" },
        target: { database: database({ host: pulumi.output(host), port, username: user }) },
      });
      const deployment = await resolved(customised, "Deployment.apps/kubeflow/katib-db-manager");
      const [init] = listAt(at(deployment, "spec", "template", "spec"), "initContainers");
      const variables = await variablesOf(customised, "katib-db-manager", 0, {
        "katib-mysql-secrets/MYSQL_ROOT_PASSWORD": password,
      });
      const [file = "", ...args] = listAt(init, "command").map(String);
      for (let time = 0; time < 2; time += 1) {
        await execa(file, args, { env: { ...server.packages.env, ...variables, MYSQL_PWD: password } });
      }
      const connection = await mysql.createConnection({
        host: variables["KATIB_MYSQL_DB_HOST"] ?? "",
        port: Number(variables["KATIB_MYSQL_DB_PORT"]),
        user: variables["DB_USER"] ?? "",
        password: variables["DB_PASSWORD"] ?? "",
        database: variables["KATIB_MYSQL_DB_DATABASE"] ?? "",
      });
      await connection.query("CREATE TABLE IF NOT EXISTS observation_logs (trial_name VARCHAR(255))");
      await connection.end();
    } finally {
      await root.query("SET GLOBAL require_secure_transport = ON");
      await root.end();
    }
  });
});

/** The certificates that a Deployment's pods find in their folder. */
async function mountedCa(customised: CustomisedRelease): Promise<string | undefined> {
  if (!customised.release.objects.some(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "mysql-ca")) {
    return undefined;
  }
  return String(at(await resolved(customised, "ConfigMap/kubeflow/mysql-ca"), "data", "ca.pem"));
}
