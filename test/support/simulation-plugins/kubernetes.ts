/**
 * Pulumi's own Kubernetes provider, for a cluster that stands in for a simulated one: it is given that one's kubeconfig.
 * Helm releases alone are answered by the simulation, since their charts come from the network.
 */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import { kubernetesProviderFactory } from "../../../engine/kubernetes/provider.ts";
import { fromStruct, toStruct } from "../../../engine/marshal.ts";
import { withSimulatedReleases } from "../../../engine/simulation/helm-release.ts";
import { typeOfUrn } from "../../../engine/urn.ts";
import { Secret } from "../../../engine/values.ts";
import { ClientPool } from "../../../kubernetes/pool.ts";
import { servePlugin } from "../../../plugins/resource-provider.ts";
import { listen, newServer } from "../../../shared/grpc.ts";
import { setting } from "./settings.ts";

const releaseType = "kubernetes:helm.sh/v3:Release";
/** Requests of the calls that are about one resource. */
const requests = {
  ...{ check: pb.CheckRequest, diff: pb.DiffRequest, create: pb.CreateRequest },
  ...{ read: pb.ReadRequest, update: pb.UpdateRequest, delete: pb.DeleteRequest },
};

const clients = new ClientPool();
const releases = await servePlugin({
  packageName: "kubernetes",
  version: "0.1.0",
  factory: (stack) =>
    withSimulatedReleases(kubernetesProviderFactory({ fieldManager: `pulumi-kubeflow-${stack}`, clients })),
});
const options = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
const connect = (port: number): grpc.Client =>
  new grpc.Client(`127.0.0.1:${String(port)}`, grpc.credentials.createInsecure(), options);
const [real, simulated] = [connect(await startReal()), connect(releases.port)];

const server = newServer();
const raw = (bytes: Buffer): Buffer => bytes;
const methods = Object.entries(providerGrpc.ResourceProviderService);
const service = Object.fromEntries(
  methods.map(([name, method]) => [
    name,
    { ...method, requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw },
  ]),
) as unknown as grpc.ServiceDefinition;
server.addService(
  service,
  Object.fromEntries(
    methods.map(([name, { path }]) => [
      name,
      (call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) => {
        forward(name, path, call.request).then(
          (answer) => {
            callback(null, answer);
          },
          (error: unknown) => {
            callback(error as grpc.ServiceError);
          },
        );
      },
    ]),
  ),
);
process.stdout.write(`${String(await listen(server))}\n`);

async function forward(name: string, path: string, request: Buffer): Promise<Buffer> {
  if (name === "configure") {
    const configured = await withStandInsKubeconfig(request);
    await send(simulated, path, configured);
    return send(real, path, configured);
  }
  return send(isAboutRelease(name, request) ? simulated : real, path, request);
}

function isAboutRelease(name: string, request: Buffer): boolean {
  if (!Object.hasOwn(requests, name)) return false;
  return typeOfUrn(requests[name as keyof typeof requests].deserializeBinary(request).getUrn()) === releaseType;
}

function send(client: grpc.Client, path: string, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, raw, raw, request, (error, answer) => {
      if (error === null) resolve(answer ?? Buffer.alloc(0));
      else reject(error);
    });
  });
}

async function withStandInsKubeconfig(request: Buffer): Promise<Buffer> {
  const configure = pb.ConfigureRequest.deserializeBinary(request);
  const kubeconfig = await readFile(setting("cluster"), "utf8");
  const others = Object.entries(fromStruct(configure.getArgs())).filter(([key]) => key !== "context");
  configure.setArgs(toStruct({ ...Object.fromEntries(others), kubeconfig: new Secret(kubeconfig) }));
  configure.getVariablesMap().set("kubernetes:config:kubeconfig", kubeconfig);
  return Buffer.from(configure.serializeBinary());
}

/** @returns the port that it listens on. */
async function startReal(): Promise<number> {
  const child = spawn(setting("kubernetes"), process.argv.slice(2), { stdio: ["ignore", "pipe", "inherit"] });
  process.on("exit", () => child.kill());
  for await (const line of createInterface({ input: child.stdout })) return Number(line);
  throw new Error("the Kubernetes provider ended before it told its port");
}
