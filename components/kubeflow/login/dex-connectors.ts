/** Dex's connectors from the settings. Pure; secrets are variables, which Dex replaces in every text of a connector. */
import type {
  GithubSettings,
  GoogleSettings,
  LdapSettings,
  MicrosoftSettings,
  OidcSettings,
  SamlSettings,
} from "./connector-settings.ts";
import type { DexConnector } from "./dex-model.ts";
import type { LoginSettings } from "./settings.ts";

/** Where Dex finds the JSON keys of service accounts. */
export const dexKeysFolder = "/etc/dex/keys";
/** The connector of `issuer: target`. */
export const targetConnectorId = "target";

export interface DexFacts {
  /** Where people reach the dashboard; what asks an issuer needs it. */
  readonly url: string | undefined;
  /** With `issuer: target`: what is known of it before it is there. */
  readonly targetIssuer?: { readonly groupsClaim: string | undefined; readonly extraScopes: readonly string[] };
}

/** Name of a variable of Dex: `variable("CONNECTOR", "my-ldap", "BIND_PASSWORD")`. */
export function variable(...parts: readonly string[]): string {
  return `DEX_${parts
    .join("_")
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, "_")}`;
}

export function dexConnectors({ connectors, issuer }: LoginSettings, facts: DexFacts): DexConnector[] {
  // Without a URL the settings are refused when one of these is there.
  const redirectURI = `${facts.url ?? ""}/dex/callback`;
  const { ldap, google, microsoft, github, oidc, saml } = connectors;
  return [
    ...ldap.map(ldapConnector),
    ...google.map((each) => googleConnector(each, redirectURI)),
    ...microsoft.map((each) => microsoftConnector(each, redirectURI)),
    ...github.map((each) => githubConnector(each, redirectURI)),
    ...oidc.map((each) => oidcConnector(each, redirectURI)),
    ...saml.map((each) => samlConnector(each, redirectURI)),
    ...(issuer === "target" ? [targetConnector(facts, redirectURI)] : []),
  ];
}

function ldapConnector(settings: LdapSettings): DexConnector {
  const { id, name, host, startTLS, insecureNoSSL, rootCA, bindDN, bindPassword, usernamePrompt } = settings;
  const { userSearch, groupSearch } = settings;
  return {
    type: "ldap",
    id,
    name,
    config: {
      // Dex's documentation says 389 for startTLS, its code takes 636.
      host: startTLS && !host.includes(":") ? `${host}:389` : host,
      ...set({
        insecureNoSSL: flag(insecureNoSSL),
        startTLS: flag(startTLS),
        rootCAData: encoded(rootCA),
        bindDN,
        bindPW: bindPassword === undefined ? undefined : `$${variable("CONNECTOR", id, "BIND_PASSWORD")}`,
      }),
      usernamePrompt,
      userSearch,
      ...set({ groupSearch }),
    },
  };
}

/** What every connector has that is an OAuth client somewhere. */
function oauthClient(id: string, clientID: string, redirectURI: string) {
  return { clientID, clientSecret: `$${variable("CONNECTOR", id, "CLIENT_SECRET")}`, redirectURI };
}

function googleConnector(settings: GoogleSettings, redirectURI: string): DexConnector {
  const { id, name, clientId, hostedDomains, groups, serviceAccount } = settings;
  return {
    type: "google",
    id,
    name,
    config: {
      ...oauthClient(id, clientId, redirectURI),
      hostedDomains,
      ...set({
        groups: some(groups),
        serviceAccountFilePath: serviceAccount === undefined ? undefined : `${dexKeysFolder}/${id}.json`,
        domainToAdminEmail: serviceAccount?.domainToAdminEmail,
        fetchTransitiveGroupMembership: flag(serviceAccount?.fetchTransitiveGroupMembership),
      }),
    },
  };
}

function microsoftConnector(settings: MicrosoftSettings, redirectURI: string): DexConnector {
  const { id, name, clientId, tenant, groups, onlySecurityGroups, groupNameFormat, useGroupsAsWhitelist } = settings;
  const { emailToLowercase, domainHint } = settings;
  return {
    type: "microsoft",
    id,
    name,
    config: {
      ...oauthClient(id, clientId, redirectURI),
      tenant,
      groupNameFormat,
      emailToLowercase,
      ...set({
        groups: some(groups),
        onlySecurityGroups: flag(onlySecurityGroups),
        useGroupsAsWhitelist: flag(useGroupsAsWhitelist),
        domainHint,
      }),
    },
  };
}

