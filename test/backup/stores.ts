/** A versioned S3 store and a MariaDB, and the rendered scripts run against them as the CronJobs' containers would. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import * as minio from "minio";
import { execa } from "execa";
import { objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { at, listAt } from "../../release/order/references.ts";
import { ensureDebian } from "../../tools/debian.ts";
import { ensureTool } from "../../tools/tools.ts";
import { startMariadb, type Mariadb } from "../storage/mariadb.ts";
import { ownAddress, startServer, temporaryFolder, type Server } from "../storage/processes.ts";

export const storeKeys = { accessKey: "storesownkey0001", secretKey: "D3fGh5jKl7QwErTyU9iOp1As" };

export interface Store extends Server {
  readonly endpoint: string;
  readonly client: minio.Client;
  readonly bucket: string;
}

/** versitygw over a folder, with versioning on, as a bucket of any of the clouds is made here. */
export async function startStore(): Promise<Store> {
  const versitygw = await ensureTool("versitygw", say);
  const folder = await temporaryFolder();
  const { host, port } = { host: ownAddress(), port: 7070 };
  for (const each of ["data", "versions"]) await fs.mkdir(path.join(folder, each));
  const server = await startServer(
    versitygw,
    [
      ...["--port", `${host}:${port}`, "--region", "eu-west-1"],
      ...["posix", "--versioning-dir", path.join(folder, "versions"), path.join(folder, "data")],
    ],
    { env: { ROOT_ACCESS_KEY: storeKeys.accessKey, ROOT_SECRET_KEY: storeKeys.secretKey }, listensOn: { host, port } },
  );
  const client = new minio.Client({ endPoint: host, port, useSSL: false, region: "eu-west-1", ...storeKeys });
  const bucket = "kubeflow-backup-test";
  await client.makeBucket(bucket, "eu-west-1");
  await client.setBucketVersioning(bucket, { Status: "Enabled" });
  return {
    ...{ endpoint: `http://${host}:${port}`, client, bucket },
    stop: async () => {
      await server.stop();
      await fs.rm(folder, { recursive: true });
    },
  };
}

const say = (message: string): void => void process.stdout.write(`    ${message}\n`);

export interface Containers extends Server {
  /** Runs both containers of a CronJob's pod at once. @throws with what they said when one fails. */
  readonly run: (cronJob: string, more?: Readonly<Record<string, string>>) => Promise<string>;
  readonly database: Mariadb;
}

/**
 * Debian's MariaDB clients in the place of MySQL's, and Debian's rclone: the commands and variables are the rendered ones,
 * with hosts and passwords that are here.
 */
export async function startContainers(objects: readonly KubernetesObject[], variables: Variables): Promise<Containers> {
  const database = await startMariadb();
  const { root, env } = await ensureDebian(["mariadb-client", "rclone"], say);
  const folder = await temporaryFolder();
  const bin = path.join(folder, "bin");
  await fs.mkdir(bin);
  const clients = path.join(root, "usr/bin");
  for (const [own, name] of [
    ["mariadb-dump", "mysqldump"],
    ["mariadb", "mysql"],
    ["rclone", "rclone"],
  ] as const) {
    const file = [clients, path.join(database.packages.root, "usr/bin")].map((place) => path.join(place, own));
    const there = file.find((each) => existsSync(each)) ?? assert.fail(`no ${own} in Debian's packages`);
    await fs.symlink(there, path.join(bin, name));
  }
  const find = (key: string): KubernetesObject =>
    objects.find((object) => objectKey(object) === key) ?? assert.fail(`no ${key}`);
  const scripts = path.join(folder, "scripts");
  await fs.mkdir(scripts);
  const files = find("ConfigMap/kubeflow/database-backup")["data"] as Readonly<Record<string, string>>;
  for (const [file, text] of Object.entries(files)) await fs.writeFile(path.join(scripts, file), text);
  const libraries = [database.packages.env.LD_LIBRARY_PATH, env.LD_LIBRARY_PATH].join(":");
  return {
    database,
    run: async (cronJob, more = {}) => {
      const work = await fs.mkdtemp(path.join(folder, "work-"));
      const pod = at(find(`CronJob.batch/kubeflow/${cronJob}`), "spec", "jobTemplate", "spec", "template", "spec");
      const runs = listAt(pod, "containers").map(async (container) => {
        const [shell = "", script = ""] = listAt(container, "command").map(String);
        const told = { ...plainVariables(container), ...variables(database), ...more };
        const place = { WORK: work, OPTIONS: scripts, RCLONE_CONFIG: path.join(work, "rclone.conf"), HOME: work };
        return await execa(shell, [path.join(scripts, path.basename(script))], {
          extendEnv: false,
          env: { ...told, ...place, PATH: `${bin}:/usr/bin:/bin`, LD_LIBRARY_PATH: libraries },
          all: true,
          reject: false,
        });
      });
      const ended = await Promise.all(runs);
      const said = ended.map(({ all }) => all).join("\n");
      if (ended.some(({ failed }) => failed)) throw new Error(`${cronJob} failed: ${said}`);
      return said;
    },
    stop: async () => {
      await database.stop();
      await fs.rm(folder, { recursive: true });
    },
  };
}

