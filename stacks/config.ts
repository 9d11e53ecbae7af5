/** What a stack's configuration may say, and the check of it. Pure: `kf` uses it without loading Pulumi's SDK. */
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { aksSettings } from "../components/aks/settings.ts";
import { eksSettings } from "../components/eks/settings.ts";
import { gkeSettings } from "../components/gke/settings.ts";
import { upstreamAdminEmail } from "../components/kubeflow/admin-email.ts";
import { platformSettings, type PlatformSettings } from "../components/kubeflow/settings.ts";
import { onpremSettings } from "../components/onprem/settings.ts";
import { credentialNames, type CredentialName } from "../components/kubeflow/credential-places.ts";
import { UserError } from "../shared/errors.ts";
import { kubeconfigProblem } from "./kubeconfig.ts";

const chartSchema = z.strictObject({
  /** An entry of `charts` in the release's lock. */
  name: z.string().min(1),
  /** Helm's release name. @default - the chart's name */
  release: z.string().min(1).optional(),
  namespace: z.string().min(1),
  values: z.record(z.string(), z.unknown()).default({}),
});

/** Pulumi hands a list or a map in a stack file to the program as JSON. */
const json = (what: string) =>
  z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: what });
      return z.NEVER;
    }
  });

const rotations = Object.fromEntries(credentialNames.map((name) => [name, z.string().min(1).optional()])) as Record<
  CredentialName,
  z.ZodOptional<z.ZodString>
>;

const promotionSettings = z.strictObject({
  after: z
    .string()
    .min(1)
    .optional()
    .describe("The stack that releases come from; the nearest environment before this one when not set"),
  soakHours: z
    .number()
    .min(0)
    .max(24 * 365)
    .optional()
    .describe("How long that stack has to have run a release before it may come here: 24 to staging, 72 to prod"),
});

/** The keys of the project's namespace, without `kubeflow:`. The order is that of docs/config.md. */
export const configSchema = z.strictObject({
  target: z.enum(["sandbox", "kubeconfig", "gke", "eks", "aks"]).describe("What Kubeflow is installed on"),
  environment: z
    .enum(["dev", "staging", "prod"])
    .default("dev")
    .describe("Label of every cloud resource; policies are advisory in dev and mandatory in prod"),
  release: z
    .string()
    .regex(/^(sample|\d+\.\d+(\.\d+)?|.*\.yaml)$/, "a release such as 26.03, sample, or the path of a lock file")
    .default("26.03")
    .describe("The Kubeflow release: one of `release/locks`, `sample`, or the path of a lock file of your own"),
  crds: z
    .enum(["lean", "full"])
    .default("lean")
    .describe("`lean` drops the description texts of the CRDs' schemas and nothing else"),
  charts: json("a list of {name, release, namespace, values}")
    .pipe(z.array(chartSchema))
    .default([])
    .describe("Helm charts of the lock to install beside the release: a list of {name, release, namespace, values}"),
  kubernetesVersion: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, "a version such as 1.34.4")
    .default("1.34.4")
    .describe("Version of the target's API, which charts are rendered for"),
  adminEmail: z
    .string()
    .regex(/^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/, "an e-mail address")
    .default(upstreamAdminEmail)
    .describe("Who logs in first and owns the first profile; the password is the stack's output `adminPassword`"),
  rotate: json("a map of credential to text")
    .pipe(z.strictObject(rotations))
    .default({})
    .describe("Credentials to make anew, a map of name to any text; another text, another value: docs/credentials.md"),
  kubeconfig: z
    .string()
    .min(1)
    .optional()
    .describe("Contents of a kubeconfig (secret). `kf` fills it in for the sandbox"),
  context: z.string().min(1).optional().describe("Context of the kubeconfig; its current one when not set"),
  clusterIdentifier: z
    .string()
    .min(1)
    .optional()
    .describe(
      "A fixed id of the cluster, so that an edited kubeconfig replaces nothing; derived from its CA when not set",
    ),
  simulated: z
    .enum(["true", "false"])
    .default("false")
    .transform((value) => value === "true")
    .describe(
      "Set by `kf up --simulate`, not by a stack: the cloud is simulated, and the sandbox is its Kubernetes API",
    ),
  components: json("a map")
    .pipe(platformSettings.shape.components)
    .optional()
    .describe("What is installed, and how large: docs/components.md"),
  login: json("a map").pipe(platformSettings.shape.login).optional().describe("Who may log in, and how: docs/login.md"),
  edge: json("a map").pipe(platformSettings.shape.edge).optional().describe("Name, TLS and entrance: docs/edge.md"),
  tenants: json("a map")
    .pipe(platformSettings.shape.tenants)
    .optional()
    .describe("Profiles, their people, quotas and limits: docs/tenants.md"),
  storage: json("a map")
    .pipe(platformSettings.shape.storage)
    .optional()
    .describe("Object store and databases: docs/storage.md"),
  serving: json("a map").pipe(platformSettings.shape.serving).optional().describe("Serving of models: docs/serving.md"),
  backup: json("a map")
    .pipe(platformSettings.shape.backup)
    .optional()
    .describe("Backups of objects, volumes and databases: docs/backup.md"),
  secrets: json("a map of name to text")
    .pipe(z.record(z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "a name of a-z, 0-9 and -"), z.string().min(1)))
    .default({})
    .describe("Passwords and keys that other keys call by name: a map of name to text (secret)"),
  onprem: json("a map").pipe(onpremSettings).optional().describe("Your own cluster: docs/targets.md#on-prem"),
  gke: json("a map").pipe(gkeSettings).optional().describe("The GKE cluster: docs/targets.md#gke"),
  eks: json("a map").pipe(eksSettings).optional().describe("The EKS cluster: docs/targets.md#eks"),
  aks: json("a map").pipe(aksSettings).optional().describe("The AKS cluster: docs/targets.md#aks"),
  prices: json("a map")
    .pipe(z.record(z.string(), z.number().nonnegative()))
    .default({})
    .describe(
      "What you pay where `kf cost` has no price or another: by machine type or by the key that it prints; USD per hour, disks and storage per GiB and month",
    ),
  promotion: json("a map")
    .pipe(promotionSettings)
    .optional()
    .describe("How a release comes to this stack by `kf promote`: docs/promotion.md"),
  oauthClientSecret: z
    .string()
    .min(1)
    .optional()
    .describe("Secret of the OAuth client that users log in with, where the cloud cannot create one (secret)"),
});

