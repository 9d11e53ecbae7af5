/** One of the engine's providers as a Pulumi plugin: `ResourceProvider` of pulumi/provider.proto over `Provider`. */
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb, {
  type CheckRequest,
  type ConfigureRequest,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type InvokeRequest,
  type ReadRequest,
  type UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { fromStruct, toStruct } from "../engine/marshal.ts";
import { equalValues } from "../engine/diff.ts";
import type { Provider, ProviderDiff, ProviderFactory, ResourceRef } from "../engine/provider.ts";
import { parseUrn, typeOfUrn } from "../engine/urn.ts";
import type { PropertyMap } from "../engine/values.ts";
import { listen, newServer, unary } from "../shared/grpc.ts";

export interface PluginOptions {
  readonly packageName: string;
  /** Semver. */
  readonly version: string;
  /** The provider's factory for a stack, whose name the plugin learns from the first URN that it is asked about. */
  readonly factory: (stack: string) => ProviderFactory;
}

export interface RunningPlugin {
  readonly port: number;
  close(): void;
}

/**
 * Serves the plugin on a free port of this machine. What this protocol has and `Provider` has not (components,
 * import by id alone) is answered as not implemented, which the Pulumi CLI takes for "not offered".
 */
export async function servePlugin(options: PluginOptions): Promise<RunningPlugin> {
  const server = newServer();
  server.addService(providerGrpc.ResourceProviderService, new PluginService(options).handlers());
  return { port: await listen(server), close: () => server.forceShutdown() };
}

class PluginService {
  readonly #options: PluginOptions;
  readonly #cancelled = new AbortController();
  #config: PropertyMap = {};
  #provider: Promise<Provider> | undefined;

  constructor(options: PluginOptions) {
    this.#options = options;
  }

  handlers(): UntypedServiceImplementation {
    const { packageName, version } = this.#options;
    return {
      handshake: unary(() => new pb.ProviderHandshakeResponse().setAcceptSecrets(true)),
      attach: unary(() => new emptyPb.Empty()),
      getPluginInfo: unary(() => new pluginPb.PluginInfo().setVersion(version)),
      getSchema: unary(() => new pb.GetSchemaResponse().setSchema(JSON.stringify({ name: packageName, version }))),
      checkConfig: unary((request: CheckRequest) => new pb.CheckResponse().setInputs(request.getNews())),
      diffConfig: unary((request: DiffRequest) => this.#diffConfig(request)),
      configure: unary((request: ConfigureRequest) => this.#configure(request)),
      check: unary((request: CheckRequest) => this.#check(request)),
      diff: unary((request: DiffRequest) => this.#diff(request)),
      create: unary((request: CreateRequest) => this.#create(request)),
      read: unary((request: ReadRequest) => this.#read(request)),
      update: unary((request: UpdateRequest) => this.#update(request)),
      delete: unary((request: DeleteRequest) => this.#delete(request)),
      invoke: unary((request: InvokeRequest) => this.#invoke(request)),
      cancel: unary(() => {
        this.#cancelled.abort(new Error("cancelled"));
        return new emptyPb.Empty();
      }),
    };
  }

  /** Asked of a plugin that is not configured yet. */
  #diffConfig(request: DiffRequest) {
    const { diffConfig } = this.#options.factory(parseUrn(request.getUrn()).stack);
    const [olds, news] = [fromStruct(request.getOldInputs() ?? request.getOlds()), fromStruct(request.getNews())];
    return diffResponse({
      changed: !equalValues(olds, news),
      replaces: diffConfig?.(olds, news) ?? [],
      deleteBeforeReplace: false,
    });
  }

  #configure(request: ConfigureRequest) {
    this.#config = fromStruct(request.getArgs());
    return new pb.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
  }

  /** The provider and what it is to be told of the resource. */
  async #for(request: { getUrn(): string }): Promise<{ readonly provider: Provider; readonly ref: ResourceRef }> {
    const urn = request.getUrn();
    this.#provider ??= this.#options.factory(parseUrn(urn).stack)(this.#config);
    return { provider: await this.#provider, ref: { urn, type: typeOfUrn(urn) } };
  }

  async #check(request: CheckRequest) {
    const { provider, ref } = await this.#for(request);
    const olds = request.getOlds();
    const news = fromStruct(request.getNews());
    const { inputs, failures } = await provider.check(ref, olds === undefined ? undefined : fromStruct(olds), news);
    const told = failures.map(({ property, reason }) => new pb.CheckFailure().setProperty(property).setReason(reason));
    return new pb.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(told);
  }

  async #diff(request: DiffRequest) {
    const { provider, ref } = await this.#for(request);
    const old = liveOf(request.getId(), request.getOldInputs(), request.getOlds());
    return diffResponse(await provider.diff(ref, old, fromStruct(request.getNews())));
  }

  async #create(request: CreateRequest) {
    const { provider, ref } = await this.#for(request);
    const inputs = fromStruct(request.getProperties());
    if (request.getPreview())
      return new pb.CreateResponse().setProperties(toStruct((await provider.plan(ref, inputs)).outputs));
    const { id, outputs } = await provider.create(ref, inputs, this.#signal(request));
    return new pb.CreateResponse().setId(id).setProperties(toStruct(outputs));
  }

  async #read(request: ReadRequest) {
    const { provider, ref } = await this.#for(request);
    const live = await provider.read(ref, liveOf(request.getId(), request.getInputs(), request.getProperties()));
    if (live === undefined) return new pb.ReadResponse();
    const { id, inputs, outputs } = live;
    return new pb.ReadResponse().setId(id).setInputs(toStruct(inputs)).setProperties(toStruct(outputs));
  }

  async #update(request: UpdateRequest) {
    const { provider, ref } = await this.#for(request);
    const news = fromStruct(request.getNews());
    const old = liveOf(request.getId(), request.getOldInputs(), request.getOlds());
    if (request.getPreview())
      return new pb.UpdateResponse().setProperties(toStruct((await provider.plan(ref, news, old)).outputs));
    const { outputs } = await provider.update(ref, old, news, this.#signal(request));
    return new pb.UpdateResponse().setProperties(toStruct(outputs));
  }

  async #delete(request: DeleteRequest) {
    const { provider, ref } = await this.#for(request);
    const old = liveOf(request.getId(), request.getOldInputs(), request.getProperties());
    await provider.delete(ref, old, this.#signal(request));
    return new emptyPb.Empty();
  }

  async #invoke(request: InvokeRequest) {
    // A function belongs to no stack.
    const provider = await (this.#provider ?? this.#options.factory("")(this.#config));
    const found = await provider.invoke?.(request.getTok(), fromStruct(request.getArgs()));
    if (found === undefined) throw new Error(`${this.#options.packageName} has no function ${request.getTok()}`);
    return new pb.InvokeResponse().setReturn(toStruct(found));
  }

  /** @param request its timeout is in seconds, 0 for none. */
  #signal(request: { getTimeout(): number }): AbortSignal {
    const seconds = request.getTimeout();
    if (seconds === 0) return this.#cancelled.signal;
    return AbortSignal.any([this.#cancelled.signal, AbortSignal.timeout(seconds * 1000)]);
  }
}

function diffResponse({ changed, replaces, deleteBeforeReplace }: ProviderDiff) {
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  return new pb.DiffResponse()
    .setChanges(changed ? DIFF_SOME : DIFF_NONE)
    .setReplacesList(replaces.map(({ path }) => path))
    .setDeletebeforereplace(deleteBeforeReplace);
}

type Struct = Parameters<typeof fromStruct>[0];

/** An engine that does not send the old inputs leaves the outputs, which repeat them. */
function liveOf(id: string, inputs: Struct, outputs: Struct) {
  return { id, inputs: fromStruct(inputs ?? outputs), outputs: fromStruct(outputs) };
}
