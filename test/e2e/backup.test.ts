/**
 * The rehearsal of a restore: tenants with what people made in them, databases and objects that are written to meanwhile;
 * a backup by the real Velero and the rendered dump; everything lost; everything put back, and compared.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import mysql from "mysql2/promise";
import { restoreModifiers, templateOf } from "../../components/backup/velero-values.ts";
import { backupSettings } from "../../components/backup/settings.ts";
import { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { readCrd } from "../../release/crds.ts";
import { hasApt } from "../../tools/debian.ts";
import { backedUp } from "../components/backup/support.ts";
import { useRelease } from "../components/selection/support.ts";
import { objectStore } from "../components/storage/support.ts";
import { peoplesObjects, platformTenants, tenantCrds, tenantKinds, tenantNames } from "../backup/tenants.ts";
import { putBackAsOf, startContainers, startStore, storeKeys, type Containers, type Store } from "../backup/stores.ts";
import { installCrds, startVelero, type Velero } from "../backup/velero.ts";
import { startWriter } from "../backup/writer.ts";
import { testManager } from "../support/cluster.ts";
import { notRun } from "../support/not-run.ts";
import { valueOf } from "../support/recording.ts";
import { useSandbox } from "../support/sandbox.ts";
import { differences, stateOf, type State } from "../support/state-comparison.ts";

const settings = backupSettings.parse({ volumes: "none" });
const options = { fieldManager: testManager, force: true };

describe("a restore, rehearsed", function () {
  const sandbox = useSandbox("backup");
  const release = useRelease();
  let client: KubernetesClient;
  let store: Store;
  let containers: Containers;
  let velero: Velero;
  const ends: (() => Promise<void>)[] = [];

  before(async function () {
    if (!(await hasApt())) notRun(this, "no apt-get here for MariaDB and rclone: no restore was rehearsed");
    client = new KubernetesClient({ kubeconfig: sandbox().kubeconfig });
    ends.push(async () => await client.close());
    store = await startStore();
    ends.push(store.stop);
    const credentials = {
      accessKey: pulumi.secret(storeKeys.accessKey),
      secretKey: pulumi.secret(storeKeys.secretKey),
    };
    const { endpoint, bucket } = store;
    const target = { endpoint, bucket: pulumi.output(bucket), versionsKeptDays: 30, credentials };
    const given = { target: { objectStore: objectStore("s3", target) } };
    const { customised, recording } = await backedUp(release(), given);
    const own = customised.release.objects.filter(({ metadata }) => metadata.name.startsWith("database-"));
    const objects = await Promise.all(own.map(async (object) => await valueOf(pulumi.output(object))));
    containers = await startContainers(objects, ({ host, port, username, password }) => ({
      ...Object.fromEntries(
        ["pipelines", "katib"].flatMap((source) => [
          [`${source}_HOST`, host],
          [`${source}_PORT`, String(port)],
          [`${source}_USER`, username],
          [`${source}_PASSWORD`, password],
        ]),
      ),
      RCLONE_CONFIG_STORE_ACCESS_KEY_ID: storeKeys.accessKey,
      RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: storeKeys.secretKey,
    }));
    ends.push(containers.stop);
    const crds = release().crds.filter(({ name }) => tenantCrds.has(name));
    await installCrds(client, await Promise.all(crds.map(async (crd) => await readCrd(crd))));
    velero = await startVelero(
      client,
      sandbox().kubeconfig,
      recording.one("kubernetes:helm.sh/v3:Release").inputs["values"],
    );
    ends.push(velero.stop);
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  const connect = async (): Promise<mysql.Connection> => {
    const { host, port, username: user, password } = containers.database;
    return await mysql.createConnection({ host, port, user, password, ssl: { rejectUnauthorized: false } });
  };

  it("brings databases and objects back as they were at one moment, though both were written to meanwhile", async function () {
    const database = await connect();
    for (const name of ["mlpipeline", "metadb", "cachedb", "katib"]) {
      await database.query(`CREATE DATABASE ${name}`);
      await database.query(
        `CREATE TABLE ${name}.things (id INT PRIMARY KEY, uri VARCHAR(200), digest CHAR(64), note BLOB)`,
      );
    }
    // Bytes that quoting and character sets would change.
    await database.query("INSERT INTO katib.things VALUES (1, ?, ?, ?)", [
      "é'\"\\\n",
      "d",
      Buffer.from([0, 255, 39, 92, 10, 26]),
    ]);
    const [katibBefore] = await database.query("SELECT * FROM katib.things");
    const writer = startWriter(await connect(), store, "metadb.things");
    await writer.hasWritten(200);
    const said = await containers.run("database-backup");
    const written = await writer.stop();
    assert.ok(written > 200, `${written} artifacts`);
    const [, id] = /stored (\S+)/.exec(said) ?? [];
    assert.ok(id, said);
    const manifest = JSON.parse(await textOf(`backup/databases/${id}/manifest.json`)) as Manifest;
    assert.deepEqual(
      manifest.databases.map(({ databases }) => databases),
      [["mlpipeline", "metadb", "cachedb"], ["katib"]],
    );
    for (const { file, sha256 } of manifest.databases) {
      assert.equal(
        createHash("sha256")
          .update(await bytesOf(`backup/databases/${id}/${file}`))
          .digest("hex"),
        sha256,
      );
    }

    // What is lost: databases, and objects that were deleted or written over.
    for (const name of ["mlpipeline", "metadb", "cachedb", "katib"]) await database.query(`DROP DATABASE ${name}`);
    for (let number = 0; number < written; number += 2) {
      const name = writer.nameOf(number);
      if (number % 4 === 0) await store.client.removeObject(store.bucket, name);
      else await store.client.putObject(store.bucket, name, "written over");
    }

    await containers.run("database-restore", { BACKUP: id });
    const putBack = await putBackAsOf(store, "artifacts/", new Date(manifest.objects.asOf));
    const [rows] = await database.query<mysql.RowDataPacket[]>("SELECT id, uri, digest FROM metadb.things ORDER BY id");
    assert.ok(rows.length >= 200 && rows.length <= written, `${rows.length} rows of ${written}`);
    for (const [index, row] of rows.entries()) {
      assert.equal(row["id"], index, "a row is missing before the last one");
      const digest = createHash("sha256")
        .update(await bytesOf(String(row["uri"])))
        .digest("hex");
      assert.equal(digest, row["digest"], `${String(row["uri"])} is not what the database says of it`);
    }
    const [katibAfter] = await database.query("SELECT * FROM katib.things");
    assert.deepEqual(katibAfter, katibBefore);
    console.log(
      `    ${written} artifacts written, of which ${rows.length} are in the dump; ${putBack} objects put back to ${manifest.objects.asOf}`,
    );
    await database.end();
  });

  it("stores no manifest of a dump that failed, and restores no dump that was changed", async () => {
    const before = await namesBelow("backup/databases/");
    await assert.rejects(
      containers.run("database-backup", { katib_PASSWORD: "wrong" }),
      /Access denied[^]*nothing is stored/,
    );
    assert.deepEqual(await namesBelow("backup/databases/"), before);
    const manifest = before.find((name) => name.endsWith("manifest.json")) ?? assert.fail("no manifest");
    const [, , id = ""] = manifest.split("/");
    const dump = `backup/databases/${id}/katib.sql.gz`;
    await store.client.putObject(store.bucket, dump, Buffer.concat([await bytesOf(dump), Buffer.from("x")]));
    await assert.rejects(
      containers.run("database-restore", { BACKUP: id }),
      /katib\.sql\.gz: FAILED[^]*nothing is restored/,
    );
  });

  it("brings tenants back with everything in them, by Velero with no more than the rights that it is given", async function () {
    for (const object of await platformTenants()) await client.apply(object, options);
    for (const name of tenantNames) for (const object of peoplesObjects(name)) await client.apply(object, options);
    const state = async (): Promise<State> => await stateOf(client, tenantKinds, tenantNames);
    const before = await state();
    assert.ok(before.size > 30, `${before.size} objects`);
    const backup = await velero.finish("Backup", "rehearsal", templateOf(settings));
    assert.deepEqual(backup, { phase: "Completed", errors: 0, warnings: 0 });
    assert.deepEqual(
      differences(before, await state()).filter(({ expected }) => expected === undefined),
      [],
    );
    assert.ok((await namesBelow("backup/cluster/backups/rehearsal/")).length > 5);

    for (const name of tenantNames) await lose(name);
    assert.equal((await state()).size, 0);

    const resourceModifier = { kind: "ConfigMap", name: restoreModifiers };
    const common = { backupName: "rehearsal", resourceModifier };
    const tenants = { ...common, includedNamespaces: tenantNames, includeClusterResources: false };
    const refused = await velero.finish("Restore", "without-rights", tenants);
    assert.notEqual(refused.phase, "Completed", "Velero wrote to the cluster with the rights of a backup");
    assert.equal((await state()).size, 0);

    await velero.allow({ ...settings, restoring: true });
    const profiles = { ...common, includedResources: ["profiles.kubeflow.org"], includeClusterResources: true };
    for (const [name, spec] of [
      ["profiles", profiles],
      ["tenants", tenants],
    ] as const) {
      const { phase, errors } = await velero.finish("Restore", name, spec);
      const results = gunzipSync(await bytesOf(`backup/cluster/restores/${name}/restore-${name}-results.gz`));
      assert.deepEqual({ phase, errors }, { phase: "Completed", errors: 0 }, results.toString());
    }
    const found = differences(before, await state());
    const unexpected = found.filter(({ expected }) => expected === undefined).map(({ what }) => what);
    const reasons = Object.groupBy(found, ({ expected = "unexpected" }) => expected);
    console.log(`    ${before.size} objects before and after; ${found.length} differences:`);
    for (const [reason, all = []] of Object.entries(reasons)) console.log(`      ${all.length}: ${reason}`);
    assert.deepEqual(unexpected, []);
  });

  async function lose(namespace: string): Promise<void> {
    const profile: KubernetesObject = { apiVersion: "kubeflow.org/v1", kind: "Profile", metadata: { name: namespace } };
    const place: KubernetesObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    await client.delete(profile);
    const going = await client.delete(place);
    if (going !== undefined) await client.waitFor(going, (now) => (now === undefined ? true : undefined));
  }

  async function namesBelow(prefix: string): Promise<readonly string[]> {
    const names: string[] = [];
    const listed = store.client.listObjectsV2(store.bucket, prefix, true) as AsyncIterable<{ readonly name: string }>;
    for await (const { name } of listed) names.push(name);
    return names.sort();
  }

  async function bytesOf(name: string): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of await store.client.getObject(store.bucket, name)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  async function textOf(name: string): Promise<string> {
    return (await bytesOf(name)).toString();
  }
});

interface Manifest {
  readonly databases: readonly {
    readonly databases: readonly string[];
    readonly file: string;
    readonly sha256: string;
  }[];
  readonly objects: { readonly asOf: string };
}
