import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import PQueue from "p-queue";
import { messageOf, UserError } from "../shared/errors.ts";
import {
  contextNamespace,
  loadKubeConfig,
  resolveCredentials,
  type ClusterChoice,
  type Credentials,
} from "./credentials.ts";
import { ApiError, type ApiStatus } from "./errors.ts";
import type { RequestStats } from "./stats.ts";

export interface ConnectionOptions extends ClusterChoice {
  /** Requests in flight at once, watches aside. @default 32 */
  readonly concurrency?: number;
  /** How long an API server that was there before may be away. @default 300 */
  readonly outageSeconds?: number;
  /** How long an API server may take to answer for the first time. @default 10 */
  readonly connectSeconds?: number;
  /** Told when the API server is away and when it is back. */
  readonly progress?: (message: string) => void;
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query: `/api/v1/namespaces?limit=1`. */
  readonly path: string;
  readonly body?: unknown;
  /** @default "application/json" */
  readonly contentType?: string;
  /** @default "application/json" */
  readonly accept?: string;
  /** Those with less of it wait while there are too many. @default more than any other */
  readonly urgency?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Answer {
  readonly status: number;
  readonly retryAfterSeconds: number;
  readonly text: string;
  /** Of an endless answer; then there is no text. */
  readonly stream?: Readable;
}

/**
 * How long an answer may take to begin. A request that an API server took while it went down or came up may never be
 * answered (seen: one after a SIGKILL, until undici's own limit of 300 s); sent again it is.
 */
const ANSWER_SECONDS = 30;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** How long "500 Internal Server Error" is believed to pass: a webhook's endpoints, a new etcd leader. */
const SERVER_ERROR_SECONDS = 30;

/**
 * Authenticated requests to one API server, over kept connections. Every request made through it may be sent again
 * without harm (GET, server-side apply, DELETE by uid), so an API server that restarts is waited for. Connections that
 * are idle keep no process alive for more than a minute; `close` ends them at once.
 */
export class Connection {
  readonly namespace: string;
  readonly #config: KubeConfig;
  readonly #options: ConnectionOptions;
  readonly #queue: PQueue;
  readonly #stats: Record<string, number> = {};
  #lastWrite: number | undefined;
  #credentials: Promise<Credentials> | undefined;
  readonly #closed = new AbortController();
  #answered = false;
  #outage: Promise<void> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#config = loadKubeConfig(options);
    this.namespace = contextNamespace(this.#config);
    this.#queue = new PQueue({ concurrency: options.concurrency ?? 32 });
  }

  get stats(): RequestStats {
    return { ...this.#stats };
  }

  /** When the last change was answered, in milliseconds since 1970; `undefined` when nothing was changed. */
  get lastWrite(): number | undefined {
    return this.#lastWrite;
  }

  /**
   * The parsed answer.
   * @throws ApiError when the server refuses, UserError when there is no talking to it.
   */
  request(request: ApiRequest): Promise<unknown> {
    const { urgency: priority = Number.MAX_SAFE_INTEGER } = request;
    return this.#queue.add(async () => JSON.parse((await this.#insist(request, false)).text) as unknown, { priority });
  }

  /** The lines of an endless answer. Ends or throws when the server or the network ends it. */
  async *lines(request: ApiRequest): AsyncGenerator {
    const { stream } = await this.#insist(request, true);
    if (stream === undefined) return;
    let rest = "";
    stream.setEncoding("utf8");
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as unknown;
    }
  }

