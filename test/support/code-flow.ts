/** A login at an issuer without a browser: what one would send, and the tokens that come of it. */
import { createHash, randomBytes } from "node:crypto";
import { Agent, request, type Dispatcher } from "undici";
import type { Person } from "./issuer.ts";

interface FlowClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly scope: string;
}

/** The ID token of the person for that client, by the authorization code flow with PKCE. */
export async function idTokenFor(issuer: string, ca: string, client: FlowClient, person: Person): Promise<string> {
  const dispatcher = new Agent({ connect: { ca } });
  try {
    return await flow(new Visitor(dispatcher), issuer, client, person);
  } finally {
    await dispatcher.close();
  }
}

async function flow(visitor: Visitor, issuer: string, client: FlowClient, person: Person): Promise<string> {
  const discovery = await visitor.get(`${issuer}/.well-known/openid-configuration`);
  const endpoints = JSON.parse(discovery.text) as Readonly<Record<"authorization_endpoint" | "token_endpoint", string>>;
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope: client.scope,
    response_type: "code",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const form = await visitor.followed(
    await visitor.get(`${endpoints.authorization_endpoint}?${query.toString()}`),
    client,
  );
  const sent = await visitor.post(form.url, { email: person.email, password: person.password, do: "login" });
  const back = await visitor.followed(sent, client);
  const code = new URL(back.url).searchParams.get("code");
  if (code === null) throw new Error(`${person.email} could not log in: ${back.url}\n${back.text}`);
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString("base64");
  const grant = { grant_type: "authorization_code", code, redirect_uri: client.redirectUri, code_verifier: verifier };
  const tokens = await visitor.post(endpoints.token_endpoint, grant, { authorization: `Basic ${basic}` });
  const { id_token: token } = JSON.parse(tokens.text) as { readonly id_token?: string };
  if (token === undefined) throw new Error(`no ID token: ${tokens.text}`);
  return token;
}

interface Page {
  readonly url: string;
  readonly location: string | undefined;
  readonly text: string;
}

/** Keeps cookies; their paths do not matter here, because no two have one name. */
class Visitor {
  readonly #dispatcher: Dispatcher;
  readonly #cookies = new Map<string, string>();

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  async get(url: string): Promise<Page> {
    return await this.#send(url, { method: "GET" });
  }

  async post(url: string, form: Readonly<Record<string, string>>, headers: Record<string, string> = {}): Promise<Page> {
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams(form).toString();
    return await this.#send(url, { method: "POST", body, headers: { ...type, ...headers } });
  }

  /** Where the redirects lead to, not further than the client's own address. */
  async followed(page: Page, { redirectUri }: FlowClient): Promise<Page> {
    let at = page;
    while (at.location !== undefined) {
      if (at.location.startsWith(redirectUri)) return { ...at, url: at.location };
      at = await this.get(at.location);
    }
    return at;
  }

  async #send(url: string, options: Omit<Dispatcher.RequestOptions, "origin" | "path">): Promise<Page> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(options.headers as Record<string, string> | undefined), cookie };
    const answer = await request(url, { ...options, headers, dispatcher: this.#dispatcher });
    for (const set of [answer.headers["set-cookie"] ?? []].flat()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      this.#cookies.set(name, value);
    }
    const location = [answer.headers["location"] ?? []].flat()[0];
    return {
      url,
      location: location === undefined ? undefined : new URL(location, url).href,
      text: await answer.body.text(),
    };
  }
}
