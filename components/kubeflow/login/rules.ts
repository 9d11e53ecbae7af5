/** What the settings of the login cannot mean, and what a person should know of them. Pure. */
import type { PlatformContext } from "../customisation.ts";
import { secretUses } from "./secrets.ts";
import type { LoginSettings } from "./settings.ts";

/** What the rules look at. */
type LoginFacts = Pick<PlatformContext, "target" | "adminEmail"> & {
  /** Where people reach the dashboard; undefined when nothing says so. */
  readonly url: string | undefined;
  /** Names in `kubeflow:secrets`. */
  readonly secretNames: readonly string[];
  /** Components of the release that the login is made of. */
  readonly components: ReadonlySet<string>;
};

export function loginProblems(settings: LoginSettings, facts: LoginFacts): readonly string[] {
  return [
    ...componentProblems(settings, facts),
    ...modeProblems(settings, facts),
    ...connectorProblems(settings),
    ...userProblems(settings, facts),
    ...sessionProblems(settings, facts),
    ...machineProblems(settings, facts),
    ...secretProblems(settings, facts),
  ].map((problem) => `kubeflow:login.${problem}`);
}

function componentProblems({ mode }: LoginSettings, { components }: LoginFacts): readonly string[] {
  const needed = mode === "dex" ? ["oauth2-proxy", "dex"] : ["oauth2-proxy"];
  return needed
    .filter((component) => !components.has(component))
    .map((component) => `mode: ${mode}; the release that is installed has no component ${component}, which that needs`);
}

function modeProblems(settings: LoginSettings, { target, url }: LoginFacts): readonly string[] {
  const { mode, issuer, iap, allow, localAdmin, users } = settings;
  const problems: string[] = [];
  if (issuer === "target" && target.oidc === undefined)
    problems.push(
      `issuer: target; the target ${target.name} has no issuer of logins. ` +
        "Have it make one (docs/targets.md), or name your own: a connector oidc, or with mode direct its url here",
    );
  if (mode === "dex" && typeof issuer === "object")
    problems.push(
      "issuer: a map; allowed with mode dex: target. Make it an entry of connectors.oidc, or set mode: direct",
    );
  if (mode === "direct" && issuer === undefined)
    problems.push(
      "issuer: not set; allowed with mode direct: target, or a map with the issuer's url and our client there",
    );
  if (mode === "iap" && issuer !== undefined)
    problems.push("issuer: set; allowed with mode iap: nothing, Google is the issuer. Take it out");
  if ((mode === "iap") !== (iap !== undefined))
    problems.push(
      mode === "iap"
        ? "iap: not set; allowed with mode iap: a map with the audience of the backend"
        : `iap: set; allowed with mode ${mode}: nothing. Take it out, or set mode: iap`,
    );
  if (mode === "iap" && allow.groups.length > 0)
    problems.push(
      "allow.groups: set; IAP's tokens carry no groups. Let groups in by IAM, as roles/iap.httpsResourceAccessor",
    );
  if (typeof issuer === "object" && issuer.url === "https://accounts.google.com" && allow.emailDomains.length === 0)
    problems.push("allow.emailDomains: not set; everybody with an account at Google could log in. Name your domains");
  if (mode === "direct" && allow.groups.length > 0 && groupsClaimOf(settings, target) === undefined)
    problems.push("allow.groups: set; the issuer names no groups, so nobody could log in. Set issuer.groupsClaim");
  if (mode === "dex" && !localAdmin && users.length === 0 && issuer === undefined && connectorCount(settings) === 0)
    problems.push("localAdmin: false; nobody could log in. Add users, a connector, or issuer: target");
  if (url === undefined && needsUrl(settings))
    problems.push(
      "url: not set; issuers send people back to it, and the target does not know the dashboard's address. " +
        "Set it here, or the name in kubeflow:edge.domain",
    );
  return problems;
}