  async close(): Promise<void> {
    this.#closed.abort(new UserError("the connection to the API server was closed"));
    const { dispatcher } = (await this.#credentials?.catch(() => undefined)) ?? {};
    await dispatcher?.destroy();
  }

  /** Sends until there is an answer that sending again would not change. */
  async #insist(request: ApiRequest, endless: boolean): Promise<Answer> {
    const signal =
      request.signal === undefined ? this.#closed.signal : AbortSignal.any([request.signal, this.#closed.signal]);
    const started = Date.now();
    const usedUp: Promise<Credentials>[] = [];
    for (let attempt = 0; ; attempt++) {
      this.#credentials ??= resolveCredentials(this.#config);
      const credentials = this.#credentials;
      const answer = await this.#send(request, await credentials, endless, signal).catch((fault: unknown) => {
        signal.throwIfAborted();
        if (secondsSince(started) > (this.#options.outageSeconds ?? 300)) throw this.#unreachable(fault);
        return this.#serverIsBack(fault, signal);
      });
      if (answer === undefined) continue;
      if (answer.status < 300) return answer;
      const error = new ApiError(answer.status, parseStatus(answer.text));
      if (answer.status === 401) {
        // Tokens of exec plugins expire: new ones are asked for once, by whichever of the waiting requests is first.
        if (usedUp.length > 0) throw new UserError(this.#unauthorized(error), { cause: error });
        usedUp.push(credentials);
        if (this.#credentials === credentials) this.#credentials = undefined;
      } else if (secondsSince(started) > this.#patience(error)) {
        throw error;
      }
      await delay(Math.max(pause(attempt), answer.retryAfterSeconds * 1000), undefined, { signal });
    }
  }

  /** Seconds for which an answer is believed to change by itself. */
  #patience({ status, reason, message }: ApiError): number {
    // A body that does not fit the schema of its kind is a 500 too, without a reason, and stays one.
    if (status === 500)
      return reason === "InternalError" || /etcdserver|time(d )?out|deadline/.test(message) ? SERVER_ERROR_SECONDS : -1;
    return status === 429 || (status > 500 && status < 505) ? (this.#options.outageSeconds ?? 300) : -1;
  }

  async #send(request: ApiRequest, credentials: Credentials, endless: boolean, signal: AbortSignal): Promise<Answer> {
    const { method, path, body, contentType = "application/json", accept = "application/json" } = request;
    try {
      const response = await credentials.dispatcher.request({
        origin: credentials.server,
        method,
        path,
        headers: { ...credentials.headers, accept, ...(body === undefined ? {} : { "content-type": contentType }) },
        ...(body === undefined ? {} : { body: encode(body) }),
        headersTimeout: ANSWER_SECONDS * 1000,
        ...(endless ? { bodyTimeout: 0 } : {}),
        signal,
      });
      const streams = endless && response.statusCode < 300;
      const text = streams ? "" : await response.body.text();
      this.#answered = true;
      this.#count(path.includes("dryRun=All") ? "DRY-RUN" : method, response.statusCode);
      const retryAfterSeconds = Number(response.headers["retry-after"] ?? 0) || 0;
      return { status: response.statusCode, retryAfterSeconds, text, ...(streams ? { stream: response.body } : {}) };
    } catch (error) {
      if (!signal.aborted) this.#count(method, 0);
      throw error;
    }
  }

  /** Resolves when the server is ready again; every request that lost its connection waits for the same answer. */
  async #serverIsBack(fault: unknown, signal: AbortSignal): Promise<undefined> {
    this.#outage ??= this.#probe(fault).finally(() => (this.#outage = undefined));
    await orAborted(this.#outage, signal);
  }

  async #probe(firstFault: unknown): Promise<void> {
    const { connectSeconds = 10, outageSeconds = 300, progress } = this.#options;
    const seconds = this.#answered ? outageSeconds : connectSeconds;
    const started = Date.now();
    let fault = firstFault;
    for (let attempt = 0; ; attempt++) {
      if (attempt > 0) await delay(pause(attempt), undefined, { signal: this.#closed.signal });
      if (attempt === 2) progress?.(`the API server is away (${messageOf(fault)}): waiting for up to ${seconds} s`);
      if (isForever(fault) || secondsSince(started) > seconds) throw this.#unreachable(fault);
      const credentials = await (this.#credentials ??= resolveCredentials(this.#config));
      const answer = await this.#send(
        { method: "GET", path: "/readyz" },
        credentials,
        false,
        this.#closed.signal,
      ).catch((error: unknown) => void (fault = error));
      // Who may not ask for /readyz (401, 403) still learns that the server answers.
      if (answer !== undefined && answer.status < 500) {
        if (attempt >= 2) progress?.(`the API server is back after ${Math.round(secondsSince(started))} s`);
        return;
      }
    }
  }

  #count(method: string, status: number): void {
    const key = `${method} ${status}`;
    if (method !== "GET" && method !== "DRY-RUN" && status !== 0) this.#lastWrite = Date.now();
    this.#stats[key] = (this.#stats[key] ?? 0) + 1;
  }

  #unreachable(fault: unknown): UserError {
    const server = this.#config.getCurrentCluster()?.server ?? "";
    return new UserError(
      `the API server ${server} (context "${this.#config.currentContext}") cannot be reached: ${messageOf(fault)}. ` +
        "Check that the cluster runs and that this machine reaches it (VPN, proxy, firewall), or set another kubeconfig",
      { cause: fault },
    );
  }

  #unauthorized(error: ApiError): string {
    return (
      `the API server ${this.#config.getCurrentCluster()?.server ?? ""} does not accept the credentials of the context ` +
      `"${this.#config.currentContext}": ${error.message} (401). They have expired or are of another cluster: ` +
      "log in again, or fetch a new kubeconfig"
    );
  }
}

/** JSON that is YAML too, which server-side apply reads it as: YAML wants these characters escaped. */
function encode(body: unknown): string {
  return JSON.stringify(body).replace(
    /[\u007f-\u009f\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function secondsSince(started: number): number {
  return (Date.now() - started) / 1000;
}

/** Grows to two seconds; spread, so that waiting requests do not come back all at once. */
function pause(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
}

/** A certificate that does not fit will not fit later. */
function isForever(fault: unknown): boolean {
  const code = fault instanceof Error && "code" in fault ? String(fault.code) : "";
  return /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|ERR_INVALID_)/.test(code);
}

function parseStatus(text: string): ApiStatus | string {
  try {
    const parsed = JSON.parse(text) as ApiStatus;
    return parsed.kind === "Status" ? parsed : text;
  } catch {
    return text; // A proxy's page, or the "404 page not found" of an unknown group.
  }
}

function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
