import grpc from "@grpc/grpc-js";
import callbackGrpc, { type CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import callbackPb, { type Callback } from "@pulumi/pulumi/proto/callback_pb.js";
import resourcePb from "@pulumi/pulumi/proto/resource_pb.js";
import { fromTransformOptions, toTransformOptions } from "./goal-messages.ts";
import type { Goal } from "./goal.ts";
import { fromStruct, toStruct } from "./marshal.ts";

/** Remote transforms: functions in the program that are called back for every resource below where they were set. */
export class Transforms {
  readonly #clients = new Map<string, CallbacksClient>();
  readonly #stack: Callback[] = [];
  readonly #own = new Map<string, { readonly parent: string | undefined; readonly callbacks: readonly Callback[] }>();

  addToStack(callback: Callback): void {
    this.#stack.push(callback);
  }

  /** Remembers a resource's own transforms for its children. */
  register(urn: string, goal: Goal): void {
    this.#own.set(urn, { parent: goal.parent, callbacks: goal.transforms });
  }

  /** Innermost first: the resource's own, its parents', the stack's. */
  async apply(goal: Goal): Promise<Goal> {
    const callbacks = [...goal.transforms];
    for (let parent = goal.parent; parent !== undefined; parent = this.#own.get(parent)?.parent)
      callbacks.push(...(this.#own.get(parent)?.callbacks ?? []));
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
      .setOptions(toTransformOptions(goal));
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
    const options = response.getOptions();
    const inputs = fromStruct(response.getProperties());
    return { ...goal, inputs, ...(options === undefined ? {} : fromTransformOptions(options)) };
  }

  #client(target: string): CallbacksClient {
    const client =
      this.#clients.get(target) ?? new callbackGrpc.CallbacksClient(target, grpc.credentials.createInsecure());
    this.#clients.set(target, client);
    return client;
  }
}
