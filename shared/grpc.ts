/** What our gRPC servers share: the engine's for the program, the plugins' for the Pulumi CLI. */
import grpc from "@grpc/grpc-js";
import { messageOf } from "./errors.ts";

export type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

/** Answers a call by what the handler returns, or tells why it failed. */
export function unary<Request, Response>(handler: Handler<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(handler)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback({ code: grpc.status.UNKNOWN, details: messageOf(error) }),
      );
  };
}

/** For messages of any size. */
export function newServer(): grpc.Server {
  return new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
}

/** Serves this machine only. @returns the free port that was found. */
export function listen(server: grpc.Server): Promise<number> {
  const credentials = grpc.ServerCredentials.createInsecure();
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}
