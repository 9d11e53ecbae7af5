/**
 * Every option of Dex 2.45 that we set, with its meaning: a wrong one is a type error, and the rendered configuration is
 * checked against it. Dex itself passes over a key that it does not know, so nobody else would say so.
 *
 * Sources: dexidp/dex at v2.45.0, cmd/dex/config.go, storage/storage.go and connector/<type>; dexidp.io/docs. Pure.
 */
import { z } from "zod";

/** Whole hours or minutes, as Go reads them. */
const duration = z.string().regex(/^[1-9]\d*(h|m|s)$/);
const environmentName = z.string().regex(/^[A-Z][A-Z0-9_]*$/);
/** Dex replaces `$NAME` in the texts of a connector's `config` by the environment: no secret is written in it. */
const fromEnvironment = z.string().regex(/^\$[A-Z][A-Z0-9_]*$/);
const plain = z.string().regex(/^[^$]+$/);
/** Of Go's type []byte: base64 of PEM. */
const base64 = z.string().regex(/^[A-Za-z0-9+/]+=*$/);
const scope = z.enum(["sub", "one"]);

const ldap = z.strictObject({
  host: plain.describe("host or host:port; 636 when none, 389 with insecureNoSSL"),
  insecureNoSSL: z.literal(true).optional().describe("No TLS"),
  startTLS: z.literal(true).optional().describe("TLS on a connection that begins in the clear"),
  rootCAData: base64.optional().describe("Trusted for the server's certificate"),
  bindDN: plain.optional().describe("Who searches"),
  bindPW: fromEnvironment.optional(),
  usernamePrompt: plain,
  userSearch: z.strictObject({
    baseDN: plain,
    filter: plain.optional().describe("Becomes (&<filter>(<username>=<what was typed>))"),
    username: plain,
    scope,
    idAttr: plain,
    emailAttr: plain.describe("Required of the entry, unless emailSuffix is set"),
    nameAttr: plain,
    preferredUsernameAttr: plain.optional(),
    emailSuffix: plain.optional(),
  }),
  groupSearch: z
    .strictObject({
      baseDN: plain,
      filter: plain.optional().describe("Becomes (&<filter>(<groupAttr>=<the user's userAttr>))"),
      scope,
      userMatchers: z.array(
        z.strictObject({
          userAttr: plain,
          groupAttr: plain,
          recursionGroupAttr: plain.optional().describe("Then (&<filter>(<it>=<DN of the group>)), until no more"),
        }),
      ),
      nameAttr: plain,
    })
    .optional(),
});

const client = { clientID: z.string(), clientSecret: fromEnvironment, redirectURI: plain };

const google = z.strictObject({
  ...client,
  hostedDomains: z.array(plain),
  groups: z.array(plain).optional(),
  serviceAccountFilePath: plain.optional(),
  domainToAdminEmail: z.record(z.string(), plain).optional(),
  fetchTransitiveGroupMembership: z.literal(true).optional(),
});

const microsoft = z.strictObject({
  ...client,
  tenant: plain,
  groups: z.array(plain).optional(),
  onlySecurityGroups: z.literal(true).optional(),
  groupNameFormat: z.enum(["name", "id"]),
  useGroupsAsWhitelist: z.literal(true).optional(),
  emailToLowercase: z.boolean(),
  domainHint: plain.optional(),
});

const github = z.strictObject({
  ...client,
  orgs: z.array(z.strictObject({ name: plain, teams: z.array(plain).optional() })),
  hostName: plain.optional(),
  teamNameField: z.enum(["name", "slug", "both"]),
  useLoginAsID: z.literal(true).optional(),
  preferredEmailDomain: plain.optional(),
});

const oidc = z.strictObject({
  ...client,
  issuer: z.string(),
  scopes: z.array(plain).describe("Beside openid"),
  rootCAs: z.array(base64).optional().describe("Beside the system's"),
  insecureEnableGroups: z.literal(true).optional().describe("Take the groups claim. Refreshed only with the session"),
  allowedGroups: z.array(plain).optional(),
  insecureSkipEmailVerified: z.literal(true).optional().describe("A token without email_verified counts as verified"),
  getUserInfo: z.literal(true).optional(),
  userIDKey: plain.optional(),
  userNameKey: plain.optional(),
  basicAuthUnsupported: z.boolean().optional(),
  promptType: plain.optional(),
  overrideClaimMapping: z
    .literal(true)
    .optional()
    .describe("claimMapping counts even where the standard claim is there"),
  claimMapping: z
    .strictObject({
      email: plain.optional(),
      groups: plain.optional(),
      preferred_username: plain.optional(),
    })
    .optional(),
});

const saml = z.strictObject({
  ssoURL: plain,
  caData: base64,
  entityIssuer: plain.optional(),
  ssoIssuer: plain.optional(),
  redirectURI: plain,
  usernameAttr: plain,
  emailAttr: plain,
  groupsAttr: plain.optional(),
  groupsDelim: plain.optional(),
  allowedGroups: z.array(plain).optional(),
  nameIDPolicyFormat: plain,
});

const connector = <T extends string, C extends z.ZodType>(type: T, config: C) =>
  z.strictObject({ type: z.literal(type), id: plain, name: plain, config });

const connectors = z.discriminatedUnion("type", [
  connector("ldap", ldap),
  connector("google", google),
  connector("microsoft", microsoft),
  connector("github", github),
  connector("oidc", oidc),
  connector("saml", saml),
]);

/** Dex's `config.yaml`. */
export const dexModel = z.strictObject({
  issuer: z.url().describe("What tokens have in `iss`; its path is where Dex answers"),
  storage: z.strictObject({ type: z.literal("kubernetes"), config: z.strictObject({ inCluster: z.literal(true) }) }),
  web: z.strictObject({ http: plain }),
  logger: z.strictObject({ level: z.enum(["debug", "info", "warn", "error"]), format: z.enum(["text", "json"]) }),
  expiry: z.strictObject({
    idTokens: duration.describe("Dex's default is 24h"),
    authRequests: duration.describe("How long a login may take; also its default is 24h"),
    refreshTokens: z
      .strictObject({
        reuseInterval: duration.describe("How long a used one is good once more: two replicas may refresh at once"),
        validIfNotUsedFor: duration,
        absoluteLifetime: duration,
      })
      .optional(),
  }),
  oauth2: z.strictObject({
    skipApprovalScreen: z.boolean(),
    responseTypes: z.tuple([z.literal("code")]).describe("No tokens in the address bar"),
    grantTypes: z.array(z.enum(["authorization_code", "refresh_token"])).describe("All that Dex knows, by default"),
  }),
  enablePasswordDB: z.boolean().describe("Whether Dex has users of its own"),
  staticPasswords: z
    .array(
      z.strictObject({
        email: z.string(),
        username: plain,
        userID: plain.describe("What makes the user the same user: the subject is made of it"),
        hashFromEnv: environmentName.describe("The variable with the bcrypt hash, of cost 10 or more"),
        groups: z.array(plain).optional().describe("Since 2.45"),
      }),
    )
    .optional(),
  staticClients: z.array(
    z.strictObject({
      idEnv: environmentName,
      secretEnv: environmentName,
      redirectURIs: z.array(plain),
      name: plain,
    }),
  ),
  connectors: z.array(connectors).optional(),
});

export type DexConfig = z.infer<typeof dexModel>;
export type DexConnector = z.infer<typeof connectors>;
