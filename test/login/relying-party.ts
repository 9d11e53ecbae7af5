/**
 * Stands where oauth2-proxy would, which cannot be had here: does with its rendered configuration what its documentation
 * says of every key that decides a login (https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview). Of what
 * oauth2-proxy itself does right or wrong it shows nothing.
 */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs/promises";
import https from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createLocalJWKSet, EncryptJWT, jwtDecrypt, jwtVerify, type JSONWebKeySet, type JWTPayload } from "jose";
import { Agent, request } from "undici";
import type { OAuth2ProxyConfig } from "../../components/kubeflow/login/oauth2-proxy-model.ts";
import type { Certificates } from "../support/certificates.ts";

export interface RelyingParty {
  /** Of everyone who asks from now on. */
  readonly passTime: (seconds: number) => void;
  readonly stop: () => Promise<void>;
}

interface Facts {
  readonly config: OAuth2ProxyConfig;
  /** `OAUTH2_PROXY_CLIENT_ID`, `_CLIENT_SECRET`, `_COOKIE_SECURE` of the Deployment. */
  readonly client: { readonly id: string; readonly secret: string };
  readonly secure: boolean;
  readonly certificates: Certificates;
}

interface Who {
  readonly email: unknown;
  readonly groups: unknown;
}

interface Endpoints {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
}

/** Listens at the host of `redirect_url`. */
export async function startRelyingParty(facts: Facts): Promise<RelyingParty> {
  const { certificates, config } = facts;
  const [key, cert] = await Promise.all([certificates.keyFile, certificates.certFile].map((file) => fs.readFile(file)));
  const party = new Party(facts);
  const server = https.createServer({ key, cert }, (incoming, response) => {
    party.answer(incoming, response).catch((error: unknown) => {
      page(response, 500, `<p id="error">${String(error)}</p>`);
    });
  });
  await once(server.listen(Number(new URL(config.redirect_url).port), "127.0.0.1"), "listening");
  return {
    passTime: (seconds) => void (party.ahead += seconds),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await party.close();
    },
  };
}

class Party {
  /** Seconds that its clock is ahead. */
  ahead = 0;
  readonly #facts: Facts;
  readonly #cookieSecret = randomBytes(32);
  readonly #agent: Agent;

  constructor(facts: Facts) {
    this.#facts = facts;
    this.#agent = new Agent({ connect: { ca: facts.certificates.ca } });
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { redirect_url: redirectUrl } = this.#facts.config;
    const url = new URL(incoming.url ?? "/", redirectUrl);
    if (url.pathname === "/oauth2/start") await this.#start(url, response);
    else if (url.pathname === new URL(redirectUrl).pathname) await this.#callback(url, incoming, response);
    else if (url.pathname === "/oauth2/sign_out") this.#signOut(url, response);
    else await this.#check(url, incoming, response);
  }

