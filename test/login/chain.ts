/** The real Dex and the real oauth2-proxy, where PATH has them, with the configuration that `kubeflow:login` renders. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import getPort from "get-port";
import { stringify } from "yaml";
import { dexIssuer } from "../../components/kubeflow/login/dex-config.ts";
import type { DexConfig } from "../../components/kubeflow/login/dex-model.ts";
import { oauth2ProxyText } from "../../components/kubeflow/login/oauth2-proxy-config.ts";
import type { OAuth2ProxyConfig } from "../../components/kubeflow/login/oauth2-proxy-model.ts";
import type { Certificates } from "../support/certificates.ts";

const programs = ["dex", "oauth2-proxy"] as const;

/** Those of the two that PATH lacks. */
export async function missingPrograms(): Promise<readonly string[]> {
  const found = await Promise.all(
    programs.map(async (name) => await execa(name, [name === "dex" ? "version" : "--version"], { reject: false })),
  );
  return programs.filter((_, index) => found[index]?.failed !== false);
}

export interface ChainOptions {
  /** For configurations, logs and certificates. */
  readonly folder: string;
  readonly certificates: Certificates;
  readonly dex: DexConfig;
  readonly proxy: OAuth2ProxyConfig;
  /** Of Dex, beside those of its client. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface Chain {
  /** What the gateway is to the cluster: `/dex/` goes to Dex, everything else to oauth2-proxy. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Changed in what is rendered: where Dex is and listens, that it keeps its state in memory and not in the cluster, and the
 * logo, which is a file of the Deployment.
 */
export async function startChain({ folder, certificates, dex, proxy, variables }: ChainOptions): Promise<Chain> {
  const [dexPort, proxyPort, port] = [await getPort(), await getPort(), await getPort()];
  const origin = new URL(dexIssuer).origin;
  const moved = (text: string): string => text.replaceAll(origin, `http://127.0.0.1:${dexPort}`);
  const dexFile = path.join(folder, "dex.yaml");
  const local = { ...dex, storage: { type: "memory" }, web: { http: `127.0.0.1:${dexPort}` } };
  await fs.writeFile(dexFile, moved(stringify(local)));
  const proxyFile = path.join(folder, "oauth2_proxy.cfg");
  await fs.writeFile(proxyFile, moved(oauth2ProxyText({ ...proxy, custom_sign_in_logo: "-" })));
  const client = { id: "kubeflow", secret: randomBytes(16).toString("hex") };
  const start = (name: string, args: readonly string[], env: Readonly<Record<string, string>>) => {
    const output = { file: path.join(folder, `${name}.log`) };
    return execa(name, args, { env, reject: false, stdin: "ignore", stdout: output, stderr: output });
  };
  const running = [
    start("dex", ["serve", dexFile], { ...variables, OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret }),
    start("oauth2-proxy", [`--config=${proxyFile}`, `--http-address=127.0.0.1:${proxyPort}`], {
      OAUTH2_PROXY_CLIENT_ID: client.id,
      OAUTH2_PROXY_CLIENT_SECRET: client.secret,
      OAUTH2_PROXY_COOKIE_SECRET: randomBytes(16).toString("hex"),
      OAUTH2_PROXY_COOKIE_SECURE: "true",
    }),
  ];
  let ended: string | undefined;
  for (const [index, each] of running.entries()) void each.then(() => (ended ??= programs[index]));
  const gateway = await startGateway(certificates, port, (target) => (target.startsWith("/dex") ? dexPort : proxyPort));
  const stop = async (): Promise<void> => {
    gateway.closeAllConnections();
    gateway.close();
    for (const each of running) each.kill();
    await Promise.all(running);
  };
  for (const each of [dexPort, proxyPort]) {
    while (!(await isOpen(each))) {
      if (ended !== undefined) {
        await stop();
        throw new Error(`${ended}:\n${await fs.readFile(path.join(folder, `${ended}.log`), "utf8")}`);
      }
      await delay(100);
    }
  }
  return { url: `https://localhost:${port}`, stop };
}

/** Ends TLS, as Istio's gateway does, and passes on what it is asked. */
async function startGateway(
  certificates: Certificates,
  port: number,
  portOf: (target: string) => number,
): Promise<https.Server> {
  const [key, cert] = await Promise.all([certificates.keyFile, certificates.certFile].map((file) => fs.readFile(file)));
  const server = https.createServer({ key, cert }, (incoming, response) => {
    const { url: target = "/", method = "GET", headers } = incoming;
    const options = { host: "127.0.0.1", port: portOf(target), path: target, method };
    const passed = http.request({ ...options, headers: { ...headers, "x-forwarded-proto": "https" } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", (error) => response.writeHead(502).end(error.message));
    incoming.pipe(passed);
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  return server;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = net.connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    // It does not listen yet.
    return false;
  } finally {
    socket.destroy();
  }
}