function connectorProblems(settings: LoginSettings): readonly string[] {
  const { mode, connectors } = settings;
  const problems: string[] = [];
  if (mode !== "dex" && connectorCount(settings) > 0)
    problems.push(
      `connectors: set; allowed with mode ${mode}: nothing, they are Dex's. Take them out, or set mode: dex`,
    );
  const ids = Object.entries(connectors).flatMap(([type, list]) =>
    list.map(({ id }, index) => ({ id, path: `connectors.${type}[${String(index)}].id` })),
  );
  for (const [index, { id, path }] of ids.entries()) {
    const taken = id === "local" || id === "target" || ids.findIndex((other) => other.id === id) < index;
    if (taken) problems.push(`${path}: ${id}; allowed: one that no other has, nor local or target, which are taken`);
  }
  for (const [index, ldap] of connectors.ldap.entries()) {
    const path = `connectors.ldap[${String(index)}]`;
    if (ldap.startTLS && ldap.insecureNoSSL)
      problems.push(`${path}.insecureNoSSL: true; not beside startTLS. Take one of them out`);
    if ((ldap.bindDN === undefined) !== (ldap.bindPassword === undefined))
      problems.push(`${path}.bindPassword: bindDN and bindPassword belong together. Set both, or none`);
  }
  for (const [index, { groups, serviceAccount }] of connectors.google.entries())
    if (groups.length > 0 && serviceAccount === undefined)
      problems.push(
        `connectors.google[${String(index)}].groups: set; Google's tokens carry no groups. ` +
          "Set serviceAccount, which reads them from the directory",
      );
  return problems;
}

function userProblems({ mode, users, localAdmin }: LoginSettings, { adminEmail }: LoginFacts): readonly string[] {
  if (mode !== "dex" && users.length > 0)
    return [`users: set; allowed with mode ${mode}: none, they are Dex's. Add them at the issuer`];
  const emails = [...(localAdmin ? [adminEmail] : []), ...users.map(({ email }) => email)].map((each) =>
    each.toLowerCase(),
  );
  return users.flatMap(({ email }, index) =>
    emails.indexOf(email.toLowerCase()) < index + (localAdmin ? 1 : 0)
      ? [`users[${String(index)}].email: ${email}; another user, or kubeflow:adminEmail, has the address. Take one out`]
      : [],
  );
}

function sessionProblems(settings: LoginSettings, { target }: LoginFacts): readonly string[] {
  const { mode, session } = settings;
  const { cookie, refresh, lifetime, clientGenerations } = session;
  const problems: string[] = [];
  const [prefix] = /^__(Host|Secure)-/.exec(cookie.name) ?? [];
  if (prefix !== undefined && !cookie.secure)
    problems.push(`session.cookie.name: ${cookie.name}; browsers take ${prefix} with secure: true only`);
  if (cookie.sameSite === "none" && !cookie.secure)
    problems.push("session.cookie.sameSite: none; browsers take it with secure: true only");
  if (cookie.sameSite === "strict" && needsUrl(settings))
    problems.push(
      "session.cookie.sameSite: strict; browsers send no such cookie on the way back from another host's login. Set lax",
    );
  if (refresh !== undefined && lifetime !== undefined && minutes(refresh) * 2 > minutes(lifetime))
    problems.push(`session.refresh: ${refresh}; allowed: at most half of session.lifetime, ${lifetime}`);
  if (refresh !== undefined && mode === "iap")
    problems.push("session.refresh: set; allowed with mode iap: nothing, IAP keeps the session. Take it out");
  if (mode !== "dex" && clientGenerations.join() !== "default")
    problems.push(
      `session.clientGenerations: ${clientGenerations.join(", ")}; allowed with mode ${mode}: default. ` +
        "The client is the issuer's: make its new secret there",
    );
  if (cookie.secretGenerations.length > 1 && target.existing?.istio !== undefined)
    problems.push(
      "session.cookie.secretGenerations: two; that needs PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS=true of istiod, " +
        `and the Istio of ${target.name} is not ours. Name one: everybody logs in anew`,
    );
  return problems;
}

