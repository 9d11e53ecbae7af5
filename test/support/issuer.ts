/** An OpenID provider on loopback with TLS (npm `oidc-provider`, certified): stands for the issuer of a company. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs/promises";
import https from "node:https";
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from "jose";
import getPort from "get-port";
import { Provider, type ClientMetadata, type KoaContextWithOIDC } from "oidc-provider";
import type { Certificates } from "./certificates.ts";

export interface Person {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly groups: readonly string[];
}

export interface IssuerOptions {
  readonly certificates: Certificates;
  readonly people: readonly Person[];
  readonly clients: readonly ClientMetadata[];
}

export interface Issuer {
  /** `https://localhost:34567` */
  readonly url: string;
  /** With which it signs: for tokens that it would not give. */
  readonly sign: (claims: JWTPayload) => Promise<string>;
  readonly publicKey: JWK;
  readonly keyId: string;
  readonly stop: () => Promise<void>;
}

const keyId = "test-key";

export async function startIssuer({ certificates, people, clients }: IssuerOptions): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: keyId, alg: "RS256", use: "sig" };
  const port = await getPort();
  const url = `https://localhost:${port}`;
  const provider = new Provider(url, {
    clients: [...clients],
    jwks: { keys: [jwk] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    // In the ID token, where oauth2-proxy, Istio and the API server look, as the big providers have it.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    ttl: { IdToken: 3600, AccessToken: 3600, Session: 86_400, Interaction: 3600, Grant: 86_400 },
    findAccount: (_, id) => {
      const person = people.find(({ email }) => email === id);
      if (person === undefined) return undefined;
      const { email, name, groups } = person;
      return { accountId: id, claims: () => ({ sub: id, email, email_verified: true, name, groups: [...groups] }) };
    },
    // Everybody agrees to everything that the client asks for.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? "",
        accountId: oidc.session?.accountId ?? "",
      });
      grant.addOIDCScope("openid email profile groups offline_access");
      await grant.save();
      return grant;
    },
    renderError: (context, out) => {
      context.type = "html";
      context.body = page("Error", `<p id="error">${out.error}</p>`);
    },
  });
  provider.use(async (context, next) => {
    if (context.path.startsWith("/interaction/")) await interact(provider, people, context);
    else await next();
  });
  const [key, cert] = await Promise.all([certificates.keyFile, certificates.certFile].map((file) => fs.readFile(file)));
  const handle = provider.callback();
  const server = https.createServer({ key, cert }, (request, response) => void handle(request, response));
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    url,
    keyId,
    publicKey: await exportJWK(publicKey),
    sign: async (claims) => await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: keyId }).sign(privateKey),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

type Context = Pick<KoaContextWithOIDC, "req" | "res" | "method" | "redirect"> & { type: string; body: unknown };

/** The login page: an address and a password, or a way back without logging in. */
async function interact(provider: Provider, people: readonly Person[], context: Context): Promise<void> {
  await provider.interactionDetails(context.req, context.res);
  const form = `<form method="post"><input name="email"><input name="password" type="password">
    <button name="do" value="login">Log in</button> <button name="do" value="cancel">Cancel</button></form>`;
  context.type = "html";
  context.body = page("Log in", form);
  if (context.method !== "POST") return;
  const sent = new URLSearchParams(await textOf(context.req));
  const person = people.find(({ email }) => email === sent.get("email"));
  const cancelled = sent.get("do") === "cancel";
  if (!cancelled && (person === undefined || person.password !== sent.get("password"))) {
    context.body = page("Log in", `<p id="error">Wrong address or password</p>${form}`);
    return;
  }
  const result =
    cancelled || person === undefined ? { error: "access_denied" } : { login: { accountId: person.email } };
  context.redirect(await provider.interactionResult(context.req, context.res, result));
}

function page(title: string, body: string): string {
  return `<!doctype html><title>${title}</title><h1>${title}</h1>${body}`;
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}
