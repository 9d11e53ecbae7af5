/**
 * Every key of oauth2_proxy.cfg, of oauth2-proxy 7.14, that we set, with its meaning: a wrong one is a type error, and the
 * rendered file is checked against it. What oauth2-proxy reads from its environment (client, cookie secret, secure
 * cookies, machines) is in the objects of its Deployment.
 *
 * Source: oauth2-proxy/oauth2-proxy at v7.14.3, docs/docs/configuration/overview.md and pkg/apis/options. Pure.
 */
import { z } from "zod";

const duration = z.string().regex(/^(0|[1-9]\d*(h|m))$/);

export const oauth2ProxyModel = z.strictObject({
  provider: z.literal("oidc"),
  provider_display_name: z.string(),
  oidc_issuer_url: z.url(),
  skip_oidc_discovery: z.boolean().describe("Then login_url, redeem_url and oidc_jwks_url say what discovery would"),
  login_url: z.string().optional(),
  redeem_url: z.string().optional(),
  oidc_jwks_url: z.string().optional(),
  oidc_groups_claim: z.string(),
  oidc_email_claim: z.string(),
  oidc_extra_audiences: z.array(z.string()).optional().describe("Clients whose tokens are taken beside its own"),
  scope: z.string(),
  prompt: z.enum(["none"]).optional().describe("Dex asks again for a login without it; an issuer would refuse `none`"),
  approval_prompt: z.enum(["auto"]).optional().describe("Sent when there is no prompt; `force` by default"),
  code_challenge_method: z.literal("S256").describe("PKCE"),
  redirect_url: z.string().describe("Where the issuer sends people back"),
  relative_redirect_url: z.boolean().optional(),
  email_domains: z.array(z.string()).describe("`*`: anyone"),
  allowed_groups: z.array(z.string()).optional(),
  whitelist_domains: z.array(z.string()).optional().describe("Where a logout may lead to, beside the own host"),
  upstreams: z.tuple([z.literal("static://200")]).describe("It answers for Istio, and passes nothing on"),
  api_routes: z.array(z.string()).describe("Answered with 401 instead of a redirect to the login"),
  skip_auth_routes: z.array(z.string()).optional(),
  skip_provider_button: z.literal(false).describe("Background requests would begin logins, each with a cookie"),
  custom_sign_in_logo: z.string(),
  banner: z.string(),
  footer: z.string(),
  set_authorization_header: z.literal(true).describe("Istio takes the ID token from the answer"),
  set_xauthrequest: z.literal(true),
  cookie_name: z.string(),
  cookie_expire: duration,
  cookie_refresh: duration,
  cookie_samesite: z.enum(["lax", "strict", "none"]),
  cookie_httponly: z.literal(true),
});

export type OAuth2ProxyConfig = z.infer<typeof oauth2ProxyModel>;
