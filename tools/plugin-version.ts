import grpc from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { execa } from "execa";

const answerWithinMs = 30_000;

/**
 * The version that a Pulumi plugin tells: started as the CLI starts it, it prints the port that it serves, and its
 * protocol has the question.
 *
 * @returns undefined when it does not start or does not answer.
 */
export async function pluginVersion(file: string): Promise<string | undefined> {
  const plugin = execa(file, [], { stdin: "ignore", stderr: "ignore", reject: false, timeout: answerWithinMs });
  try {
    let version: string | undefined;
    for await (const line of plugin) {
      if (/^\d+$/.test(line)) version = await askVersion(Number(line));
      // The end of this loop waits for the end of the process.
      plugin.kill("SIGKILL");
      break;
    }
    return version;
  } catch {
    // Killed for its silence, or not a plugin.
    return undefined;
  } finally {
    plugin.kill("SIGKILL");
  }
}

function askVersion(port: number): Promise<string | undefined> {
  const client = new providerGrpc.ResourceProviderClient(
    `127.0.0.1:${String(port)}`,
    grpc.credentials.createInsecure(),
  );
  return new Promise((resolve) => {
    client.getPluginInfo(new emptyPb.Empty(), (error, info) => {
      client.close();
      resolve(error === null ? info.getVersion() : undefined);
    });
  });
}
