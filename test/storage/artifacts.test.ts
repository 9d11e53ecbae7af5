/** A real S3 server behind the rendered gateway, and the `minio` client with exactly what the rendered objects say. */
import assert from "node:assert/strict";
import * as minio from "minio";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { at } from "../../release/order/references.ts";
import { useRelease } from "../components/selection/support.ts";
import { applied, profileNamespace, startController, type Answer, type Controller } from "./controller.ts";
import { startGateway, type Gateway } from "./gateway.ts";

interface Tenant {
  readonly client: minio.Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly accessKey: string;
}

describe("Pipelines with a real S3 store behind the gateway", function () {
  // The gateway is built once, on a machine that has not done so.
  this.timeout(15 * 60_000);
  const release = useRelease();
  let gateway: Gateway;
  let controller: Controller;
  const running: { readonly stop: () => Promise<void> }[] = [];

  before(async () => {
    gateway = await startGateway(release());
    running.push(gateway);
    controller = await startController(
      gateway.customised,
      await gateway.variablesOf("kubeflow-pipelines-profile-controller"),
    );
    running.unshift(controller);
  });
  after(async () => {
    for (const each of running) await each.stop();
  });

  /** As the launcher of Pipelines 2.16 opens its pipeline root: by `providers`, with the namespace's own Secret. */
  const tenantOf = (answer: Answer): Tenant => {
    const launcher = named(answer, "ConfigMap", "kfp-launcher");
    const [, scheme = "", bucket = "", prefix = ""] =
      /^(\w+):\/\/([^/]+)\/(.*)$/.exec(String(at(launcher, "data", "defaultPipelineRoot"))) ?? [];
    const provider = at(JSON.parse(String(at(launcher, "data", "providers"))), scheme, "default");
    const reference = at(provider, "credentials", "secretRef");
    const secret = named(answer, "Secret", String(at(reference, "secretName")));
    const decoded = (key: unknown): string => Buffer.from(String(at(secret, "data", String(key))), "base64").toString();
    const accessKey = decoded(at(reference, "accessKeyKey"));
    const [endPoint = "", port] = gateway.here(String(at(provider, "endpoint"))).split(":");
    const client = new minio.Client({
      ...{ endPoint, port: Number(port), accessKey, secretKey: decoded(at(reference, "secretKeyKey")) },
      ...{ useSSL: at(provider, "disableSSL") !== true, region: String(at(provider, "region")) },
      pathStyle: at(provider, "forcePathStyle") === true,
    });
    return { client, bucket, prefix, accessKey };
  };
  const syncOf = async (name: string): Promise<Answer> => await controller.sync(profileNamespace(name), {});

  it("lets the API server in with its rendered settings", async () => {
    const variables = await gateway.variablesOf("ml-pipeline");
    const setting = (name: string): string => variables[`OBJECTSTORECONFIG_${name}`] ?? assert.fail(`no ${name}`);
    const client = new minio.Client({
      ...{ endPoint: setting("HOST"), port: Number(setting("PORT")), useSSL: setting("SECURE") === "true" },
      ...{ accessKey: setting("ACCESSKEY"), secretKey: setting("SECRETACCESSKEY"), region: setting("REGION") },
    });
    const bucket = setting("BUCKETNAME");
    assert.equal(bucket, gateway.bucket);
    assert.ok(await client.bucketExists(bucket));
    await client.putObject(bucket, "pipelines/one", "a pipeline");
    assert.equal(await textOf(client, bucket, "pipelines/one"), "a pipeline");
  });

  it("lets the UI find archived logs where Argo was told to put them", async () => {
    const ui = await gateway.variablesOf("ml-pipeline-ui");
    const client = new minio.Client({
      ...{ endPoint: ui["MINIO_HOST"] ?? "", port: Number(ui["MINIO_PORT"]), useSSL: ui["MINIO_SSL"] === "true" },
      ...{ accessKey: ui["MINIO_ACCESS_KEY"] ?? "", secretKey: ui["MINIO_SECRET_KEY"] ?? "" },
    });
    const argo = named(await syncOf("team-logs"), "ConfigMap", "artifact-repositories");
    const { s3 } = JSON.parse(String(at(argo, "data", "default-namespaced"))) as { s3: Record<string, string> };
    const filled = (format = ""): string => format.replaceAll("{{workflow.namespace}}", "team-logs");
    assert.equal(filled(ui["ARGO_KEYFORMAT"]), s3["keyFormat"]);
    assert.equal(ui["ARGO_ARCHIVE_BUCKETNAME"], s3["bucket"]);
    const { client: tenant, bucket } = tenantOf(await syncOf("team-logs"));
    await tenant.putObject(bucket, `${s3["keyFormat"] ?? ""}/main.log`, "a line");
    assert.equal(await textOf(client, bucket, `${filled(ui["ARGO_KEYFORMAT"])}/main.log`), "a line");
  });

  it("gives every tenant a key to its own prefix, that another's refuses: read, write, list and delete", async () => {
    const tenants = [tenantOf(await syncOf("team-a")), tenantOf(await syncOf("team-b"))] as const;
    for (const { client, bucket, prefix } of tenants) {
      await client.putObject(bucket, `${prefix}/own`, "mine");
      assert.equal(await textOf(client, bucket, `${prefix}/own`), "mine");
      assert.deepEqual(await namesIn(client, bucket, `${prefix}/`), [`${prefix}/own`]);
    }
    for (const [one, other] of [tenants, [...tenants].reverse()] as readonly (readonly Tenant[])[]) {
      assert.ok(one && other);
      const theirs = `${other.prefix}/own`;
      const denied = { code: "AccessDenied" };
      await assert.rejects(textOf(one.client, one.bucket, theirs), denied);
      await assert.rejects(one.client.putObject(one.bucket, `${other.prefix}/new`, "x"), denied);
      await assert.rejects(one.client.removeObject(one.bucket, theirs), denied);
      await assert.rejects(namesIn(one.client, one.bucket, `${other.prefix}/`), denied);
      await assert.rejects(namesIn(one.client, one.bucket, ""), denied);
      await assert.rejects(one.client.putObject(one.bucket, "pipelines/one", "x"), denied);
      assert.notEqual(one.accessKey, other.accessKey);
      assert.notEqual(one.accessKey, gateway.rootKey.accessKey);
    }
  });

  it("does not take team-a for team-a-b", async () => {
    const [short, long] = [tenantOf(await syncOf("team-x")), tenantOf(await syncOf("team-x-y"))];
    await assert.rejects(short.client.putObject(short.bucket, `${long.prefix}/new`, "x"), { code: "AccessDenied" });
    await assert.rejects(namesIn(short.client, short.bucket, "artifacts/team-x"), { code: "AccessDenied" });
  });

  it("answers the same for what is there, and after its own restart", async () => {
    const first = await syncOf("team-c");
    const again = await controller.sync(profileNamespace("team-c"), applied(first));
    assert.deepEqual(again.attachments, first.attachments);
    assert.equal(again.status?.["kubeflow-pipelines-ready"], "True");
    const restarted = await startController(
      gateway.customised,
      await gateway.variablesOf("kubeflow-pipelines-profile-controller"),
    );
    try {
      const later = await restarted.sync(profileNamespace("team-c"), applied(first));
      assert.deepEqual(later.attachments, first.attachments);
    } finally {
      await restarted.stop();
    }
  });

  it("makes another key for a Secret that somebody deleted or broke", async () => {
    const first = await syncOf("team-d");
    const second = await syncOf("team-d");
    const [old, fresh] = [tenantOf(first), tenantOf(second)];
    assert.notEqual(old.accessKey, fresh.accessKey);
    await fresh.client.putObject(fresh.bucket, `${fresh.prefix}/x`, "x");
    await assert.rejects(old.client.putObject(old.bucket, `${old.prefix}/x`, "x"));
    // The key of before is put back: the store knows it no more.
    const third = await controller.sync(profileNamespace("team-d"), applied(first));
    assert.ok(![old.accessKey, fresh.accessKey].includes(tenantOf(third).accessKey));
  });
});

function named({ attachments }: Answer, kind: string, name: string): KubernetesObject {
  return (
    attachments.find((object) => object.kind === kind && object.metadata.name === name) ??
    assert.fail(`no ${kind} ${name}`)
  );
}

async function textOf(client: minio.Client, bucket: string, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await client.getObject(bucket, name)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function namesIn(client: minio.Client, bucket: string, prefix: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of client.listObjectsV2(bucket, prefix, true) as AsyncIterable<{ name: string }>)
    names.push(name);
  return names;
}
