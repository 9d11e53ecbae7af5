/** The login: who Dex or an issuer lets in, what oauth2-proxy keeps of it, and what Istio's gateway checks. */
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { Addition, Concern, Customisation, PlatformContext } from "../customisation.ts";
import { dexIssuer } from "./dex-config.ts";
import type { DexFacts } from "./dex-connectors.ts";
import { changeDex, dexAdditions } from "./dex-objects.ts";
import { allowPolicy, jwtRule, machineAuthentication, withoutPaths, type TokenRule } from "./gateway-objects.ts";
import { cookieNames, oauth2ProxyConfig, oauth2ProxyText, type DirectIssuer } from "./oauth2-proxy-config.ts";
import { changeProxy, proxyAdditions, type ProxyObjects } from "./oauth2-proxy-objects.ts";
import { previousProxy } from "./previous-proxy.ts";
import { groupsClaimOf, loginNotes, loginProblems } from "./rules.ts";
import { clientIdOf, loginSecrets, type LoginSecrets } from "./secrets.ts";
import type { LoginSettings } from "./settings.ts";
import { tokenFilter } from "./token-filter.ts";
import { webApp } from "./web-apps.ts";

/** Of what a login by Google's proxy adds: neither Dex nor oauth2-proxy is there. */
const ownComponent = "login";

export const login: Concern = (context) => {
  const { login: settings } = context.settings;
  if (settings === undefined) return {};
  const url = dashboardUrl(settings, context);
  const { target, adminEmail, secrets, release } = context;
  const components = new Set(Object.values(release.componentOf));
  const problems = loginProblems(settings, { target, adminEmail, url, components, secretNames: Object.keys(secrets) });
  if (problems.length > 0) return { problems };
  const notes = loginNotes(settings, context);
  return {
    notes,
    ...(settings.mode === "iap" ? byProxyInFront(settings, context, url) : byOwnProxy(settings, context, url)),
  };
};

/** Where people reach the dashboard. */
function dashboardUrl({ url }: LoginSettings, { settings, target }: PlatformContext): string | undefined {
  const domain = settings.edge?.domain;
  return url ?? (domain === undefined ? target.access?.dashboardUrl : `https://${domain}`);
}

/** The modes `dex` and `direct`. */
function byOwnProxy(settings: LoginSettings, context: PlatformContext, url: string | undefined): Customisation {
  const direct = settings.mode === "direct" ? directIssuer(settings, context) : undefined;
  const secrets = loginSecrets(settings, context);
  const users = userTokens(settings, context, direct);
  const served = direct === undefined ? ["/dex/", "/oauth2/"] : ["/oauth2/"];
  const proxy = proxyObjects(settings, context, url, secrets, direct);
  const previous = previousProxy(proxy, secrets.previousCookie, context.release.objects, served);
  const dex = changeDex(settings, dexFacts(context, url), secrets.dex);
  const ofProxy = changeProxy(proxy);
  const change = (object: KubernetesObject, component: string): KubernetesObject | undefined => {
    if (component === "dex") return direct === undefined ? dex(object) : undefined;
    const changed = component === "oauth2-proxy" ? gatewayObject(ofProxy(object), users, served) : object;
    return previous.change(webApp(changed, settings, settings.session.logoutUrl));
  };
  return {
    change,
    keepsCrdsOf: (component) => direct === undefined || component !== "dex",
    additions: [
      ...(direct === undefined ? dexAdditions(secrets.dex) : []),
      ...proxyAdditions(secrets.proxy),
      ...previous.additions,
      ...gatewayAdditions(settings, context, users, url),
    ],
    userPasswords: secrets.userPasswords,
    ...(direct === undefined ? {} : { credentials: { "oidc-client-secret": direct.clientSecret } }),
  };
}

/** The mode `iap`: no login of ours at all, and Istio checks Google's word for it. */
function byProxyInFront(settings: LoginSettings, context: PlatformContext, url: string | undefined): Customisation {
  const users: TokenRule = {
    issuer: "https://cloud.google.com/iap",
    audiences: [settings.iap?.audience ?? ""],
    userClaim: "email",
    groupsClaim: "groups",
    jwksUri: "https://www.gstatic.com/iap/verify/public_key-jwk",
    header: "x-goog-iap-jwt-assertion",
  };
  const kept = context.release.objects.filter(
    ({ kind, metadata }) => kind === "RequestAuthentication" || metadata.name === "istio-ingressgateway-require-jwt",
  );
  return {
    change: (object, component) =>
      component === "dex" || component === "oauth2-proxy"
        ? undefined
        : webApp(object, settings, "/?gcp-iap-mode=CLEAR_LOGIN_COOKIE"),
    keepsCrdsOf: (component) => component !== "dex",
    additions: [
      ...kept.map((object) => ({ component: ownComponent, object: gatewayObject(object, users, []) })),
      ...gatewayAdditions(settings, context, users, url),
    ],
  };
}

type Direct = Omit<DirectIssuer, "url"> & {
  readonly url: pulumi.Input<string>;
  readonly clientId: pulumi.Output<string>;
  readonly clientSecret: pulumi.Output<string>;
};

