/**
 * The ways into Dex beside its own users, as the configuration describes them. Every key is Dex's own word where Dex has
 * one; secrets are names of `kubeflow:secrets`. Pure.
 */
import { z } from "zod";

/** Dex replaces `$NAME` in every text of a connector by an environment variable, so a `$` would not arrive. */
export const plainText = z
  .string()
  .min(1)
  .regex(/^[^$]*$/, "a text without $, which Dex takes for the name of a variable");

export const secretName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "the name of a secret in kubeflow:secrets, of a-z, 0-9 and -");

const pem = z
  .string()
  .regex(/^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/, "certificates in PEM, as text");

const httpsUrl = z.string().regex(/^https:\/\/[^\s$]+$/, "an https:// URL");

const attribute = z.string().regex(/^[A-Za-z][A-Za-z0-9;.-]*$/, "the name of an LDAP attribute, or DN");

const filter = z.string().regex(/^\([^$]*\)$/, "an LDAP filter in brackets, without $: (objectClass=person)");

const noKerberos = z
  .never({
    error:
      "nothing: Dex 2.45 has no Kerberos (SPNEGO); its LDAP connector takes a password. Log in with the directory's " +
      "password, or through ADFS or Keycloak as an oidc connector; keytabs for notebooks are in kubeflow:tenants",
  })
  .optional();

/** What the login page calls a connector, and what its users' ids begin with: never change an id. */
const named = (type: string, name: string) => ({
  id: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "a-z, 0-9 and -")
    .default(type)
    .describe("Part of every user's subject: another id makes other users of the same people"),
  name: plainText.default(name).describe("On the button of the login page"),
});

export const ldapSettings = z.strictObject({
  ...named("ldap", "LDAP"),
  host: z
    .string()
    .regex(/^[^\s$:/]+(:\d+)?$/, "a host, or host:port, without ldap://")
    .describe("Port 636 when none is named, 389 with `startTLS` or `insecureNoSSL`"),
  startTLS: z.boolean().default(false).describe("Begin in the clear on port 389, and turn to TLS before the password"),
  insecureNoSSL: z
    .boolean()
    .default(false)
    .describe("No TLS at all: everyone's password is readable on the network. For tests"),
  rootCA: pem.optional().describe("Who signed the server's certificate; the public CAs of Dex's image when not set"),
  bindDN: plainText.optional().describe("Who searches the directory; anonymous when not set"),
  bindPassword: secretName.optional().describe("Its password: a name in kubeflow:secrets"),
  usernamePrompt: plainText.default("Username").describe("What the login page asks for"),
  userSearch: z
    .strictObject({
      baseDN: plainText.describe("Below which people are"),
      filter: filter.optional().describe("Which entries are people: (objectClass=person)"),
      username: attribute.default("uid").describe("What people type: `uid`, `mail`, `userPrincipalName`"),
      scope: z.enum(["sub", "one"]).default("sub").describe("All levels below the base, or one"),
      idAttr: attribute.default("uid").describe("What makes a person the same person for ever; `DN` is allowed"),
      emailAttr: attribute.default("mail").describe("Kubeflow knows people by this address"),
      nameAttr: attribute.default("cn").describe("A name to show"),
      preferredUsernameAttr: attribute.optional(),
      emailSuffix: z
        .string()
        .regex(/^[^\s@$]+$/, "a domain, without @")
        .optional()
        .describe("Instead of `emailAttr`: the name of `nameAttr`, an @, and this"),
    })
    .describe("How the directory is asked for a person"),
  groupSearch: z
    .strictObject({
      baseDN: plainText.describe("Below which groups are"),
      filter: filter.optional().describe("Which entries are groups: (objectClass=group)"),
      scope: z.enum(["sub", "one"]).default("sub"),
      userMatchers: z
        .array(
          z.strictObject({
            userAttr: attribute.describe("Of the person: `DN`, `uid`"),
            groupAttr: attribute.describe("Of the group: `member`, `memberUid`"),
            recursionGroupAttr: attribute
              .optional()
              .describe("Of a group that has groups, by their DN: `member`. Groups of groups count when set"),
          }),
        )
        .min(1)
        .describe("Each pair is one more way to be in a group"),
      nameAttr: attribute.default("cn").describe("What tenants and roles call the group"),
    })
    .optional()
    .describe("Nobody has groups without it"),
  kerberos: noKerberos,
});

const oauthClient = {
  clientId: plainText,
  clientSecret: secretName.describe("A name in kubeflow:secrets"),
};

const googleSettings = z.strictObject({
  ...named("google", "Google"),
  ...oauthClient,
  hostedDomains: z
    .array(plainText)
    .min(1)
    .describe("Workspace domains that may log in: without one, everybody with an address at Google could"),
  groups: z.array(plainText).default([]).describe("Only their members may log in; needs `serviceAccount`"),
  serviceAccount: z
    .strictObject({
      key: secretName.describe("A name in kubeflow:secrets: the JSON key that may read the directory"),
      domainToAdminEmail: z
        .record(plainText, plainText)
        .describe("Whom it acts for, by Workspace domain; `*` for any other domain"),
      fetchTransitiveGroupMembership: z.boolean().default(false).describe("Groups of groups count"),
    })
    .optional()
    .describe("Google's tokens carry no groups: Dex asks the Admin Directory API as this account"),
});

