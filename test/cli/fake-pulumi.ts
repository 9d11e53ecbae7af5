/** A script that takes the Pulumi CLI's arguments and replays events, over gRPC as the CLI does from 3.206 on. */
import path from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { projectRoot } from "../../shared/paths.ts";

/** What the fake does when it is called. */
export interface Script {
  readonly version?: string;
  readonly stacks?: readonly string[];
  readonly events?: readonly Partial<EngineEvent>[];
  readonly exit?: { readonly code: number; readonly stderr: string };
}

export interface Call {
  readonly args: readonly string[];
  readonly stdin: string;
  /** The file of `--config-file`, and its permissions. */
  readonly config?: string;
  readonly mode?: number;
}

/** Plain JavaScript, so that it starts quickly; `script.json` and `calls.jsonl` are beside it. */
export const fake = `#!${process.execPath}
const fs = require("node:fs");
const path = require("node:path");
const load = require("node:module").createRequire(${JSON.stringify(path.join(projectRoot, "package.json"))});
const script = JSON.parse(fs.readFileSync(path.join(__dirname, "script.json"), "utf8"));
const args = process.argv.slice(2);
const option = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const fail = (text) => { process.stderr.write(text); process.exit(255); };
const command = args.slice(0, 2).join(" ");
const stdin = command === "config set" ? fs.readFileSync(0, "utf8") : "";
const file = option("--config-file");
const config = file === undefined ? {} : { config: fs.readFileSync(file, "utf8"), mode: fs.statSync(file).mode & 0o777 };
fs.appendFileSync(path.join(__dirname, "calls.jsonl"), JSON.stringify({ args, stdin, ...config }) + "\\n");
if (command === "config set") fs.appendFileSync(file, "  kubeflow:kubeconfig:\\n    secure: v1:sealed\\n");
else if (args[0] === "version") console.log("v" + script.version);
else if (command === "stack select" && !script.stacks.includes(option("--stack")))
  fail("error: no stack named '" + option("--stack") + "' found\\n");
else if (command === "stack output") console.log("{}");
else if (command === "stack history") console.log("[]");
else if (option("--event-log") !== undefined) replay(option("--event-log").replace("tcp://", ""));
function replay(address) {
  const grpc = load("@grpc/grpc-js");
  const { EventsClient } = load("@pulumi/pulumi/proto/events_grpc_pb.js");
  const { EventRequest } = load("@pulumi/pulumi/proto/events_pb.js");
  const client = new EventsClient(address, grpc.credentials.createInsecure());
  const call = client.streamEvents(() => (script.exit === undefined ? process.exit(0) : fail(script.exit.stderr)));
  for (const event of script.events) {
    const request = new EventRequest();
    request.setEvent(JSON.stringify(event));
    call.write(request);
  }
  call.end();
}
`;
