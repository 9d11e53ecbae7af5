import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import { after, before, describe, it } from "mocha";
import { fromStruct, toStruct } from "../../engine/marshal.ts";
import { Secret, type PropertyMap } from "../../engine/values.ts";
import { projectRoot } from "../../shared/paths.ts";
import { testKubeconfig, thingCrd, uniqueName } from "../support/cluster.ts";
import { inputsOf } from "./support.ts";

const urn = "urn:pulumi:plugin-test::kubeflow::kubeflow:index:CustomResourceDefinition::things";

/** As the Pulumi CLI uses it: by name, a port on stdout, gRPC. */
describe("CRD provider as a Pulumi plugin", () => {
  let cache: string;
  let plugin: ChildProcess;
  let client: InstanceType<typeof providerGrpc.ResourceProviderClient>;
  let inputs: PropertyMap;
  const group = `${uniqueName("plugin")}.example`;

  before(async () => {
    cache = await mkdtemp(path.join(tmpdir(), "kf-plugin-"));
    const oldCache = process.env["KF_CACHE_DIR"];
    process.env["KF_CACHE_DIR"] = cache;
    inputs = await inputsOf(thingCrd(group));
    if (oldCache === undefined) delete process.env["KF_CACHE_DIR"];
    else process.env["KF_CACHE_DIR"] = oldCache;

    const program = path.join(projectRoot, "plugins", "crd", "pulumi-resource-kubeflow");
    plugin = spawn(program, ["127.0.0.1:1"], {
      env: { ...process.env, KF_CACHE_DIR: cache },
      stdio: ["pipe", "pipe", "inherit"],
    });
    assert.ok(plugin.stdout);
    const [port] = (await once(createInterface(plugin.stdout), "line")) as [string];
    client = new providerGrpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  });
  after(async () => {
    client.close();
    plugin.kill();
    await rm(cache, { recursive: true });
  });

  type Callback<Response> = (error: grpc.ServiceError | null, response: Response) => void;
  const call = <Response>(start: (callback: Callback<Response>) => void): Promise<Response> =>
    new Promise((resolve, reject) => start((error, response) => (error === null ? resolve(response) : reject(error))));

  it("makes, reads, changes and deletes a CRD", async () => {
    await call((done) => client.handshake(new pb.ProviderHandshakeRequest().setConfigureWithUrn(true), done));
    const config = toStruct({ kubeconfig: new Secret(await readFile(await testKubeconfig(), "utf8")) });
    await call((done) => client.configure(new pb.ConfigureRequest().setArgs(config).setAcceptsecrets(true), done));

    const checked = await call<InstanceType<typeof pb.CheckResponse>>((done) =>
      client.check(new pb.CheckRequest().setUrn(urn).setNews(toStruct({ ...inputs, digest: "" })), done),
    );
    assert.equal(checked.getFailuresList()[0]?.getProperty(), "digest");

    const planned = await call<InstanceType<typeof pb.CreateResponse>>((done) =>
      client.create(new pb.CreateRequest().setUrn(urn).setPreview(true).setProperties(toStruct(inputs)), done),
    );
    assert.deepEqual(fromStruct(planned.getProperties()), inputs);

    const made = await call<InstanceType<typeof pb.CreateResponse>>((done) =>
      client.create(new pb.CreateRequest().setUrn(urn).setProperties(toStruct(inputs)), done),
    );
    assert.equal(made.getId(), `things.${group}`);
    const state = made.getProperties();

    const read = await call<InstanceType<typeof pb.ReadResponse>>((done) =>
      client.read(
        new pb.ReadRequest().setUrn(urn).setId(made.getId()).setProperties(state).setInputs(toStruct(inputs)),
        done,
      ),
    );
    assert.deepEqual(fromStruct(read.getInputs()), inputs);

    const diff = await call<InstanceType<typeof pb.DiffResponse>>((done) => {
      const news = toStruct({ ...inputs, scope: "Cluster" });
      client.diff(
        new pb.DiffRequest()
          .setUrn(urn)
          .setId(made.getId())
          .setOlds(state)
          .setOldInputs(toStruct(inputs))
          .setNews(news),
        done,
      );
    });
    assert.deepEqual([diff.getReplacesList(), diff.getDeletebeforereplace()], [["scope"], true]);

    await call((done) =>
      client.delete(
        new pb.DeleteRequest().setUrn(urn).setId(made.getId()).setProperties(state).setOldInputs(toStruct(inputs)),
        done,
      ),
    );
    const gone = await call<InstanceType<typeof pb.ReadResponse>>((done) =>
      client.read(
        new pb.ReadRequest().setUrn(urn).setId(made.getId()).setProperties(state).setInputs(toStruct(inputs)),
        done,
      ),
    );
    assert.equal(gone.getId(), "");
  });

  it("passes on what a person is to read", async () => {
    const unknown = toStruct({ ...inputs, digest: "0".repeat(64) });
    await assert.rejects(
      call((done) => client.create(new pb.CreateRequest().setUrn(urn).setProperties(unknown), done)),
      /not in the cache.*render the release again/,
    );
  });
});
