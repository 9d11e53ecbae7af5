/** oauth2-proxy's `oauth2_proxy.cfg` from the settings. Pure, and without a secret: those come from the environment. */
import { dexIssuer } from "./dex-config.ts";
import type { OAuth2ProxyConfig } from "./oauth2-proxy-model.ts";
import type { LoginSettings } from "./settings.ts";

/** The issuer of the mode `direct`, once its values are known. */
export interface DirectIssuer {
  readonly url: string;
  readonly groupsClaim: string | undefined;
  readonly emailClaim: string;
  readonly extraScopes: readonly string[];
  readonly endpoints?: { readonly login: string; readonly redeem: string; readonly jwks: string } | undefined;
}

interface OAuth2ProxyFacts {
  /** Where people reach the dashboard: the mode `direct` needs it. */
  readonly url: string | undefined;
  /** In the mode `direct`. */
  readonly issuer?: DirectIssuer;
  /** Client ids whose tokens are taken beside that of the newest client: while one is being replaced. */
  readonly otherClients: readonly string[];
  /** Which of the cookie secrets it has, by its place in `secretGenerations`. @default 0, the newest */
  readonly generation?: 0 | 1;
}

/** What the browser's background requests ask for: they get a 401, and begin no logins. */
const backgroundPaths = ["/api/", "/apis/", "^/ml_metadata"];

export function oauth2ProxyConfig(settings: LoginSettings, facts: OAuth2ProxyFacts): OAuth2ProxyConfig {
  const { allow, session } = settings;
  const { cookie, refresh, logoutUrl } = session;
  return {
    provider: "oidc",
    ...(facts.issuer === undefined
      ? dexOptions(refresh)
      : directOptions(facts.issuer, facts.url, refresh !== undefined && session.offlineAccess)),
    ...(facts.otherClients.length === 0 ? {} : { oidc_extra_audiences: [...facts.otherClients] }),
    code_challenge_method: "S256",
    email_domains: allow.emailDomains.length === 0 ? ["*"] : allow.emailDomains,
    ...(allow.groups.length === 0 ? {} : { allowed_groups: allow.groups }),
    ...(logoutUrl === undefined ? {} : { whitelist_domains: [new URL(logoutUrl).host] }),
    upstreams: ["static://200"],
    api_routes: backgroundPaths,
    skip_provider_button: false,
    custom_sign_in_logo: "/custom-theme/kubeflow-logo.svg",
    banner: "-",
    footer: "-",
    set_authorization_header: true,
    set_xauthrequest: true,
    cookie_name: cookieNames(settings)[facts.generation ?? 0] ?? cookie.name,
    cookie_expire: sessionLifetime(settings),
    cookie_refresh: refresh ?? "0",
    cookie_samesite: cookie.sameSite,
    cookie_httponly: true,
  };
}

/** The login's cookie of each generation of its secret, the newest first: told apart by name while there are two. */
export function cookieNames({ session }: LoginSettings): readonly string[] {
  const { name, secretGenerations } = session.cookie;
  return secretGenerations.map((generation) => (generation === "default" ? name : `${name}-${generation}`));
}

/** How long a cookie lasts. Without a refresh not longer than the ID token in it, which Istio checks with every request. */
function sessionLifetime({ mode, session }: LoginSettings): string {
  return session.lifetime ?? (mode === "direct" ? "1h" : "24h");
}

/** Dex at its name in the cluster for oauth2-proxy, and below the gateway's own host for browsers. */
function dexOptions(refresh: string | undefined) {
  return {
    provider_display_name: "Dex",
    oidc_issuer_url: dexIssuer,
    skip_oidc_discovery: true,
    login_url: "/dex/auth",
    redeem_url: `${dexIssuer}/token`,
    oidc_jwks_url: `${dexIssuer}/keys`,
    oidc_groups_claim: "groups",
    oidc_email_claim: "email",
    scope: `openid email profile groups${refresh === undefined ? "" : " offline_access"}`,
    prompt: "none" as const,
    redirect_url: "/oauth2/callback",
    relative_redirect_url: true,
    skip_auth_routes: ["^/dex/"],
  };
}

function directOptions(issuer: DirectIssuer, url: string | undefined, offlineAccess: boolean) {
  const { endpoints, groupsClaim, emailClaim, extraScopes } = issuer;
  const scopes = ["openid", "email", "profile", ...extraScopes];
  if (offlineAccess && !scopes.includes("offline_access")) scopes.push("offline_access");
  return {
    provider_display_name: "single sign-on",
    oidc_issuer_url: issuer.url,
    skip_oidc_discovery: endpoints !== undefined,
    ...(endpoints === undefined
      ? {}
      : { login_url: endpoints.login, redeem_url: endpoints.redeem, oidc_jwks_url: endpoints.jwks }),
    oidc_groups_claim: groupsClaim ?? "groups",
    oidc_email_claim: emailClaim,
    scope: scopes.join(" "),
    approval_prompt: "auto" as const,
    // Without a URL the settings are refused.
    redirect_url: `${url ?? ""}/oauth2/callback`,
  };
}

/** TOML: texts, booleans and lists of texts are all that the file has, and JSON writes them the same way. */
export function oauth2ProxyText(config: OAuth2ProxyConfig): string {
  return Object.entries(config)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
    .join("");
}
