/** Who may log in, and how: `kubeflow:login`. Pure: `kf` reads it without Pulumi's SDK. */
import { z } from "zod";
import { connectorSettings, plainText, secretName } from "./connector-settings.ts";

/** Go's durations, without fractions: what Dex and oauth2-proxy read. */
const duration = z.string().regex(/^[1-9]\d*(h|m)$/, "hours or minutes, such as 24h or 30m");

const email = z.string().regex(/^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/, "an e-mail address");

const httpsUrl = z.string().regex(/^https:\/\/[^\s$"]+$/, "an https:// URL");

const userSettings = z.strictObject({
  email: email.describe("Kubeflow knows the user by it"),
  username: plainText.describe("A name to show"),
  groups: z.array(plainText).default([]),
  passwordHash: secretName
    .optional()
    .describe(
      "A name in kubeflow:secrets: the bcrypt hash, of cost 10 or more, of a password that the user chose " +
        "(`htpasswd -nBC 12 USER`). One is generated when not set",
    ),
});

const issuerSettings = z.strictObject({
  url: httpsUrl.describe("As tokens have it in `iss`, with its /.well-known/openid-configuration below it"),
  clientId: plainText,
  clientSecret: secretName.describe("A name in kubeflow:secrets"),
  groupsClaim: plainText.optional().describe("The claim that lists a user's groups; nobody has any when not set"),
  emailClaim: plainText.default("email").describe("The claim that Kubeflow knows users by"),
  extraScopes: z.array(plainText).default([]).describe("Beyond `openid email profile`"),
  endpoints: z
    .strictObject({ login: httpsUrl, redeem: httpsUrl, jwks: httpsUrl })
    .optional()
    .describe("Where the issuer does not say them itself, under /.well-known/openid-configuration"),
});

/** `default` is the credential that kubeflow:rotate makes anew in place. */
const generations = z
  .array(z.string().regex(/^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/, "1 to 20 of a-z, 0-9 and -"))
  .min(1)
  .max(2)
  .refine((names) => new Set(names).size === names.length, "two different names")
  .default(["default"]);

const cookieSettings = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, "letters, digits, _ and -")
    .default("oauth2_proxy_kubeflow")
    .describe("`__Host-` in front makes browsers refuse a cookie that another host of the domain sets"),
  secure: z
    .boolean()
    .default(true)
    .describe(
      "Only over HTTPS, for the cookies of the login and of the web apps. Browsers make an exception of localhost",
    ),
  sameSite: z.enum(["lax", "strict", "none"]).default("lax"),
  secretGenerations: generations.describe(
    "Names of cookie secrets, the newest first: those who are logged in by the second one stay",
  ),
});

const sessionSettings = z.strictObject({
  lifetime: duration
    .optional()
    .describe("How long a login lasts: 24h with Dex, 1h (most issuers' ID tokens) in the mode `direct`"),
  refresh: duration
    .optional()
    .describe("How often the issuer is asked whether the user is still one; only at the login when not set"),
  offlineAccess: z
    .boolean()
    .default(true)
    .describe(
      "With `refresh` and the mode `direct`: ask for the scope offline_access, as OpenID Connect has it. False where the " +
        "issuer refuses the scope: Cognito, which refreshes without, and Google, which does not refresh",
    ),
  cookie: cookieSettings.prefault({}),
  clientGenerations: generations.describe(
    "Names of our client's secrets at Dex, the newest first: Dex takes both while a second one is named",
  ),
  logoutUrl: httpsUrl.optional().describe("Where the browser goes after a logout, to end the issuer's session, too"),
});

const machineSettings = z.strictObject({
  issuer: z
    .string()
    .regex(/^https:\/\/[^\s$"]+$/, "an https:// URL")
    .optional()
    .describe("Of the cluster's service account tokens; the target's own when not set"),
  jwks: z
    .string()
    .regex(/^\s*\{[\s\S]*"keys"[\s\S]*\}\s*$/, 'a JSON Web Key Set: {"keys": [...]}')
    .optional()
    .describe(
      "The issuer's public keys, where Istio cannot fetch them: `kubectl get --raw /openid/v1/jwks` on your own machines",
    ),
  audience: plainText
    .default("istio-ingressgateway.istio-system.svc.cluster.local")
    .describe("What tokens have to be made for: `kubectl create token NAME --audience ...`"),
});

export const loginSettings = z.strictObject({
  mode: z
    .enum(["dex", "direct", "iap"])
    .default("dex")
    .describe(
      "`dex`: Dex shows a login page for its users and connectors; `direct`: oauth2-proxy sends people straight to one " +
        "issuer; `iap`: Google's Identity-Aware Proxy in front has logged them in",
    ),
  url: z
    .string()
    .regex(/^https?:\/\/[^\s/$"]+$/, "a URL without a path, such as https://kubeflow.example.com")
    .optional()
    .describe("Where people reach the dashboard: issuers send them back there. The target's own when not set"),
  issuer: z
    .union([z.literal("target"), issuerSettings], {
      error: "target, or a map of url, clientId, clientSecret, groupsClaim, emailClaim, extraScopes, endpoints",
    })
    .optional()
    .describe(
      "`target`: the user pool, Entra application or Google client that the target made. One of your own, by its URL, " +
        "in the mode `direct`; with Dex that is a connector `oidc`",
    ),
  localAdmin: z
    .boolean()
    .default(true)
    .describe("Whether kubeflow:adminEmail logs in with the generated password; with Dex only"),
  users: z.array(userSettings).default([]).describe("More users of Dex's own; with Dex only"),
  connectors: connectorSettings.prefault({}).describe("Directories and providers that Dex asks; with Dex only"),
  allow: z
    .strictObject({
      emailDomains: z
        .array(z.string().regex(/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/, "a domain, such as example.com"))
        .default([]),
      groups: z.array(z.string().regex(/^[^\s"$][^"$]*$/, 'the name of a group, without " and $')).default([]),
    })
    .prefault({})
    .describe("Whoever logs in has to have an address of one of the domains, and one of the groups; anyone when empty"),
  session: sessionSettings.prefault({}),
  machines: machineSettings
    .optional()
    .describe(
      "Lets service accounts of the cluster in with their tokens, as the user system:serviceaccount:NAMESPACE:NAME",
    ),
  iap: z
    .strictObject({
      audience: z
        .string()
        .regex(/^\/projects\/\d+\/(global|locations\/[a-z0-9-]+)\/(backendServices|services)\/[^\s$"]+$/, {
          error: "/projects/NUMBER/global/backendServices/ID",
        })
        .describe("Of the load balancer's backend, as Google's console shows it under Identity-Aware Proxy"),
    })
    .optional()
    .describe("Only, and always, with the mode `iap`"),
  tokenToWorkloads: z
    .boolean()
    .default(false)
    .describe(
      "Whether notebooks and other workloads of tenants see the token of whoever visits them, with which they could act " +
        "for the visitor; they never see the login's cookie",
    ),
});

export type LoginSettings = Readonly<z.infer<typeof loginSettings>>;
