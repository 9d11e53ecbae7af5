import { stripVTControlCharacters } from "node:util";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import enginePb, { type LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import resourceGrpc from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resourcePb, {
  type ReadResourceRequest,
  type RegisterResourceRequest,
  type RegisterResourceResponse,
  type ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import protobuf from "protobufjs";
import { listen, newServer, unary } from "../shared/grpc.ts";
import { equalValues } from "./diff.ts";
import { goalOf } from "./goal.ts";
import { decodeStruct, encodeStruct, fromStruct, toStruct } from "./marshal.ts";
import type { Recorder } from "./recorder.ts";
import type { Registered, Registrar } from "./registrar.ts";
import type { Diagnostic, Pass } from "./report.ts";
import type { Session } from "./session.ts";
import { Transforms } from "./transforms.ts";
import { packageOf, stackType } from "./urn.ts";
import { isMap, Unknown, type PropertyMap, type Value } from "./values.ts";

const feature = resourcePb.ResourceMonitorFeature;
/** Without the rest, the SDK refuses by itself what this engine does not do. */
const features = [
  feature.RESOURCE_MONITOR_FEATURE_SECRETS,
  feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
  feature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
  feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
  feature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
];

/** By the protocol's number. What the SDK logs as debug holds inputs, secrets in clear among them: for nobody's eyes. */
const severities: readonly (Diagnostic["severity"] | undefined)[] = [undefined, "info", "warning", "error"];

export interface MonitorServer {
  /** `host:port` */
  readonly address: string;
  /** Resolves when the program has started and begins to load its own modules, or is at its end. */
  readonly connected: Promise<unknown>;
  /** Waits for what is under way, then stops. */
  close(): Promise<void>;
}

/**
 * Serves Pulumi's `ResourceMonitor` and `Engine` to one run of the program.
 * @param registrar resolves once state is there; the program may be faster.
 */
export async function startMonitorServer(
  session: Session,
  recorder: Recorder,
  registrar: Promise<Registrar>,
): Promise<MonitorServer> {
  const server = newServer();
  const running = new Set<Promise<unknown>>();
  const transforms = new Transforms();
  const connected = Promise.withResolvers<undefined>();
  const ask = <T>(work: (ready: Registrar) => T | Promise<T>): Promise<T> => {
    const answer = registrar.then(work);
    const settled = answer.catch(() => undefined).finally(() => running.delete(settled));
    running.add(settled);
    return answer;
  };
  const unsupported = (what: string) =>
    unary<unknown, never>(() => {
      throw new Error(`the offline engine does not support ${what}`);
    });
  let rooted: Promise<unknown> = Promise.resolve();

  server.addService(engineGrpc.EngineService, {
    log: unary((request: LogRequest) => {
      const [severity, urn] = [severities[request.getSeverity()], request.getUrn()];
      const message = stripVTControlCharacters(request.getMessage());
      // For a dependent the SDK only repeats that a resource failed: that is a step of its own already.
      const repeats = severity === "error" && recorder.failed && / failed to register\b/.test(message);
      if (severity !== undefined && !repeats) recorder.diagnose({ severity, message, ...(urn === "" ? {} : { urn }) });
      return new emptyPb.Empty();
    }),
    // The last that the SDK asks before it hands over to the program.
    setRootResource: unary(() => {
      connected.resolve(undefined);
      return new enginePb.SetRootResourceResponse();
    }),
    requirePulumiVersion: unary(() => new enginePb.RequirePulumiVersionResponse()),
  });
  server.addService(
    { ...resourceGrpc.ResourceMonitorService, registerResource: registerResourceMethod },
    {
      getDeploymentInfo: unary(() => new resourcePb.DeploymentInfo().setSupportedfeaturesList(features)),
      registerResource: unary((call: RegisterCall) => {
        const answer = ask((ready) => register(ready, transforms, call));
        if (call.request.getType() !== stackType) return answer;
        // The stack is told no more than its name: the program may go on at once, and register what is in it.
        rooted = answer.catch(() => undefined);
        const urn = session.urnOf(stackType, call.request.getName());
        return { response: new resourcePb.RegisterResourceResponse().setUrn(urn), outputs: {} };
      }),
      registerResourceOutputs: unary((request: resourcePb.RegisterResourceOutputsRequest) =>
        ask(async (ready) => {
          await rooted;
          ready.registerOutputs(request.getUrn(), withoutMarkers(fromStruct(request.getOutputs())));
          return new emptyPb.Empty();
        }),
      ),
      readResource: unary((request: ReadResourceRequest) => ask((ready) => read(ready, request))),
      invoke: unary((request: ResourceInvokeRequest) => ask((ready) => invoke(ready, request))),
      registerStackTransform: unary((callback: Parameters<Transforms["addToStack"]>[0]) => {
        transforms.addToStack(callback);
        return new emptyPb.Empty();
      }),
      signalAndWaitForShutdown: unary(() => new emptyPb.Empty()),
      call: unsupported("method calls on resources"),
      existsResource: unsupported("existsResource"),
    },
  );

  return {
    address: `127.0.0.1:${await listen(server)}`,
    connected: connected.promise,
    async close() {
      connected.resolve(undefined);
      while (running.size > 0) await Promise.all(running);
      transforms.close();
      server.forceShutdown();
    },
  };
}

interface RegisterCall {
  readonly request: RegisterResourceRequest;
  readonly inputs: PropertyMap;
}

interface RegisterAnswer {
  readonly response: RegisterResourceResponse;
  readonly outputs: PropertyMap;
}

/** Field numbers of `object` in resource.proto. */
const requestObject = 5;
const responseObject = 3;

/** `RegisterResource` with its one large field, the properties, read and written apart from the generated classes. */
const registerResourceMethod = {
  ...resourceGrpc.ResourceMonitorService.registerResource,

  requestDeserialize(bytes: Uint8Array): RegisterCall {
    const reader = protobuf.Reader.create(bytes);
    const rest: Uint8Array[] = [];
    let inputs: PropertyMap = {};
    while (reader.pos < reader.len) {
      const start = reader.pos;
      const tag = reader.uint32();
      if (tag >>> 3 === requestObject) inputs = decodeStruct(reader.bytes());
      else {
        reader.skipType(tag & 7);
        rest.push(bytes.subarray(start, reader.pos));
      }
    }
    return { request: resourcePb.RegisterResourceRequest.deserializeBinary(Buffer.concat(rest)), inputs };
  },

  responseSerialize({ response, outputs }: RegisterAnswer): Buffer {
    const object = protobuf.Writer.create()
      .uint32((responseObject << 3) | 2)
      .bytes(encodeStruct(outputs))
      .finish();
    return Buffer.concat([response.serializeBinary(), object]);
  },
};

async function register(registrar: Registrar, transforms: Transforms, call: RegisterCall): Promise<RegisterAnswer> {
  const { request, inputs } = call;
  const { session, pass } = registrar.run;
  const urn = session.urnOf(request.getType(), request.getName(), request.getParent() || undefined);
  const response = new resourcePb.RegisterResourceResponse().setUrn(urn);
  try {
    const registered = await registrar.register(urn, async () => transforms.apply(urn, goalOf(request, inputs)));
    const { id, custom } = registered.state;
    return { response: response.setId(id), outputs: custom ? answerTo(inputs, registered, pass) : {} };
  } catch (error) {
    // It is reported already. The program is told without an error, so that what does not depend on it goes on.
    if (!request.getSupportsresultreporting()) throw error;
    return { response: response.setResult(resourcePb.Result.FAIL), outputs: {} };
  }
}

/** The outputs that the program cannot take from its own inputs: to those the SDK falls back. */
function answerTo(sent: PropertyMap, { op, state }: Registered, pass: Pass): PropertyMap {
  // In a plan, an input of a new or changed resource that the provider does not repeat is not known to be an output.
  const untold = pass === "plan" && op !== "same" ? Object.keys(sent).map((key) => [key, Unknown.value] as const) : [];
  const outputs = Object.entries({ ...Object.fromEntries(untold), ...state.outputs });
  return Object.fromEntries(
    outputs.filter(([key, value]) => !Object.hasOwn(sent, key) || !equalValues(sent[key], value)),
  );
}

async function read(registrar: Registrar, request: ReadResourceRequest): Promise<resourcePb.ReadResourceResponse> {
  // An id that only another resource's creation will tell comes as the marker of an unknown value.
  const known = fromStruct(toStruct({ id: request.getId() }))["id"];
  const registration = new resourcePb.RegisterResourceRequest()
    .setType(request.getType())
    .setName(request.getName())
    .setCustom(true)
    .setParent(request.getParent())
    .setProvider(request.getProvider())
    .setDependenciesList(request.getDependenciesList())
    .setAdditionalsecretoutputsList(request.getAdditionalsecretoutputsList())
    .setVersion(request.getVersion());
  const goal = goalOf(registration, fromStruct(request.getProperties()));
  const state = await registrar.read(goal, typeof known === "string" ? known : "");
  return new resourcePb.ReadResourceResponse().setUrn(state.urn).setProperties(toStruct(state.outputs));
}

async function invoke(
  registrar: Registrar,
  request: ResourceInvokeRequest,
): Promise<resourcePb.ResourceInvokeResponse> {
  const [token, args] = [request.getTok(), fromStruct(request.getArgs())];
  const answer = (result: PropertyMap) => new resourcePb.ResourceInvokeResponse().setReturn(toStruct(result));
  if (token === "pulumi:pulumi:getResource") {
    const urn = typeof args["urn"] === "string" ? args["urn"] : "";
    const resource = registrar.run.news.get(urn);
    if (resource === undefined) throw new Error(`there is no resource ${urn} in this run`);
    return answer({ urn: resource.urn, id: resource.id, state: resource.outputs });
  }
  const result = await registrar.invoke(token, args, request.getProvider(), request.getVersion());
  if (result === undefined)
    throw new Error(`the offline engine's provider ${packageOf(token)} has no function ${token}`);
  return answer(result);
}

/** In a plan the SDK marks outputs that were resources; the mark is none of the program's. */
function withoutMarkers(map: PropertyMap): PropertyMap {
  const clean = (value: Value): Value => {
    if (Array.isArray(value)) return (value as readonly Value[]).map(clean);
    return isMap(value) ? withoutMarkers(value) : value;
  };
  const entries = Object.entries(map).filter(([key]) => key !== "@isPulumiResource");
  return Object.fromEntries(entries.map(([key, value]) => [key, clean(value)]));
}