export type StackConfig = Readonly<z.infer<typeof configSchema>>;

/** The part of a configuration that is the platform's. */
export function platformSettingsOf(config: PlatformSettings): PlatformSettings {
  const keys = Object.keys(platformSettings.shape) as (keyof PlatformSettings)[];
  return Object.fromEntries(keys.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]])));
}

/** Keys whose value is a secret wherever it is shown or stored. */
export const secretKeys: ReadonlySet<string> = new Set(["kubeconfig", "oauthClientSecret", "secrets"]);

/**
 * Checks the raw values of a stack.
 *
 * @param raw values by full key (`kubeflow:target`); keys of other namespaces are not looked at.
 * @throws UserError (exit code 2) that lists every problem with its path, value, what is allowed and what to do.
 */
export function parseStackConfig(stack: string, raw: Readonly<Record<string, string>>): StackConfig {
  // Empty: Pulumi.yaml's default for a key that may be left out.
  const own = Object.entries(raw).filter(
    ([key, value]) => key.startsWith("kubeflow:") && value !== "" && value !== "{}",
  );
  const values = Object.fromEntries(own.map(([key, value]) => [key.slice("kubeflow:".length), value]));
  const parsed = configSchema.safeParse(values, { reportInput: true });
  const problems = parsed.success ? crossProblems(parsed.data) : parsed.error.issues.flatMap(explain);
  if (parsed.success && problems.length === 0) return Object.freeze(parsed.data);
  throw new UserError(
    `stack ${stack}: its configuration is not usable\n${problems.map((line) => `  ${line}`).join("\n")}`,
    { exitCode: 2 },
  );
}

/** What is wrong although every key by itself is right. */
function crossProblems(config: StackConfig): readonly string[] {
  const { target } = config;
  const isCloud = target === "gke" || target === "eks" || target === "aks";
  const missing =
    isCloud && config[target] === undefined
      ? `kubeflow:${target}: not set; allowed: a map, see docs/targets.md#${target}. Describe the cluster there, since the target is ${target}`
      : undefined;
  return [missing, kubeconfigProblem(config.kubeconfig, config.context)].filter((problem) => problem !== undefined);
}

function explain(issue: z.core.$ZodIssue): readonly string[] {
  const path = issue.path.map((part, index) => (index === 0 ? String(part) : pathPart(part))).join("");
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(objectAt(issue.path).shape);
    return issue.keys.map((key) => {
      const place = path === "" ? key : `${path}.${key}`;
      const near = path === "" ? `kubeflow:${closest(key, known)}` : closest(key, known);
      return (
        `kubeflow:${place}: unknown key; did you mean ${near}? Allowed: ${known.join(", ")}. ` +
        "Correct it in the stack's file, or take it out"
      );
    });
  }
  const key = String(issue.path[0]);
  const { input } = issue;
  const shown = input === undefined ? "not set" : secretKeys.has(key) ? "[secret]" : JSON.stringify(input);
  const allowed = issue.code === "invalid_value" ? issue.values.join(", ") : issue.message;
  const remedy =
    issue.path.length === 1 ? `Set it with: pulumi config set ${key} VALUE` : "Correct it in the stack's file";
  return [`kubeflow:${path}: ${shown}; allowed: ${allowed}. ${remedy}`];
}

/** The object schema that a path of values leads to. */
function objectAt(path: readonly PropertyKey[]): z.ZodObject {
  let schema: unknown = configSchema;
  for (const part of path) {
    schema = bare(schema);
    if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodObject) schema = schema.shape[String(part)];
  }
  const found = bare(schema);
  if (found instanceof z.ZodObject) return found;
  throw new Error(`no object in the schema at ${path.map(String).join(".")}`);
}

/** Without what says that a value may be missing, or comes as text. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return bare(schema.unwrap());
  return schema instanceof z.ZodPipe ? bare(schema.out) : schema;
}

function pathPart(part: PropertyKey): string {
  return typeof part === "number" ? `[${String(part)}]` : `.${String(part)}`;
}