function githubConnector(settings: GithubSettings, redirectURI: string): DexConnector {
  const { id, name, clientId, orgs, hostName, teamNameField, useLoginAsID, preferredEmailDomain } = settings;
  return {
    type: "github",
    id,
    name,
    config: {
      ...oauthClient(id, clientId, redirectURI),
      orgs: orgs.map((org) => ({ name: org.name, ...set({ teams: some(org.teams) }) })),
      teamNameField,
      ...set({ hostName, useLoginAsID: flag(useLoginAsID), preferredEmailDomain }),
    },
  };
}

function oidcConnector(settings: OidcSettings, redirectURI: string): DexConnector {
  const { id, name, clientId, issuer, scopes, rootCA, groups, allowedGroups, getUserInfo, skipEmailVerified } =
    settings;
  const { emailClaim, groupsClaim, preferredUsernameClaim, userIDClaim, userNameClaim } = settings;
  const { basicAuthUnsupported, promptType } = settings;
  const claimMapping = set({ email: emailClaim, groups: groupsClaim, preferred_username: preferredUsernameClaim });
  const mapped = Object.keys(claimMapping).length > 0;
  return {
    type: "oidc",
    id,
    name,
    config: {
      ...oauthClient(id, clientId, redirectURI),
      issuer,
      scopes,
      ...set({
        rootCAs: rootCA === undefined ? undefined : [base64(rootCA)],
        insecureEnableGroups: flag(groups),
        allowedGroups: some(allowedGroups),
        insecureSkipEmailVerified: flag(skipEmailVerified),
        getUserInfo: flag(getUserInfo),
        userIDKey: userIDClaim,
        userNameKey: userNameClaim,
        basicAuthUnsupported,
        promptType,
        overrideClaimMapping: flag(mapped),
        claimMapping: mapped ? claimMapping : undefined,
      }),
    },
  };
}

function samlConnector(settings: SamlSettings, redirectURI: string): DexConnector {
  const { id, name, ssoURL, ca, entityIssuer, ssoIssuer, usernameAttr, emailAttr, groupsAttr, groupsDelim } = settings;
  const { allowedGroups, nameIDPolicyFormat } = settings;
  return {
    type: "saml",
    id,
    name,
    config: {
      ssoURL,
      caData: base64(ca),
      redirectURI,
      usernameAttr,
      emailAttr,
      nameIDPolicyFormat,
      ...set({ entityIssuer, ssoIssuer, groupsAttr, groupsDelim, allowedGroups: some(allowedGroups) }),
    },
  };
}

/** The target's issuer by variables: none of its values is known before it is there. */
function targetConnector({ targetIssuer }: DexFacts, redirectURI: string): DexConnector {
  const { groupsClaim, extraScopes = [] } = targetIssuer ?? {};
  const mapped = groupsClaim === undefined || groupsClaim === "groups" ? undefined : { groups: groupsClaim };
  return {
    type: "oidc",
    id: targetConnectorId,
    name: "Single sign-on",
    config: {
      clientID: `$${variable("CONNECTOR", targetConnectorId, "CLIENT_ID")}`,
      clientSecret: `$${variable("CONNECTOR", targetConnectorId, "CLIENT_SECRET")}`,
      redirectURI,
      issuer: `$${variable("CONNECTOR", targetConnectorId, "ISSUER")}`,
      scopes: ["profile", "email", ...extraScopes],
      // Entra says nothing of addresses. One that an issuer calls unverified stays so, and oauth2-proxy refuses it.
      insecureSkipEmailVerified: true,
      ...set({
        insecureEnableGroups: flag(groupsClaim !== undefined),
        overrideClaimMapping: flag(mapped !== undefined),
        claimMapping: mapped,
      }),
    },
  };
}

type Set<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the options that are undefined: Dex reads what is written, and its own defaults hold for the rest. */
function set<T extends object>(options: T): Set<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Set<T>;
}

function flag(value: boolean | undefined): true | undefined {
  return value === true ? true : undefined;
}

function some<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function encoded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : base64(text);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
