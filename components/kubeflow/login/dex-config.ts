/** Dex's `config.yaml` from the settings. Pure, and without a secret: those come from the environment, by name. */
import { createHash } from "node:crypto";
import { upstreamAdminEmail } from "../admin-email.ts";
import { dexConnectors, variable, type DexFacts } from "./dex-connectors.ts";
import type { DexConfig } from "./dex-model.ts";
import type { LoginSettings } from "./settings.ts";

/** Upstream's: only the cluster reaches it, and tokens carry it. Browsers reach the same Dex below /dex of the gateway. */
export const dexIssuer = "http://dex.auth.svc.cluster.local:5556/dex";
/** As upstream has it: another one would make another user of the first one. */
const adminUserId = "15841185641784";

/** The variables of our own client at Dex, by its generation: upstream's names for the default one. */
export function clientVariables(generation: string): { readonly idEnv: string; readonly secretEnv: string } {
  return generation === "default"
    ? { idEnv: "OIDC_CLIENT_ID", secretEnv: "OIDC_CLIENT_SECRET" }
    : { idEnv: variable("CLIENT", generation, "ID"), secretEnv: variable("CLIENT", generation, "SECRET") };
}

/** The variable with the hash of a user's password. */
export function passwordVariable(email: string): string {
  // Not the address: two of them may differ in nothing but dots and dashes.
  return variable("USER", digestOf(email).slice(0, 16), "HASH");
}

/** What Dex is told. The first user's address is upstream's, which `withAdminEmail` replaces everywhere at once. */
export function dexConfig(settings: LoginSettings, facts: DexFacts): DexConfig {
  const { localAdmin, users, session } = settings;
  const lifetime = session.lifetime ?? "24h";
  const staticPasswords = [
    ...(localAdmin
      ? [{ email: upstreamAdminEmail, username: "user", userID: adminUserId, hashFromEnv: "DEX_USER_PASSWORD" }]
      : []),
    ...users.map(({ email, username, groups }) => ({
      email,
      username,
      userID: digestOf(email).slice(0, 32),
      hashFromEnv: passwordVariable(email),
      ...(groups.length === 0 ? {} : { groups }),
    })),
  ];
  const connectors = dexConnectors(settings, facts);
  return {
    issuer: dexIssuer,
    storage: { type: "kubernetes", config: { inCluster: true } },
    web: { http: "0.0.0.0:5556" },
    // Upstream's is `debug`. Logins, and the LDAP connector's searches with the user's name, are at `info`.
    logger: { level: "info", format: "json" },
    expiry: {
      idTokens: session.refresh === undefined ? lifetime : twice(session.refresh),
      authRequests: "15m",
      ...(session.refresh === undefined
        ? {}
        : { refreshTokens: { reuseInterval: "30s", validIfNotUsedFor: lifetime, absoluteLifetime: lifetime } }),
    },
    oauth2: {
      skipApprovalScreen: true,
      responseTypes: ["code"],
      grantTypes: ["authorization_code", "refresh_token"],
    },
    enablePasswordDB: staticPasswords.length > 0,
    ...(staticPasswords.length === 0 ? {} : { staticPasswords }),
    staticClients: session.clientGenerations.map((generation) => ({
      ...clientVariables(generation),
      redirectURIs: ["/oauth2/callback"],
      name: "Kubeflow",
    })),
    ...(connectors.length === 0 ? {} : { connectors }),
  };
}

/** Long enough that a token still counts when the session is refreshed late. */
function twice(duration: string): string {
  return `${String(Number.parseInt(duration) * 2)}${duration.slice(-1)}`;
}

function digestOf(email: string): string {
  return createHash("sha256").update(email.toLowerCase()).digest("hex");
}
