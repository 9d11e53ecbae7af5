/** Which of `kubeflow:secrets` the login's settings call, and what Dex reads in its variables and files. */
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import * as pulumi from "@pulumi/pulumi";
import { credentialLengths } from "../credential-places.ts";
import type { PlatformContext } from "../customisation.ts";
import { clientVariables, passwordVariable } from "./dex-config.ts";
import { targetConnectorId, variable } from "./dex-connectors.ts";
import type { DexSecrets } from "./dex-objects.ts";
import type { ProxySecrets } from "./oauth2-proxy-objects.ts";
import type { LoginSettings } from "./settings.ts";

/** A place of the settings that names a secret. */
interface SecretUse {
  /** Below `kubeflow:login`. */
  readonly path: string;
  readonly name: string;
  /** Dex's variable or file that takes it; neither for what is not Dex's. */
  readonly variable?: string;
  readonly file?: string;
}

export function secretUses({ connectors, users, issuer }: LoginSettings): readonly SecretUse[] {
  const clients = (["google", "microsoft", "github", "oidc"] as const).flatMap((type) =>
    connectors[type].map(({ id, clientSecret: name }, index) => ({
      path: `connectors.${type}[${String(index)}].clientSecret`,
      name,
      variable: variable("CONNECTOR", id, "CLIENT_SECRET"),
    })),
  );
  const binds = connectors.ldap.flatMap(({ id, bindPassword: name }, index) =>
    name === undefined
      ? []
      : [
          {
            path: `connectors.ldap[${String(index)}].bindPassword`,
            name,
            variable: variable("CONNECTOR", id, "BIND_PASSWORD"),
          },
        ],
  );
  const keys = connectors.google.flatMap(({ id, serviceAccount }, index) =>
    serviceAccount === undefined
      ? []
      : [
          {
            path: `connectors.google[${String(index)}].serviceAccount.key`,
            name: serviceAccount.key,
            file: `${id}.json`,
          },
        ],
  );
  const hashes = users.flatMap(({ email, passwordHash: name }, index) =>
    name === undefined
      ? []
      : [{ path: `users[${String(index)}].passwordHash`, name, variable: passwordVariable(email) }],
  );
  const own = typeof issuer === "object" ? [{ path: "issuer.clientSecret", name: issuer.clientSecret }] : [];
  return [...binds, ...clients, ...keys, ...hashes, ...own];
}

/** Everything secret that the login has, made or given. */
export interface LoginSecrets {
  readonly dex: DexSecrets;
  readonly proxy: ProxySecrets;
  /** Cookie secret of the generation before; undefined when there is none, or it is upstream's Secret's. */
  readonly previousCookie: pulumi.Output<string> | undefined;
  /** Made for those of Dex's users who chose none, by address. */
  readonly userPasswords: Readonly<Record<string, pulumi.Output<string>>>;
}

/** The id of our client at Dex, by its generation. */
export function clientIdOf(generation: string, upstreamId: string): string {
  return generation === "default" ? upstreamId : `kubeflow-${generation}`;
}

export function loginSecrets(settings: LoginSettings, context: PlatformContext): LoginSecrets {
  const { name, parent, secrets, target } = context;
  const random = (what: string, length: number): RandomPassword =>
    new RandomPassword(`${name}-login-${what}`, { length, special: false }, { parent });
  const variables: Record<string, pulumi.Output<string>> = {};
  const keys: Record<string, pulumi.Output<string>> = {};
  for (const use of secretUses(settings)) {
    const value = secrets[use.name];
    if (value === undefined) continue;
    if (use.variable !== undefined) variables[use.variable] = pulumi.secret(value);
    if (use.file !== undefined) keys[use.file] = pulumi.secret(value);
  }
  const userPasswords: Record<string, pulumi.Output<string>> = {};
  for (const { email, passwordHash } of settings.users) {
    if (passwordHash !== undefined) continue;
    const password = random(`user-${email}`, credentialLengths["admin-password"]);
    variables[passwordVariable(email)] = password.bcryptHash;
    userPasswords[email] = pulumi.secret(password.result);
  }
  const { oidc } = target;
  if (settings.issuer === "target" && settings.mode === "dex" && oidc !== undefined) {
    const of = (field: string): string => variable("CONNECTOR", targetConnectorId, field);
    variables[of("ISSUER")] = oidc.issuerUrl;
    variables[of("CLIENT_ID")] = oidc.clientId;
    variables[of("CLIENT_SECRET")] = pulumi.secret(oidc.clientSecret);
  }
  const clients = new Map<string, { readonly id: string; readonly secret: pulumi.Output<string> }>();
  for (const generation of settings.session.clientGenerations.filter((each) => each !== "default")) {
    const id = clientIdOf(generation, "");
    const secret = random(`client-${generation}`, credentialLengths["oidc-client-secret"]).result;
    const { idEnv, secretEnv } = clientVariables(generation);
    variables[idEnv] = pulumi.output(id);
    variables[secretEnv] = secret;
    clients.set(generation, { id, secret });
  }
  const cookieSecret = (generation: string | undefined): pulumi.Output<string> | undefined =>
    generation === undefined || generation === "default"
      ? undefined
      : random(`cookie-${generation}`, credentialLengths["cookie-secret"]).result;
  const [newestClient = "default"] = settings.session.clientGenerations;
  const [newestCookie, previousCookie] = settings.session.cookie.secretGenerations;
  const client = clients.get(newestClient);
  const cookie = cookieSecret(newestCookie);
  return {
    dex: { variables, keys },
    proxy: { ...(client === undefined ? {} : { client }), ...(cookie === undefined ? {} : { cookie }) },
    previousCookie: cookieSecret(previousCookie),
    userPasswords,
  };
}
