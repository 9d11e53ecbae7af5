/** A script that takes the Pulumi CLI's arguments and replays events, over gRPC as the CLI does from 3.206 on. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { runPulumiCli, type PulumiRun } from "../../cli/pulumi-cli.ts";
import { projectRoot } from "../../shared/paths.ts";
import { summary } from "./fake-pulumi-events.ts";

/** What the fake does when it is called. */
interface Script {
  readonly version?: string;
  readonly stacks?: readonly string[];
  readonly events?: readonly Partial<EngineEvent>[];
  readonly exit?: { readonly code: number; readonly stderr: string };
}

interface Call {
  readonly args: readonly string[];
  readonly stdin: string;
  /** The file of `--config-file`, and its permissions. */
  readonly config?: string;
  readonly mode?: number;
}

/** Plain JavaScript, so that it starts quickly; `script.json` and `calls.jsonl` are beside it. */
const fake = `#!${process.execPath}
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

interface FakePulumi {
  /** Of the project that the CLI is called for, which has the one stack `dev`. */
  readonly root: () => string;
  /** Puts the fake on PATH; before, there is none. */
  readonly install: (script: Script) => Promise<void>;
  /** How it was called, in order. */
  readonly calls: () => Promise<readonly Call[]>;
  readonly run: (more?: Partial<PulumiRun>) => ReturnType<typeof runPulumiCli>;
}

/** Gives each test a PATH with nothing on it but the fake, once it is installed, and a project of its own. */
export function useFakePulumi(): FakePulumi {
  const realPath = process.env["PATH"];
  let folder: string;
  const root = (): string => path.join(folder, "project");

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-fake-pulumi-"));
    await mkdir(path.join(root(), "config"), { recursive: true });
    await writeFile(path.join(root(), "Pulumi.yaml"), "name: demo\nruntime: nodejs\nstackConfigDir: config\n");
    await writeFile(path.join(root(), "config", "Pulumi.dev.yaml"), "encryptionsalt: v1:salt\nconfig:\n  demo:a: b\n");
    process.env["PATH"] = folder;
  });
  afterEach(async () => {
    process.env["PATH"] = realPath;
    await rm(folder, { recursive: true, force: true });
  });

  return {
    root,
    async install(script) {
      await writeFile(path.join(folder, "pulumi"), fake);
      await chmod(path.join(folder, "pulumi"), 0o755);
      const defaults: Script = { version: "3.270.0", stacks: ["dev"], events: [summary(1)] };
      await writeFile(path.join(folder, "script.json"), JSON.stringify({ ...defaults, ...script }));
    },
    async calls() {
      const lines = (await readFile(path.join(folder, "calls.jsonl"), "utf8")).trim().split("\n");
      return lines.map((line) => JSON.parse(line) as Call);
    },
    run: (more = {}) =>
      runPulumiCli({
        root: root(),
        kind: "up",
        stack: "dev",
        parallel: 8,
        secrets: {},
        report: () => undefined,
        ...more,
      }),
  };
}