  /** What Istio asks of every request to Kubeflow. */
  async #check(url: URL, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { config } = this.#facts;
    const session = await this.#opened(incoming, config.cookie_name);
    const isBackground = config.api_routes.some((route) => new RegExp(route).test(url.pathname));
    const form = `<form action="/oauth2/start"><input type="hidden" name="rd" value="${url.pathname}">
      <button id="login">Sign in with ${config.provider_display_name}</button></form>`;
    if (session !== undefined) page(response, 200, `<p id="who">${JSON.stringify(session["who"])}</p>`);
    else if (isBackground) page(response, 401, "");
    else page(response, 403, form);
  }

  async #start(url: URL, response: ServerResponse): Promise<void> {
    const { config, client } = this.#facts;
    const [state, nonce, verifier] = [0, 0, 0].map(() => randomBytes(32).toString("base64url"));
    const { authorization_endpoint: login } = await this.#endpoints();
    const query = new URLSearchParams({
      client_id: client.id,
      response_type: "code",
      scope: config.scope,
      redirect_uri: config.redirect_url,
      state: state ?? "",
      nonce: nonce ?? "",
      code_challenge: createHash("sha256")
        .update(verifier ?? "")
        .digest("base64url"),
      code_challenge_method: config.code_challenge_method,
      ...(config.prompt === undefined
        ? { approval_prompt: config.approval_prompt ?? "force" }
        : { prompt: config.prompt }),
    });
    const rd = url.searchParams.get("rd") ?? "/";
    await this.#setCookie(response, `${config.cookie_name}_csrf`, { state, nonce, verifier, rd }, 900);
    response.writeHead(302, { location: `${login}?${query.toString()}` }).end();
  }

  async #callback(url: URL, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { config } = this.#facts;
    const begun = await this.#opened(incoming, `${config.cookie_name}_csrf`);
    const error = url.searchParams.get("error");
    const claims =
      error !== null
        ? error
        : begun === undefined || url.searchParams.get("state") !== begun["state"]
          ? "no such login"
          : await this.#redeem(url.searchParams.get("code") ?? "", begun);
    const why = typeof claims === "string" ? claims : this.#reasonAgainst(claims);
    if (why !== undefined) {
      page(response, 403, `<p id="error">${why}</p>`);
      return;
    }
    await this.#setCookie(response, config.cookie_name, { who: claims }, secondsOf(config.cookie_expire));
    response.writeHead(302, { location: String(begun?.["rd"]) }).end();
  }

  /** Who it is by the issuer's ID token. */
  async #redeem(code: string, begun: JWTPayload): Promise<Who | string> {
    const { config, client } = this.#facts;
    const { token_endpoint: redeem, jwks_uri: jwks } = await this.#endpoints();
    const answer = (await this.#json(redeem, {
      grant_type: "authorization_code",
      code,
      redirect_uri: config.redirect_url,
      code_verifier: String(begun["verifier"]),
      client_id: client.id,
      client_secret: client.secret,
    })) as { readonly id_token: string };
    const keys = createLocalJWKSet((await this.#json(jwks)) as JSONWebKeySet);
    const expected = { issuer: config.oidc_issuer_url, audience: client.id };
    const { payload } = await jwtVerify(answer.id_token, keys, expected);
    if (payload["nonce"] !== begun["nonce"]) return "not for this login";
    return { email: payload[config.oidc_email_claim], groups: payload[config.oidc_groups_claim] ?? [] };
  }

  #reasonAgainst({ email, groups }: Who): string | undefined {
    const { email_domains: domains, allowed_groups: allowed = [] } = this.#facts.config;
    const isOfDomain = domains.some((domain) => domain === "*" || String(email).endsWith(`@${domain}`));
    if (!isOfDomain) return "an address of another domain";
    const isOfGroup = allowed.length === 0 || [groups].flat().some((group) => allowed.includes(String(group)));
    return isOfGroup ? undefined : "in none of the groups";
  }

  #signOut(url: URL, response: ServerResponse): void {
    const { cookie_name: name, whitelist_domains: hosts = [] } = this.#facts.config;
    const asked = url.searchParams.get("rd") ?? "/";
    const isOurs = asked.startsWith("/") && !asked.startsWith("//");
    const location = isOurs || (URL.canParse(asked) && hosts.includes(new URL(asked).host)) ? asked : "/";
    response.writeHead(302, { location, "set-cookie": `${name}=; Path=/; Max-Age=0${this.#attributes()}` }).end();
  }

  async #endpoints(): Promise<Endpoints> {
    const { config } = this.#facts;
    if (!config.skip_oidc_discovery) {
      return (await this.#json(`${config.oidc_issuer_url}/.well-known/openid-configuration`)) as Endpoints;
    }
    return {
      authorization_endpoint: config.login_url ?? "",
      token_endpoint: config.redeem_url ?? "",
      jwks_uri: config.oidc_jwks_url ?? "",
    };
  }

  async #json(url: string, form?: Readonly<Record<string, string>>): Promise<unknown> {
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const sent = form && { method: "POST" as const, headers: type, body: new URLSearchParams(form).toString() };
    const answer = await request(url, { dispatcher: this.#agent, ...sent });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode} ${text}`);
    return JSON.parse(text) as unknown;
  }

  #attributes(): string {
    const { config, secure } = this.#facts;
    return `; SameSite=${config.cookie_samesite}; HttpOnly${secure ? "; Secure" : ""}`;
  }

  async #setCookie(response: ServerResponse, name: string, claims: JWTPayload, seconds: number): Promise<void> {
    const now = Math.floor(Date.now() / 1000) + this.ahead;
    const sealed = new EncryptJWT(claims).setProtectedHeader({ alg: "dir", enc: "A256GCM" }).setSubject(name);
    const value = await sealed.setExpirationTime(now + seconds).encrypt(this.#cookieSecret);
    response.appendHeader("set-cookie", `${name}=${value}; Path=/; Max-Age=${seconds}${this.#attributes()}`);
  }

  /** What is in the cookie; undefined without one, and with one that is not ours or too old. */
  async #opened(incoming: IncomingMessage, name: string): Promise<JWTPayload | undefined> {
    const cookies = (incoming.headers.cookie ?? "").split("; ");
    const value = cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1);
    if (value === undefined) return undefined;
    const currentDate = new Date(Date.now() + this.ahead * 1000);
    const opened = jwtDecrypt(value, this.#cookieSecret, { currentDate, subject: name });
    return await opened.then(
      ({ payload }) => payload,
      () => undefined,
    );
  }
}

function page(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "text/html" }).end(`<!doctype html><title>Kubeflow</title>${body}`);
}

function secondsOf(duration: string): number {
  return Number.parseInt(duration) * (duration.endsWith("h") ? 3600 : 60);
}
