import { closest } from "fastest-levenshtein";
import * as z from "zod";
import { UserError } from "../shared/errors.ts";
import { isSecretKey, readStackYaml, type ConfigType, type Project } from "./project.ts";
import { findPassphrase, PassphraseSecrets } from "./secrets.ts";
import { Secret, type PropertyMap } from "./values.ts";

const stackFile = z.looseObject({
  config: z.record(z.string(), z.unknown()).nullish(),
  encryptionsalt: z.string().optional(),
  secretsprovider: z.string().optional(),
});

/** A stack's configuration as its file has it, checked against the project; secrets still encrypted. */
export interface StackConfig {
  readonly salt: string | undefined;
  /** What the file says beside, which the offline engine does not follow. */
  readonly unsupported: readonly string[];
  /** By full key. */
  readonly entries: ReadonlyMap<string, { readonly value: unknown; readonly secret: boolean }>;
}

/** What the program and the default providers see: strings by full key, objects as JSON. */
export interface ResolvedConfig {
  readonly values: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

const wrong = (message: string): UserError => new UserError(message, { exitCode: 2 });

/**
 * @param overrides take precedence over the file.
 * @param known the stacks that there are; those in state may be without a config file.
 * @throws UserError (wrong usage): unknown stack, unknown key, wrong type, missing value.
 */
export async function loadStackConfig(
  project: Project,
  stack: string,
  overrides: Readonly<Record<string, string>>,
  known: readonly string[],
): Promise<StackConfig> {
  const yaml = await readStackYaml(project, stack);
  if (yaml === undefined && !known.includes(stack))
    throw wrong(
      `Unknown stack ${stack}. Known: ${known.join(", ") || "none"} (files Pulumi.<stack>.yaml in ${project.configDir})`,
    );
  const name = `Pulumi.${stack}.yaml`;
  const file = stackFile.safeParse(yaml ?? {});
  if (!file.success) throw wrong(`${name}: ${z.prettifyError(file.error)}`);
  const given = { ...file.data.config, ...overrides };
  for (const [key, value] of Object.entries(given)) checkKey(project, `${name}: config.${key}`, key, value);
  const { encryptionsalt: salt, secretsprovider = "passphrase" } = file.data;
  const read = ["config", "encryptionsalt", ...(secretsprovider === "passphrase" ? ["secretsprovider"] : [])];
  const unsupported = Object.keys(file.data).filter((key) => !read.includes(key));
  return { salt, unsupported, entries: withDefaults(project, stack, given) };
}

/** The stack's config with its secrets opened. @throws UserError when they cannot be. */
export async function openConfig(config: StackConfig, stateDir: string): Promise<ResolvedConfig> {
  if (![...config.entries.values()].some(({ value }) => hasSecure(value)))
    return resolveConfig(config, (ciphertext) => ciphertext);
  if (config.salt === undefined)
    throw wrong("The stack's config has secure values but no encryptionsalt to open them with");
  const secrets = await PassphraseSecrets.open(await findPassphrase(stateDir), config.salt);
  return resolveConfig(config, (ciphertext) => secrets.decrypt(ciphertext, "config"));
}

/** @param decrypt opens a `secure:` value of the file. */
export function resolveConfig(config: StackConfig, decrypt: (ciphertext: string) => string): ResolvedConfig {
  const reveal = (_: string, value: unknown): unknown => (isSecure(value) ? decrypt(value.secure) : value);
  const values = [...config.entries].map(([key, { value }]) => {
    const plain = reveal(key, value);
    return [key, typeof plain === "string" ? plain : JSON.stringify(plain, reveal)] as const;
  });
  const secretKeys = [...config.entries].filter(([, { secret }]) => secret).map(([key]) => key);
  return { values: Object.fromEntries(values), secretKeys };
}

/** What the config says of a package: the configuration of its default provider. */
export function packageConfig({ values, secretKeys }: ResolvedConfig, packageName: string): PropertyMap {
  const own = Object.entries(values).filter(([key]) => key.startsWith(`${packageName}:`));
  const entries = own.map(([key, value]) => {
    return [key.slice(packageName.length + 1), secretKeys.includes(key) ? new Secret(value) : value] as const;
  });
  return Object.fromEntries(entries);
}

const isSecure = (value: unknown): value is { readonly secure: string } =>
  typeof value === "object" && value !== null && "secure" in value && typeof value.secure === "string";

const hasSecure = (value: unknown): boolean =>
  isSecure(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasSecure));

type Values = Readonly<Record<string, unknown>>;

function withDefaults(project: Project, stack: string, given: Values): StackConfig["entries"] {
  const declared = Object.entries(project.config);
  const defaults = declared.map(([key, { default: fallback, value = fallback }]) => [key, value] as const);
  const values = { ...Object.fromEntries(defaults), ...given };
  const missing = declared
    .map(([key]) => key)
    .filter((key) => values[key] === undefined && key.startsWith(`${project.name}:`));
  if (missing.length > 0)
    throw wrong(
      `Pulumi.${stack}.yaml: config: no value for ${missing.join(", ")}; Pulumi.yaml gives no default either`,
    );
  const secret = (key: string, value: unknown): boolean => project.config[key]?.secret === true || hasSecure(value);
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return new Map(known.map(([key, value]) => [key, { value, secret: secret(key, value) }]));
}

function checkKey(project: Project, path: string, key: string, value: unknown): void {
  const known = Object.keys(project.config).filter((name) => name.startsWith(`${project.name}:`));
  const declared = project.config[key];
  if (!key.includes(":"))
    throw wrong(`${path}: a key has its namespace before it; did you mean ${project.name}:${key}?`);
  if (declared !== undefined) checkType(path, declared, value, isSecretKey(declared));
  else if (known.length > 0 && key.startsWith(`${project.name}:`))
    throw wrong(`${path}: unknown key; did you mean ${closest(key, known)}? Allowed: ${known.join(", ")}`);
}

function checkType(path: string, declared: ConfigType, value: unknown, isSecret: boolean): void {
  if (declared.type === undefined || isSecure(value)) return;
  const { allowed, accepts } = types[declared.type];
  if (!accepts.safeParse(value).success)
    throw wrong(`${path}: ${isSecret ? "[secret]" : JSON.stringify(value)} is not allowed here; allowed: ${allowed}`);
  const { items } = declared;
  if (declared.type === "array" && items !== undefined && Array.isArray(value))
    value.forEach((item, index) => checkType(`${path}[${index}]`, items, item, isSecret));
}

/** Scalars may come as text: `pulumi config set` writes them so. */
const types: Record<NonNullable<ConfigType["type"]>, { readonly allowed: string; readonly accepts: z.ZodType }> = {
  string: { allowed: "a string", accepts: z.union([z.string(), z.number(), z.boolean()]) },
  integer: { allowed: "a whole number", accepts: z.union([z.int(), z.string().regex(/^[+-]?\d+$/)]) },
  number: { allowed: "a number", accepts: z.union([z.number(), z.string().trim().min(1).pipe(z.coerce.number())]) },
  boolean: { allowed: "true or false", accepts: z.union([z.boolean(), z.enum(["true", "false"])]) },
  array: { allowed: "a list", accepts: z.preprocess(parsed, z.array(z.unknown())) },
  object: { allowed: "a map", accepts: z.preprocess(parsed, z.record(z.string(), z.unknown())) },
};

/** An override comes as text: JSON for lists and maps. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
