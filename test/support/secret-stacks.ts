/** Stacks with a secret in every place that one can stand in, encrypted as `pulumi config set --secret` would. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { hashSync } from "bcrypt";
import { parse as parseYaml } from "yaml";
import { PassphraseSecrets } from "../../engine/secrets.ts";
import type { Canaries } from "./canaries.ts";
import type { Checkout } from "./checkout.ts";
import { object, writeRelease } from "./small-release.ts";

type Config = Readonly<Record<string, unknown>>;

/** No other text has it; with what encodings change. */
const unique = (name: string): string => `canary-${name}-"\\&<%+é-${randomBytes(8).toString("hex")}`;
/** The same for what has to be of plain letters. */
const plain = (name: string): string => `canary-${name}-${randomBytes(8).toString("hex")}`;

function privateKey(): string {
  const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

const oauth = (name: string): Config => ({ clientId: `client-of-${name}`, clientSecret: `${name}-client` });
const certificate = "-----BEGIN CERTIFICATE-----\nTm90IG9uZS4=\n-----END CERTIFICATE-----\n";

/** Everything of `kubeflow:login`, `edge` and `tenants` that names a secret. */
const everywhere: Config = {
  login: {
    users: [
      { email: "ada@example.com", username: "ada" },
      { email: "bob@example.com", username: "bob", passwordHash: "bob-hash" },
    ],
    session: { clientGenerations: ["2026-11", "default"], cookie: { secretGenerations: ["2026-11", "default"] } },
    connectors: {
      ldap: [
        {
          host: "ldap.example.com",
          bindDN: "cn=kubeflow,dc=example,dc=com",
          bindPassword: "ldap-bind",
          userSearch: { baseDN: "ou=people,dc=example,dc=com" },
        },
      ],
      google: [
        {
          ...oauth("google"),
          hostedDomains: ["example.com"],
          serviceAccount: { key: "google-key", domainToAdminEmail: { "example.com": "admin@example.com" } },
        },
      ],
      microsoft: [{ ...oauth("microsoft"), tenant: "example.com" }],
      github: [{ ...oauth("github"), orgs: [{ name: "example" }] }],
      oidc: [{ ...oauth("oidc"), issuer: "https://sso.example.com" }],
      saml: [{ ssoURL: "https://saml.example.com", ca: certificate }],
    },
  },
  edge: {
    domain: "kubeflow.example.com",
    issuer: { kind: "own-ca", caCertificate: "company-ca-certificate", caKey: "company-ca-key" },
  },
  tenants: {
    profiles: [
      {
        name: "research",
        owner: "ada@example.com",
        kerberos: { keytab: "research-keytab", principal: "research@EXAMPLE.COM", krb5Conf: "[libdefaults]\n" },
      },
    ],
  },
};

const secrets = {
  "ldap-bind": unique("ldap-bind"),
  "google-client": unique("google-client"),
  "microsoft-client": unique("microsoft-client"),
  "github-client": unique("github-client"),
  "oidc-client": unique("oidc-client"),
  "google-key": JSON.stringify({ type: "service_account", private_key: privateKey() }, undefined, 2),
  "bob-hash": hashSync(plain("bob-password"), 10),
  "company-ca-certificate": certificate.replace("Tm90IG9uZS4=", randomBytes(60).toString("base64")),
  "company-ca-key": privateKey(),
  "research-keytab": randomBytes(120).toString("base64"),
} as const;

/** Of the example `onprem-prod`: the company's S3, MySQL, logins and authority. */
const onpremSecrets = {
  "artifacts-access-key": plain("artifacts-access-key"),
  "artifacts-secret-key": plain("artifacts-secret-key"),
  "database-password": unique("database-password"),
  "login-client-secret": unique("login-client-secret"),
  "company-ca-certificate": secrets["company-ca-certificate"],
  "company-ca-key": secrets["company-ca-key"],
} as const;

const gkeSecrets = {
  "google-hmac-id": plain("google-hmac-id"),
  "google-hmac-key": plain("google-hmac-key"),
  "dns-token": unique("dns-token"),
} as const;

export const passphrase = plain("passphrase");

/** A kubeconfig that leads nowhere, with every way to log in that one can hold. */
function madeUpKubeconfig(): string {
  const user = {
    token: plain("kubeconfig-token"),
    password: unique("kubeconfig-password"),
    username: "admin",
    "client-key-data": Buffer.from(privateKey()).toString("base64"),
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "nowhere", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "somebody", user }],
    contexts: [{ name: "nowhere", context: { cluster: "nowhere", user: "somebody" } }],
    "current-context": "nowhere",
  });
}

/** Has the search look for what a kubeconfig holds of keys, tokens and passwords, also as they are in base64. */
export function addKubeconfig(canaries: Canaries, name: string, text: string): void {
  const { users } = parseYaml(text) as {
    readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
  };
  for (const [key, value] of users.flatMap(({ user }) => Object.entries(user))) {
    if (key === "username") continue;
    canaries.add(`${name} ${key}`, value);
    if (key.endsWith("-data")) canaries.add(`${name} ${key}, decoded`, Buffer.from(value, "base64").toString());
  }
}

