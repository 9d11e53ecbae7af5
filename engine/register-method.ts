import resourceGrpc from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resourcePb, {
  type RegisterResourceRequest,
  type RegisterResourceResponse,
} from "@pulumi/pulumi/proto/resource_pb.js";
import protobuf from "protobufjs/minimal.js";
import { decodeStruct, encodeStruct } from "./marshal.ts";
import type { PropertyMap } from "./values.ts";

export interface RegisterCall {
  readonly request: RegisterResourceRequest;
  readonly inputs: PropertyMap;
}

export interface RegisterAnswer {
  readonly response: RegisterResourceResponse;
  readonly outputs: PropertyMap;
}

/** Field numbers of `object` in resource.proto. */
const requestObject = 5;
const responseObject = 3;

/** `RegisterResource` with its one large field, the properties, read and written apart from the generated classes. */
export const registerResourceMethod = {
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
