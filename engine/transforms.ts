import grpc from "@grpc/grpc-js";
import callbackGrpc, { type CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import callbackPb, { type Callback } from "@pulumi/pulumi/proto/callback_pb.js";
import resourcePb from "@pulumi/pulumi/proto/resource_pb.js";
import { refuseUnsupported, type Goal } from "./goal.ts";
import { fromStruct, toStruct } from "./marshal.ts";

/** Remote transforms: functions in the program that are called back for every resource below where they were set. */
export class Transforms {
  readonly #clients = new Map<string, CallbacksClient>();
  readonly #stack: Callback[] = [];
  readonly #goals = new Map<string, Goal>();

  addToStack(callback: Callback): void {
    this.#stack.push(callback);
  }

  /** Innermost first: the resource's own, which are remembered for its children, its parents', the stack's. */
  async apply(urn: string, goal: Goal): Promise<Goal> {
    this.#goals.set(urn, goal);
    const callbacks: Callback[] = [];
    for (let at: Goal | undefined = goal; at !== undefined; at = this.#goals.get(at.parent ?? ""))
      callbacks.push(...at.transforms);
    let result = goal;
    for (const callback of [...callbacks, ...this.#stack]) result = await this.#call(callback, result);
    return result;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  async #call(callback: Callback, goal: Goal): Promise<Goal> {
    const request = new resourcePb.TransformRequest()
      .setType(goal.type)
      .setName(goal.name)
      .setCustom(goal.custom)
      .setParent(goal.parent ?? "")
      .setProperties(toStruct(goal.inputs))
      .setOptions(goal.options);
    const invoke = new callbackPb.CallbackInvokeRequest()
      .setToken(callback.getToken())
      .setRequest(request.serializeBinary());
    const client = this.#client(callback.getTarget());
    const bytes = await new Promise<Uint8Array>((resolve, reject) => {
      client.invoke(invoke, (error, response) => {
        if (error) reject(new Error(error.details));
        else resolve(response.getResponse_asU8());
      });
    });
    const response = resourcePb.TransformResponse.deserializeBinary(bytes);
    const options = response.getOptions() ?? goal.options;
    refuseUnsupported(options, { import: options.getImport() !== "" });
    return { ...goal, inputs: fromStruct(response.getProperties()), options };
  }

  #client(target: string): CallbacksClient {
    const client =
      this.#clients.get(target) ?? new callbackGrpc.CallbacksClient(target, grpc.credentials.createInsecure());
    this.#clients.set(target, client);
    return client;
  }
}