/** Writes the stack's file: `plain` as it is, `closed` encrypted by the passphrase above. */
async function writeSecretStack(
  { root }: Checkout,
  name: string,
  plainConfig: Config,
  closed: { readonly secrets?: Readonly<Record<string, string>>; readonly others?: Readonly<Record<string, string>> },
): Promise<void> {
  const locked = await PassphraseSecrets.open({ text: passphrase, source: "the test", generated: false });
  const close = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([key, value]) => [key, { secure: locked.encrypt(value, "config") }] as const);
  const keys = [
    ...Object.entries(plainConfig),
    ...close(closed.others ?? {}),
    ...(closed.secrets === undefined ? [] : [["secrets", Object.fromEntries(close(closed.secrets))] as const]),
  ].map(([key, value]) => [key.includes(":") ? key : `kubeflow:${key}`, value]);
  const text = JSON.stringify(
    { encryptionsalt: locked.salt, config: Object.fromEntries(keys) as unknown },
    undefined,
    2,
  );
  await writeFile(path.join(root, "stacks", "config", `Pulumi.${name}.yaml`), text);
}

async function exampleOf({ root }: Checkout, stack: string): Promise<Record<string, unknown>> {
  const text = await readFile(path.join(root, "stacks", "config", `Pulumi.${stack}.yaml`), "utf8");
  return (parseYaml(text) as { readonly config: Record<string, unknown> }).config;
}

/**
 * Writes the stacks `full` (in the sandbox), `onprem` and `cloud` (to be planned only), and has the search look for what
 * they hold.
 */
export async function writeStacks(checkout: Checkout, canaries: Canaries): Promise<void> {
  canaries.add("passphrase", passphrase);
  const oauthClientSecret = unique("oauth-client-secret");
  for (const [name, value] of Object.entries({ ...secrets, ...onpremSecrets, ...gkeSecrets, oauthClientSecret }))
    canaries.add(name, value);
  await writeSecretStack(checkout, "full", { target: "sandbox", release: "26.03", ...everywhere }, { secrets });
  const kubeconfig = madeUpKubeconfig();
  addKubeconfig(canaries, "made-up kubeconfig", kubeconfig);
  const onprem = await exampleOf(checkout, "onprem-prod");
  await writeSecretStack(checkout, "onprem", onprem, { secrets: onpremSecrets });
  await writeSecretStack(checkout, "unreachable", onprem, { secrets: onpremSecrets, others: { kubeconfig } });
  const gcp = await exampleOf(checkout, "gcp-prod");
  const gke = { ...(gcp["kubeflow:gke"] as Config), oauthClientId: "client-of-gke" };
  const cloud = {
    ...gcp,
    "kubeflow:gke": gke,
    "kubeflow:login": { issuer: "target" },
    "kubeflow:storage": { artifacts: "gateway", hmac: { accessKey: "google-hmac-id", secretKey: "google-hmac-key" } },
    "kubeflow:edge": {
      issuer: {
        kind: "acme",
        email: "admin@example.com",
        dns01: { cloudflare: { apiTokenSecretRef: { name: "dns", key: "token" } } },
        secrets: { dns: { token: "dns-token" } },
      },
    },
  };
  await writeSecretStack(checkout, "cloud", cloud, { secrets: gkeSecrets, others: { oauthClientSecret } });
}

/**
 * Writes the stack `small`: a few objects of our own, with Secrets in which credentials are generated, for either engine
 * to bring up in seconds.
 *
 * @param more objects.
 */
export async function writeSmallStack(
  checkout: Checkout,
  name = "small",
  more: readonly unknown[] = [],
  config: Config = {},
): Promise<void> {
  const secret = (namespace: string, name: string, fields: readonly string[]) =>
    object(
      "Secret",
      { namespace, name },
      { stringData: Object.fromEntries(fields.map((field) => [field, "upstream"])) },
    );
  const objects = [
    ...["auth", "oauth2-proxy", "kubeflow"].map((name) => object("Namespace", { name })),
    secret("auth", "dex-passwords", ["DEX_USER_PASSWORD"]),
    secret("auth", "dex-oidc-client", ["OIDC_CLIENT_SECRET"]),
    secret("oauth2-proxy", "oauth2-proxy-abc", ["client-secret", "cookie-secret"]),
    secret("kubeflow", "mlpipeline-minio-artifact", ["accesskey", "secretkey"]),
    secret("kubeflow", "mysql-secret", ["password"]),
    secret("kubeflow", "katib-mysql-secrets", ["MYSQL_ROOT_PASSWORD"]),
    object("ConfigMap", { namespace: "kubeflow", name: "settings" }, { data: { colour: "green" } }),
    ...more,
  ];
  const folder = path.join(checkout.root, "releases", name);
  const lock = await writeRelease(folder, { components: { all: objects } });
  const release = path.relative(checkout.root, lock);
  await writeSecretStack(checkout, name, { target: "sandbox", release, ...config }, {});
}
