import { execa } from "execa";
import { describeObject, objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { messageOf, UserError } from "../../shared/errors.ts";
import { cacheDir } from "../../shared/paths.ts";
import { canonicalJson, isRecord } from "../json.ts";
import { noNetwork } from "../kustomize.ts";
import { loadHelmYaml, type Values } from "./yaml.ts";

export interface TemplateInput {
  /** Path of the helm binary. */
  readonly helm: string;
  /** Archive or folder of the chart. */
  readonly source: string;
  /** How messages call the chart. */
  readonly label: string;
  readonly release: string;
  readonly namespace: string;
  /** `1.34.4` */
  readonly kubeVersion: string;
  /** `group/version` and `group/version/kind` that the cluster has beside Kubernetes' own. */
  readonly apiVersions: readonly string[];
  readonly values: Values;
  /** Whether Helm may look at the chart's schema: not where that needs the network. */
  readonly checkSchema: boolean;
}

export interface Templated {
  readonly objects: readonly KubernetesObject[];
  /** What Helm warned of. */
  readonly warnings: readonly string[];
}

/**
 * Runs `helm template`, twice: what differs between the two would differ on every machine and at every preview.
 *
 * @throws UserError with Helm's own words, or naming what differs.
 */
export async function helmTemplate(input: TemplateInput): Promise<Templated> {
  // Far apart in time of day and date, so that a chart which prints the time is found out too.
  const [first, second] = await Promise.all([run(input, "UTC"), run(input, "Pacific/Kiritimati")]);
  const objects = parse(first.stdout, input.label);
  if (first.stdout !== second.stdout) requireSame(objects, parse(second.stdout, input.label), input.label);
  return { objects, warnings: first.stderr.split("\n").filter((line) => line.trim() !== "") };
}

async function run(input: TemplateInput, timeZone: string): Promise<{ stdout: string; stderr: string }> {
  const { helm, source, label, release, namespace, kubeVersion, apiVersions, values, checkSchema } = input;
  const flags = [
    ...["--namespace", namespace, "--kube-version", kubeVersion, "--include-crds"],
    ...apiVersions.flatMap((version) => ["--api-versions", version]),
    ...(checkSchema ? [] : ["--skip-schema-validation"]),
    // Values go through a pipe: neither the process list nor a file shows them.
    ...["--values", "-"],
  ];
  const done = await execa(helm, ["template", release, source, ...flags], {
    env: { ...ownEnvironment(), TZ: timeZone },
    extendEnv: false,
    input: JSON.stringify(values),
    reject: false,
  });
  if (!done.failed) return done;
  throw new UserError(`${label} does not render: ${done.stderr.trim() || messageOf(done.cause)}`);
}

/** Nothing of the user's own Helm (plugins, repositories, HELM_NAMESPACE, ...) may change a render. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([key]) => !/^(HELM_|KUBE|XDG_)/.test(key));
  const homes = Object.fromEntries(
    ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"].map((key) => [key, cacheDir("helm", key.toLowerCase())]),
  );
  return { ...Object.fromEntries(inherited), ...noNetwork, NO_PROXY: "", no_proxy: "", ...homes };
}

function parse(text: string, label: string): readonly KubernetesObject[] {
  let documents: readonly unknown[];
  try {
    documents = loadHelmYaml(text);
  } catch (error) {
    throw new UserError(`${label} renders broken YAML: ${messageOf(error)}`, { cause: error });
  }
  return documents.flatMap(unlist).map((document) => {
    if (isObject(document)) return document;
    const shown = JSON.stringify(document).slice(0, 200);
    throw new UserError(`${label} renders something without apiVersion, kind and metadata.name: ${shown}`);
  });
}

/** A `List` stands for its items, and an empty document for nothing. */
function unlist(document: unknown): readonly unknown[] {
  if (document === null || document === undefined) return [];
  if (!isRecord(document) || !String(document["kind"]).endsWith("List") || !Array.isArray(document["items"])) {
    return [document];
  }
  return (document["items"] as readonly unknown[]).flatMap(unlist);
}

function isObject(value: unknown): value is KubernetesObject {
  if (!isRecord(value) || !isRecord(value["metadata"])) return false;
  const fields = [value["apiVersion"], value["kind"], value["metadata"]["name"]];
  return fields.every((field) => typeof field === "string" && field !== "");
}

function requireSame(first: readonly KubernetesObject[], second: readonly KubernetesObject[], label: string): void {
  const others = new Map(second.map((object) => [objectKey(object), canonicalJson(object)]));
  const differing = first.filter((object) => others.get(objectKey(object)) !== canonicalJson(object));
  if (differing.length === 0 && first.length === second.length) return;
  const names = differing.map((object) => `\n  ${describeObject(object)}`).join("") || "\n  (which objects there are)";
  throw new UserError(
    `${label} renders differently each time, so no render of it can be locked:${names}\n` +
      "It makes random data (passwords, certificates) or prints the time. Give the value that it makes up explicitly, " +
      "or let it use a Secret of yours (charts call it `existingSecret` or alike) or cert-manager",
  );
}
