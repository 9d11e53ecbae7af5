/** `LanguageRuntime` of pulumi/language.proto, as far as a program in TypeScript and a policy pack need it. */
import { createRequire } from "node:module";
import path from "node:path";
import type { Server, ServerWritableStream } from "@grpc/grpc-js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import pb, { type RunPluginRequest, type RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import { execa } from "execa";
import { unary } from "../../shared/grpc.ts";

/** Of the SDK's launchers: what went wrong is told already (`cmd/run/index.js` of the SDK). */
const toldAlready = 32;

export function addLanguageRuntime(server: Server, engineAddress: string): void {
  server.addService(languageGrpc.LanguageRuntimeService, {
    handshake: unary(() => new pb.LanguageHandshakeResponse()),
    getPluginInfo: unary(() => new pluginPb.PluginInfo().setVersion("0.1.0")),
    // None in advance: each resource says which plugin it needs, in which version.
    getRequiredPackages: unary(() => new pb.GetRequiredPackagesResponse()),
    getRequiredPlugins: unary(() => new pb.GetRequiredPluginsResponse()),
    about: unary(() => new pb.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
    run: unary((request: RunRequest) => run(request, engineAddress)),
    runPlugin: (call: PluginCall) => void runPlugin(call),
  });
}

async function run(request: RunRequest, engineAddress: string) {
  if (request.getAttachDebugger()) {
    const words = "--attach-debugger: not with this stand-in for Pulumi's language host; install Pulumi's own CLI";
    return new pb.RunResponse().setError(words);
  }
  const info = request.getInfo();
  const root = info?.getRootDirectory() ?? request.getPwd();
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    pwd: request.getPwd(),
    "root-directory": root,
    parallel: String(request.getParallel()),
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const dryRun = request.getDryrun() ? ["--dry-run"] : [];
  const { exitCode } = await execa(
    process.execPath,
    [launcher(root, "run"), ...args, ...dryRun, request.getProgram(), ...request.getArgsList()],
    {
      cwd: request.getPwd(),
      env: {
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        // Node strips the types itself.
        PULUMI_NODEJS_TYPESCRIPT: "false",
      },
      // The CLI shows what comes out of this process.
      stdio: ["ignore", "inherit", "inherit"],
      reject: false,
    },
  );
  const response = new pb.RunResponse();
  if (exitCode === toldAlready) return response.setBail(true);
  return exitCode === 0 ? response : response.setError(`the program ended with exit code ${String(exitCode)}`);
}

type PluginCall = ServerWritableStream<RunPluginRequest, InstanceType<typeof pb.RunPluginResponse>>;

/** A policy pack: its output goes to the CLI, which reads a port from it. */
async function runPlugin(call: PluginCall): Promise<void> {
  const { request } = call;
  const kind = request.getKind();
  if (kind !== "analyzer") {
    call.destroy(
      new Error(`a plugin of the kind ${kind}: this stand-in runs policy packs only. Install Pulumi's own CLI`),
    );
    return;
  }
  const folder = request.getInfo()?.getProgramDirectory() ?? request.getProgram();
  const gone = new AbortController();
  call.on("cancelled", () => gone.abort());
  const child = execa(process.execPath, [launcher(folder, "run-policy-pack"), ...request.getArgsList(), folder], {
    // The policy SDK takes the version of the pack from the manifest of the folder that it runs in.
    cwd: folder,
    env: environmentOf(request.getEnvList()),
    extendEnv: false,
    stdin: "ignore",
    buffer: false,
    reject: false,
    cancelSignal: gone.signal,
  });
  child.stdout.on("data", (bytes: Uint8Array) => call.write(new pb.RunPluginResponse().setStdout(bytes)));
  child.stderr.on("data", (bytes: Uint8Array) => call.write(new pb.RunPluginResponse().setStderr(bytes)));
  const { exitCode } = await child;
  call.write(new pb.RunPluginResponse().setExitcode(exitCode ?? 1));
  call.end();
}

function environmentOf(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((entry) => {
      const [name = "", ...value] = entry.split("=");
      return [name, value.join("=")];
    }),
  );
}

/** Of the SDK that the program itself uses. */
function launcher(folder: string, name: "run" | "run-policy-pack"): string {
  return createRequire(path.join(folder, "package.json")).resolve(`@pulumi/pulumi/cmd/${name}`);
}