/** The rules have seen to it that there is one, and its secret. */
function directIssuer(settings: LoginSettings, { target, secrets }: PlatformContext): Direct {
  const { issuer } = settings;
  if (typeof issuer === "object") {
    const clientSecret = secrets[issuer.clientSecret];
    if (clientSecret === undefined) throw new Error("the secret of kubeflow:login.issuer is not there");
    return { ...issuer, groupsClaim: issuer.groupsClaim, clientId: pulumi.output(issuer.clientId), clientSecret };
  }
  const { oidc } = target;
  if (oidc === undefined) throw new Error("the target has no issuer");
  const { issuerUrl: url, clientId, clientSecret, groupsClaim, extraScopes } = oidc;
  return { url, clientId, clientSecret, groupsClaim, extraScopes, emailClaim: "email" };
}

function dexFacts({ target }: PlatformContext, url: string | undefined): DexFacts {
  return { url, ...(target.oidc === undefined ? {} : { targetIssuer: target.oidc }) };
}

function proxyObjects(
  settings: LoginSettings,
  context: PlatformContext,
  url: string | undefined,
  { proxy: secrets }: LoginSecrets,
  direct: Direct | undefined,
): ProxyObjects {
  const [, ...others] = clientIds(settings, context);
  const textFor = (issuer: DirectIssuer | undefined, generation: 0 | 1): string =>
    oauth2ProxyText(
      oauth2ProxyConfig(settings, {
        url,
        otherClients: others,
        generation,
        ...(issuer === undefined ? {} : { issuer }),
      }),
    );
  const configFor = (generation: 0 | 1): pulumi.Input<string> => {
    if (direct === undefined) return textFor(undefined, generation);
    const { url: issuerUrl } = direct;
    if (typeof issuerUrl === "string") return textFor({ ...direct, url: issuerUrl }, generation);
    return pulumi.output(issuerUrl).apply((known) => textFor({ ...direct, url: known }, generation));
  };
  const { machines } = settings;
  return {
    settings,
    secrets,
    config: configFor(0),
    previousConfig: settings.session.cookie.secretGenerations.length > 1 ? configFor(1) : undefined,
    ...(direct === undefined ? {} : { clientId: direct.clientId }),
    // Inline keys are of an issuer that oauth2-proxy could not ask either.
    extraIssuer:
      machines === undefined || machines.jwks !== undefined
        ? ""
        : pulumi.interpolate`${machineIssuer(settings, context)}=${machines.audience}`,
  };
}

/** Ids of our clients at Dex, the newest first. */
function clientIds({ mode, session }: LoginSettings, { release }: PlatformContext): readonly string[] {
  if (mode !== "dex") return [];
  const secret = release.objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name === "dex-oidc-client");
  const { OIDC_CLIENT_ID: id } = (secret?.["data"] ?? {}) as Readonly<Record<string, string>>;
  const upstream = id === undefined ? "kubeflow-oidc-authservice" : Buffer.from(id, "base64").toString();
  return session.clientGenerations.map((generation) => clientIdOf(generation, upstream));
}

function userTokens(settings: LoginSettings, context: PlatformContext, direct: Direct | undefined): TokenRule {
  if (direct === undefined)
    return { issuer: dexIssuer, audiences: clientIds(settings, context), userClaim: "email", groupsClaim: "groups" };
  const { url: issuer, clientId, emailClaim: userClaim, endpoints } = direct;
  const groupsClaim = groupsClaimOf(settings, context.target) ?? "groups";
  return {
    ...{ issuer, audiences: [clientId], userClaim, groupsClaim },
    ...(endpoints === undefined ? {} : { jwksUri: endpoints.jwks }),
  };
}

function machineIssuer({ machines }: LoginSettings, { target }: PlatformContext): pulumi.Input<string> {
  return machines?.issuer ?? target.tokenIssuer ?? "";
}

/** What is in the way of requests at Istio's gateway. */
function gatewayObject(object: KubernetesObject, users: TokenRule, served: readonly string[]): KubernetesObject {
  if (object.kind === "RequestAuthentication")
    return { ...object, spec: { ...(object["spec"] as object), jwtRules: [jwtRule(users)] } };
  return object.kind === "AuthorizationPolicy" ? withoutPaths(object, served) : object;
}

function gatewayAdditions(
  settings: LoginSettings,
  context: PlatformContext,
  users: TokenRule,
  url: string | undefined,
): readonly Addition[] {
  const { machines, tokenToWorkloads, mode, allow } = settings;
  const component = mode === "iap" ? ownComponent : "oauth2-proxy";
  const principals = typeof users.issuer === "string" ? `${users.issuer}/*` : pulumi.interpolate`${users.issuer}/*`;
  const refused = allowPolicy(allow, users, principals);
  const filter = tokenFilter({
    cookies: cookieNames(settings),
    host: url === undefined ? undefined : new URL(url).hostname,
    tokenToWorkloads,
  });
  const machine =
    machines === undefined
      ? undefined
      : machineAuthentication({
          issuer: machineIssuer(settings, context),
          audiences: [machines.audience],
          userClaim: "sub",
          groupsClaim: "groups",
          ...(machines.jwks === undefined ? {} : { jwks: machines.jwks }),
        });
  return [filter, machine, refused].flatMap((object) => (object === undefined ? [] : [{ component, object }]));
}