const microsoftSettings = z.strictObject({
  ...named("microsoft", "Microsoft"),
  ...oauthClient,
  tenant: z
    .string()
    .regex(/^(?!common$|consumers$)[A-Za-z0-9.-]+$/, "a tenant's id or domain, or organizations")
    .describe("The one Entra directory whose people may log in"),
  groups: z.array(plainText).default([]).describe("Only their members may log in"),
  onlySecurityGroups: z.boolean().default(false),
  groupNameFormat: z.enum(["name", "id"]).default("name").describe("What tenants and roles call a group"),
  useGroupsAsWhitelist: z.boolean().default(false).describe("Tokens carry only the `groups` named here"),
  emailToLowercase: z.boolean().default(true).describe("Kubeflow compares addresses letter by letter"),
  domainHint: plainText.optional(),
});

const githubSettings = z.strictObject({
  ...named("github", "GitHub"),
  ...oauthClient,
  orgs: z
    .array(z.strictObject({ name: plainText, teams: z.array(plainText).default([]) }))
    .min(1)
    .describe("Whose members may log in; with teams, only theirs. A group is `org:team`"),
  hostName: z
    .string()
    .regex(/^[^\s$:/]+$/, "a host name")
    .optional()
    .describe("Of a GitHub Enterprise Server"),
  teamNameField: z.enum(["name", "slug", "both"]).default("slug"),
  useLoginAsID: z.boolean().default(false),
  preferredEmailDomain: plainText.optional().describe("Which of a person's verified addresses to take"),
});

const oidcSettings = z.strictObject({
  ...named("oidc", "Single sign-on"),
  ...oauthClient,
  issuer: httpsUrl.describe("As tokens have it in `iss`, with its /.well-known/openid-configuration below it"),
  scopes: z.array(plainText).default(["profile", "email"]).describe("Beside `openid`"),
  rootCA: pem.optional(),
  groups: z.boolean().default(true).describe("Take the groups that the issuer names"),
  allowedGroups: z.array(plainText).default([]).describe("Only their members may log in"),
  emailClaim: plainText.optional().describe("Instead of `email`"),
  groupsClaim: plainText.optional().describe("Instead of `groups`: `cognito:groups`, `roles`"),
  preferredUsernameClaim: plainText.optional(),
  userIDClaim: plainText.optional().describe("Instead of `sub`"),
  userNameClaim: plainText.optional().describe("Instead of `name`"),
  getUserInfo: z.boolean().default(false).describe("Ask the issuer for claims that its tokens do not carry"),
  skipEmailVerified: z
    .boolean()
    .default(false)
    .describe(
      "Take addresses of which the issuer does not say whether they are verified, as Entra and ADFS do not: only where " +
        "people cannot set their own. What it calls unverified is refused in any case",
    ),
  basicAuthUnsupported: z.boolean().optional().describe("The client's secret goes in the form; found out when not set"),
  promptType: plainText.optional().describe("`login`, `select_account`; Dex asks for `consent` when not set"),
});

const samlSettings = z.strictObject({
  ...named("saml", "Single sign-on"),
  ssoURL: httpsUrl.describe("Where the identity provider takes requests by POST"),
  ca: pem.describe("Who signs the provider's answers"),
  entityIssuer: plainText.optional().describe("What we call ourselves; Dex's callback URL when not set"),
  ssoIssuer: plainText.optional().describe("What the provider calls itself; not compared when not set"),
  usernameAttr: plainText.default("name"),
  emailAttr: plainText.default("email"),
  groupsAttr: plainText.optional().describe("Nobody has groups without it"),
  groupsDelim: plainText.optional().describe("When all groups come in one text"),
  allowedGroups: z.array(plainText).default([]).describe("Only their members may log in"),
  nameIDPolicyFormat: z.enum(["emailAddress", "persistent", "transient", "unspecified"]).default("persistent"),
});

export const connectorSettings = z.strictObject({
  ldap: z.array(ldapSettings).default([]).describe("LDAP, Active Directory, FreeIPA"),
  google: z.array(googleSettings).default([]),
  microsoft: z.array(microsoftSettings).default([]).describe("Entra ID by Microsoft's Graph"),
  github: z.array(githubSettings).default([]),
  oidc: z.array(oidcSettings).default([]).describe("Keycloak, ADFS, Okta, Cognito, any OpenID provider"),
  saml: z.array(samlSettings).default([]).describe("SAML 2.0, HTTP POST binding; Dex calls it unmaintained"),
});

export type LdapSettings = Readonly<z.infer<typeof ldapSettings>>;
export type GoogleSettings = Readonly<z.infer<typeof googleSettings>>;
export type MicrosoftSettings = Readonly<z.infer<typeof microsoftSettings>>;
export type GithubSettings = Readonly<z.infer<typeof githubSettings>>;
export type OidcSettings = Readonly<z.infer<typeof oidcSettings>>;
export type SamlSettings = Readonly<z.infer<typeof samlSettings>>;
