import fs from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import writeFileAtomic from "write-file-atomic";
import { stringify } from "yaml";
import { UserError } from "../shared/errors.ts";
import type { Progress, SandboxTool } from "../tools/tools.ts";
import { SandboxApi } from "./api.ts";
import { componentNames, kwokctlConfig, portsOf, type ComponentName } from "./config.ts";
import { readIfThere, type Place } from "./place.ts";
import { choosePorts } from "./ports.ts";
import { removeStalePidFiles, runningProcesses, stopProcesses } from "./processes.ts";

type Tools = Readonly<Record<SandboxTool, string>>;

const attempts = 3;
const readyTimeoutMs = 120_000;

/** The API server's address, from the configuration; `undefined` for a sandbox that never started. */
export async function apiServerOf(place: Place): Promise<string | undefined> {
  const port = portsOf((await readIfThere(place.config)) ?? "").kubeApiserverPort;
  return port === undefined ? undefined : `https://127.0.0.1:${port}`;
}

/** Whether every component runs and the API server says within `patienceMs` that it is ready. */
export async function isHealthy(place: Place, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    if ((await deadComponents(place)).length > 0) return false;
    if (await isServing(place, Math.max(1_000, deadline - Date.now()))) return true;
    if (Date.now() > deadline) return false;
    await delay(100);
  }
}

async function isServing(place: Place, timeoutMs: number): Promise<boolean> {
  const server = await apiServerOf(place);
  if (server === undefined) return false;
  const api = await SandboxApi.open(place, server);
  try {
    return await api.ready(timeoutMs);
  } finally {
    await api.close();
  }
}

/**
 * Brings every component up, whatever state they are in, and keeps the data. While the API server answers, only what is
 * dead is started; else, or when the configuration has to change (another version, or a port that somebody else took),
 * everything is.
 */
export async function launch(place: Place, tools: Tools, progress: Progress): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    if (attempt > 1 || !(await isServing(place, 2_000))) await stopProcesses(place);
    await configure(place, tools, progress);
    await removeStalePidFiles(place);
    // kwokctl makes these with a new cluster only, and cannot start anything without them.
    await Promise.all([place.pids, place.logs].map(async (folder) => await fs.mkdir(folder, { recursive: true })));
    progress(`start ${(await deadComponents(place)).join(", ")}`);
    await createCluster(place, tools);
    if (await isHealthy(place, readyTimeoutMs)) {
      await writeKubeconfig(place);
      return;
    }
    progress(
      `${(await deadComponents(place)).join(", ") || "the API server"} did not come up (try ${attempt} of ${attempts})`,
    );
  }
  throw new UserError(await explainFailure(place));
}

/** Writes the configuration for kwokctl. A changed one needs all components to start again. */
async function configure(place: Place, tools: Tools, progress: Progress): Promise<void> {
  const before = await readIfThere(place.config);
  const ports = await choosePorts(portsOf(before ?? ""), await runningProcesses(place));
  const config = kwokctlConfig(tools, ports);
  if (config === before && (await readIfThere(place.clusterConfig)) !== undefined) return;
  if (before !== undefined) progress("the configuration changed (ports or versions): restart with the data kept");
  await stopProcesses(place);
  // Without its own configuration kwokctl creates the cluster anew, around the data and keys that are there.
  await fs.rm(place.clusterConfig, { force: true });
  await fs.mkdir(place.root, { recursive: true, mode: 0o700 });
  await writeFileAtomic(place.config, config, { mode: 0o600 });
}

/** Runs kwokctl, which starts what does not run; gives up on it as soon as a component that it started has died. */
async function createCluster(place: Place, tools: Tools): Promise<void> {
  const cancel = new AbortController();
  const watch = abortOnDeath(place, cancel);
  const { failed, isCanceled, stderr } = await execa(
    tools.kwokctl,
    ["create", "cluster", "--name", place.name, "--kubeconfig", "", "--config", place.config],
    {
      reject: false,
      extendEnv: false,
      env: environment(place, tools),
      cancelSignal: cancel.signal,
      stdin: "ignore",
      stdout: "ignore",
    },
  );
  cancel.abort();
  await watch;
  if (failed && !isCanceled) throw new UserError(`sandbox ${place.name}: kwokctl failed:\n${stderr}`);
}

/** The user's environment, without settings for kwok, and with our kubectl first: kwokctl takes it from PATH. */
function environment(place: Place, tools: Tools): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("KWOK_"));
  return {
    ...Object.fromEntries(own),
    KWOK_WORKDIR: place.root,
    PATH: `${path.dirname(tools.kubectl)}${path.delimiter}${process.env["PATH"] ?? ""}`,
  };
}

async function abortOnDeath(place: Place, cancel: AbortController): Promise<void> {
  while (!cancel.signal.aborted) {
    await delay(250, undefined, { signal: cancel.signal }).catch(() => undefined);
    const started = await fs.readdir(place.pids).catch((): readonly string[] => []);
    const dead = await deadComponents(place);
    if (dead.some((name) => started.includes(`${name}.pid`))) cancel.abort();
  }
}

async function deadComponents(place: Place): Promise<readonly ComponentName[]> {
  const running = await runningProcesses(place);
  return componentNames.filter((name) => !running.has(name));
}

/** One file with everything in it, for the user's eyes only; kwokctl's own points to key files and is readable. */
async function writeKubeconfig(place: Place): Promise<void> {
  const [ca, cert, key] = await Promise.all(
    ["ca.crt", "admin.crt", "admin.key"].map(async (file) => await fs.readFile(path.join(place.pki, file), "base64")),
  );
  const name = `kf-sandbox-${place.name}`;
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server: await apiServerOf(place), "certificate-authority-data": ca } }],
    users: [{ name, user: { "client-certificate-data": cert, "client-key-data": key } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  await writeFileAtomic(place.kubeconfig, stringify(kubeconfig), { mode: 0o600 });
}

async function explainFailure(place: Place): Promise<string> {
  const dead = await deadComponents(place);
  const suspects = dead.length > 0 ? dead : (["kube-apiserver"] as const);
  const tails = await Promise.all(
    suspects.map(async (name) => {
      const log = path.join(place.logs, `${name}.log`);
      const lines = ((await readIfThere(log)) ?? "").trimEnd().split("\n");
      return `${name} (${log}):\n${lines.slice(-5).join("\n")}`;
    }),
  );
  return (
    `sandbox ${place.name}: ${dead.join(", ") || "the API server"} did not come up in ${attempts} tries. ` +
    `Last lines of the logs:\n${tails.join("\n")}\n` +
    `If its data is damaged, \`kf sandbox reset --name ${place.name}\` deletes it and starts afresh.`
  );
}
