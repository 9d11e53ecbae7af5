/** A Kubernetes API server of a test's own, with authentication as the test wants it: the sandbox's is fixed. */
import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import getPort from "get-port";
import { Agent, request } from "undici";
import { stringify } from "yaml";
import { ensureTool } from "../../tools/tools.ts";
import { issueCertificates } from "./certificates.ts";

interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface ApiServer {
  /** Of the administrator. */
  readonly kubeconfig: string;
  /** A request with that bearer token. */
  readonly ask: (token: string, method: "GET" | "POST" | "DELETE", path: string, body?: unknown) => Promise<ApiAnswer>;
  readonly adminToken: string;
  readonly stop: () => Promise<void>;
}

/** etcd, kube-apiserver, and of the controllers the one that gathers ClusterRoles into aggregated ones. */
export async function startApiServer(authentication: object): Promise<ApiServer> {
  const progress = (message: string): void => void process.stdout.write(`    ${message}\n`);
  const etcd = await ensureTool("etcd", progress);
  const apiserver = await ensureTool("kube-apiserver", progress);
  const controllers = await ensureTool("kube-controller-manager", progress);
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "kf-api-server-"));
  const file = (name: string): string => path.join(folder, name);
  const { ca, certFile, keyFile } = await issueCertificates(file("tls"));
  const adminToken = randomBytes(16).toString("hex");
  const [etcdPort, peerPort, port] = [await getPort(), await getPort(), await getPort()];
  const server = `https://127.0.0.1:${port}`;
  await fs.writeFile(file("tokens"), `${adminToken},admin,admin,system:masters\n`, { mode: 0o600 });
  await fs.writeFile(file("authentication.yaml"), stringify(authentication));
  await fs.writeFile(file("kubeconfig"), stringify(kubeconfigOf(server, ca, adminToken)), { mode: 0o600 });
  const processes = [
    start(etcd, file("etcd.log"), {
      "data-dir": file("etcd"),
      "listen-client-urls": `http://127.0.0.1:${etcdPort}`,
      "advertise-client-urls": `http://127.0.0.1:${etcdPort}`,
      "listen-peer-urls": `http://127.0.0.1:${peerPort}`,
      "unsafe-no-fsync": "true",
    }),
    start(apiserver, file("kube-apiserver.log"), {
      "etcd-servers": `http://127.0.0.1:${etcdPort}`,
      "bind-address": "127.0.0.1",
      // Found by itself from the default route, which a machine without network lacks.
      "advertise-address": "192.0.2.1",
      "secure-port": String(port),
      "service-cluster-ip-range": "10.96.0.0/16",
      "tls-cert-file": certFile,
      "tls-private-key-file": keyFile,
      "service-account-issuer": server,
      "service-account-key-file": certFile,
      "service-account-signing-key-file": keyFile,
      "authorization-mode": "RBAC",
      "token-auth-file": file("tokens"),
      "authentication-config": file("authentication.yaml"),
    }),
    start(controllers, file("kube-controller-manager.log"), {
      kubeconfig: file("kubeconfig"),
      controllers: "clusterrole-aggregation-controller",
      "leader-elect": "false",
      "secure-port": "0",
    }),
  ];
  const agent = new Agent({ connect: { ca } });
  const ask: ApiServer["ask"] = async (token, method, target, body) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await request(`${server}${target}`, { method, headers, dispatcher: agent, ...sent });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: text.startsWith("{") ? (JSON.parse(text) as unknown) : text };
  };
  const stop = async (): Promise<void> => {
    await agent.close();
    // Nothing of it is to last; asked politely, the API server takes up to a minute.
    for (const each of processes) each.child.kill("SIGKILL");
    await Promise.all(processes.map(async ({ child }) => await child));
    await fs.rm(folder, { recursive: true, force: true });
  };
  // No limit but Mocha's own: a process that ended will not come.
  while (!(await isReady(ask, adminToken))) {
    const dead = processes.find(({ ended }) => ended());
    if (dead === undefined) {
      await delay(100);
      continue;
    }
    const log = (await fs.readFile(dead.log, "utf8")).split("\n").slice(-8).join("\n");
    await stop();
    throw new Error(`${path.basename(dead.log)}:\n${log}`);
  }
  return { kubeconfig: await fs.readFile(file("kubeconfig"), "utf8"), ask, adminToken, stop };
}

async function isReady(ask: ApiServer["ask"], token: string): Promise<boolean> {
  try {
    return (await ask(token, "GET", "/readyz")).status === 200;
  } catch {
    // It does not listen yet.
    return false;
  }
}

function start(command: string, log: string, flags: Readonly<Record<string, string>>) {
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const output = { file: log };
  const child = execa(command, args, { reject: false, stdin: "ignore", stdout: output, stderr: output });
  let over = false;
  void child.then(() => (over = true));
  return { child, log, ended: () => over };
}

function kubeconfigOf(server: string, ca: string, token: string): object {
  const data = Buffer.from(ca).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    clusters: [{ name: "test", cluster: { server, "certificate-authority-data": data } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
  };
}