function machineProblems({ machines }: LoginSettings, { target }: LoginFacts): readonly string[] {
  if (machines === undefined) return [];
  const problems: string[] = [];
  if (machines.issuer === undefined && target.tokenIssuer === undefined)
    problems.push(
      `machines.issuer: not set; the target ${target.name} does not know the issuer of its service accounts' tokens. ` +
        "Set it to what `kubectl get --raw /.well-known/openid-configuration` says, " +
        "and machines.jwks to what `kubectl get --raw /openid/v1/jwks` says",
    );
  if (machines.jwks !== undefined && !isKeySet(machines.jwks))
    problems.push(
      'machines.jwks: is not JSON, or holds private keys; allowed: {"keys": [...]} as the API server gives it',
    );
  return problems;
}

/** A private key has a `d`. */
function isKeySet(text: string): boolean {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown };
    return Array.isArray(keys) && keys.every((key: object) => !("d" in key) && !("k" in key));
  } catch {
    return false;
  }
}

function secretProblems(settings: LoginSettings, { secretNames }: LoginFacts): readonly string[] {
  const known = secretNames.length === 0 ? "none yet" : secretNames.join(", ");
  return secretUses(settings)
    .filter(({ name }) => !secretNames.includes(name))
    .map(
      ({ path, name }) =>
        `${path}: ${name}; allowed: a name in kubeflow:secrets, which has: ${known}. ` +
        `Set it with: pulumi config set --secret --path kubeflow:secrets.${name} VALUE`,
    );
}

export function loginNotes(settings: LoginSettings, { target }: Pick<LoginFacts, "target">): readonly string[] {
  const { mode, connectors, machines, users, iap, issuer, allow } = settings;
  const notes: string[] = [];
  if (mode === "iap")
    notes.push(
      "login by IAP: the gateway has to be reached through Google's HTTPS load balancer alone, by a GKE Ingress whose " +
        `BackendConfig enables IAP with the audience ${iap?.audience ?? ""} and checks /healthz/ready on port 15021; ` +
        "people need roles/iap.httpsResourceAccessor. Neither is made here (docs/login.md#iap)",
    );
  if (mode === "direct" && groupsClaimOf(settings, target) === undefined)
    notes.push("login: the issuer names no groups, so tenants can be given to people only, not to groups");
  if ((issuer === "target" || mode === "direct") && allow.emailDomains.length === 0 && allow.groups.length === 0)
    notes.push("login: everybody whom the issuer lets in may log in; kubeflow:login.allow would say who of them");
  if (connectors.ldap.some(({ insecureNoSSL }) => insecureNoSSL))
    notes.push("login: a connector ldap has insecureNoSSL: everybody's password crosses the network in the clear");
  if (machines !== undefined && machines.jwks === undefined && target.tokenIssuer === undefined)
    notes.push(
      "login: Istio fetches the keys of machines.issuer itself: it has to be reachable, with a public certificate",
    );
  if (users.some(({ passwordHash }) => passwordHash === undefined))
    notes.push(
      "login: passwords of kubeflow:login.users are generated: the stack's output `userPasswords` (docs/login.md#users)",
    );
  return notes;
}

/** Whether a login leads over another host, which sends the browser back. */
function needsUrl({ mode, issuer, connectors }: LoginSettings): boolean {
  const { google, microsoft, github, oidc, saml } = connectors;
  const others = google.length + microsoft.length + github.length + oidc.length + saml.length;
  return mode === "direct" || (mode === "dex" && (issuer !== undefined || others > 0));
}

export function groupsClaimOf({ issuer }: LoginSettings, target: LoginFacts["target"]): string | undefined {
  return issuer === "target" ? target.oidc?.groupsClaim : issuer?.groupsClaim;
}

function connectorCount({ connectors }: LoginSettings): number {
  return Object.values(connectors).reduce((count, list) => count + list.length, 0);
}

function minutes(duration: string): number {
  return Number.parseInt(duration) * (duration.endsWith("h") ? 60 : 1);
}