/** What a kubelet would read out of Secrets and ConfigMaps. */
type Variables = (database: Mariadb) => Readonly<Record<string, string>>;

function plainVariables(container: unknown): Readonly<Record<string, string>> {
  const known = listAt(container, "env").filter((each) => typeof at(each, "value") === "string");
  return Object.fromEntries(known.map((each) => [String(at(each, "name")), String(at(each, "value"))]));
}

interface Version {
  readonly name: string;
  readonly written: Date;
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  readonly isLatest: boolean;
}

/** By a signed address: versitygw finds minio's own listing of versions signed wrongly. */
async function versionsBelow({ client, bucket }: Store, prefix: string): Promise<readonly Version[]> {
  const versions: Version[] = [];
  let next: Readonly<Record<string, string>> | undefined = {};
  while (next !== undefined) {
    const address: string = await client.presignedUrl("GET", bucket, "", 60, { versions: "", prefix, ...next });
    const response = await fetch(address);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    for (const [, what, entry = ""] of text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)) {
      versions.push({
        name: element(entry, "Key") ?? assert.fail(entry),
        written: timeOfUlid(element(entry, "VersionId") ?? ""),
        versionId: element(entry, "VersionId") ?? "",
        isDeleteMarker: what === "DeleteMarker",
        isLatest: element(entry, "IsLatest") === "true",
      });
    }
    const [key, version] = [element(text, "NextKeyMarker"), element(text, "NextVersionIdMarker")];
    const more = element(text, "IsTruncated") === "true" && key !== undefined;
    next = more ? { "key-marker": key, ...(version === undefined ? {} : { "version-id-marker": version }) } : undefined;
  }
  return versions;
}

/** versitygw's id of a version: its `LastModified` is of when the next one came, unlike S3's own. */
function timeOfUlid(id: string): Date {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return new Date(Array.from(id.slice(0, 10)).reduce((time, digit) => time * 32 + digits.indexOf(digit), 0));
}

function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(xml)?.[1];
}

/** Every object below the prefix as it was then: the version is made the latest again. @returns how many were put back. */
export async function putBackAsOf(store: Store, prefix: string, asOf: Date): Promise<number> {
  const { client, bucket } = store;
  const then = new Map<string, Version>();
  for (const version of await versionsBelow(store, prefix)) {
    const known = then.get(version.name);
    if (version.written > asOf) continue;
    if (known === undefined || known.written < version.written) then.set(version.name, version);
  }
  const changed = [...then.values()].filter(({ isDeleteMarker, isLatest }) => !isDeleteMarker && !isLatest);
  for (const { name, versionId } of changed) {
    const chunks: Buffer[] = [];
    for await (const chunk of await client.getObject(bucket, name, { versionId })) chunks.push(chunk as Buffer);
    await client.putObject(bucket, name, Buffer.concat(chunks));
  }
  return changed.length;
}
