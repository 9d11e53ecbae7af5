import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import writeFileAtomic from "write-file-atomic";
import { groupKind, type KubernetesObject } from "../../kubernetes/objects.ts";
import { cacheDir, projectRoot } from "../../shared/paths.ts";
import { ensureTool } from "../../tools/tools.ts";
import { hasCrd } from "../crds.ts";
import { canonicalJson, isRecord, sha256 } from "../json.ts";
import type { LockedChart } from "../lock.ts";
import { treeDigest } from "../tree.ts";
import type { CrdStyle, Phases, Progress, RenderedCrd, RenderedRelease } from "../types.ts";
import type { Values } from "./yaml.ts";

/** Which chart, and what of it. */
export interface ChartRequest {
  readonly chart: LockedChart;
  /** Helm's release name: what most objects' names begin with. */
  readonly release: string;
  /** Of the objects that the chart gives no other. It is not created by the chart. */
  readonly namespace: string;
  /** Never secrets: the rendered objects are cached. Let the chart use a Secret of yours. */
  readonly values: Values;
  /** What messages put before a path: where the values come from. @default "values" */
  readonly valuesRoot?: string | undefined;
  /** Paths (`alertmanager.config`) whose keys are not the chart's own, though its `values.yaml` has some there. */
  readonly freeForm?: readonly string[] | undefined;
}

/** What a chart is rendered for. */
export interface ChartContext {
  /** Of the target: `1.34.4`. */
  readonly kubeVersion: string;
  /** CRDs that other parts of the platform install: their API versions and scopes are known to the chart. */
  readonly installed: readonly RenderedCrd[];
  /** @default "lean" */
  readonly crds?: CrdStyle | undefined;
  /** Path of the helm binary. @default - found or installed by `tools/` */
  readonly helm?: (() => Promise<string>) | undefined;
  /** A folder or base URL that is tried first. @default - the environment's `KF_MIRROR`, else no mirror */
  readonly mirror?: string | undefined;
  readonly progress?: Progress | undefined;
}

/** A rendered chart: registered and ordered like a release. */
export interface RenderedChart extends RenderedRelease {
  /** One entry: what its install hooks ask for; `before` and `after` in Helm's order. */
  readonly phases: readonly [Phases];
  /** Test hooks, by name (`Pod demo/demo-test`): not installed. */
  readonly dropped: readonly string[];
  /** What a person should know: Helm's warnings, and hook policies that are not followed. */
  readonly notes: readonly string[];
}

/**
 * Everything that a chart registers: fetched, its values checked, rendered with `helm template` and sorted; or read from
 * the cache where the same inputs were rendered before.
 *
 * @throws UserError for what `fetchChart`, `checkValues`, `helmTemplate` and `splitHooks` refuse, and for a kind of which
 * nobody knows whether it is namespaced.
 */
export async function renderChart(request: ChartRequest, context: ChartContext): Promise<RenderedChart> {
  const { progress = () => undefined } = context;
  const helm = context.helm ?? (() => ensureTool("helm", progress));
  const file = cacheDir("renders", `${request.chart.name}-${await inputDigest(request, context, await helm())}.json`);
  const cached = await readCached(file);
  if (cached !== undefined) return cached;
  // What fetches, checks and renders takes longer to load than a warm render takes.
  const { buildChart } = await import("./build.ts");
  const rendered = await buildChart(request, context, helm, progress);
  // Whoever makes a Secret through values wants it in no file.
  if (rendered.objects.some(holdsSecret)) return rendered;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(file, JSON.stringify(rendered));
  return rendered;
}

/** Everything that decides what comes out: the request, the cluster's versions, the tool, and this very code. */
async function inputDigest(request: ChartRequest, context: ChartContext, helm: string): Promise<string> {
  const code = [
    "helm/build.ts",
    "helm/template.ts",
    "helm/hooks.ts",
    "helm/yaml.ts",
    "../kubernetes/scopes.ts",
    "fixes.ts",
    "lean.ts",
    "crds.ts",
    "json.ts",
  ];
  const texts = code.map((file) => readFile(path.join(import.meta.dirname, "..", file), "utf8"));
  const { chart, release, namespace, values, freeForm = [] } = request;
  const { kubeVersion, crds = "lean" } = context;
  // A folder of this project can change under its lock, an archive in the cache cannot.
  const sha256OfChart = chart.path === undefined ? chart.sha256 : await treeDigest(path.join(projectRoot, chart.path));
  const inputs = { chart: [chart, sha256OfChart], release, namespace, values, freeForm, kubeVersion, crds };
  const known = context.installed.map(({ group, kind, scope, versions }) => [group, kind, scope, versions]);
  return sha256(canonicalJson([inputs, known, await versionOf(helm), await Promise.all(texts)]));
}

const versions = new Map<string, Promise<string>>();

function versionOf(helm: string): Promise<string> {
  const known = versions.get(helm);
  if (known !== undefined) return known;
  const asked = execa(helm, ["version", "--template", "{{.Version}} {{.GitCommit}}"]).then(({ stdout }) => stdout);
  versions.set(helm, asked);
  return asked;
}

/** `undefined` when it is not there, not readable, or a CRD body that it names was deleted. */
async function readCached(file: string): Promise<RenderedChart | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const chart = JSON.parse(text) as RenderedChart;
    const bodies = await Promise.all(chart.crds.map((crd) => hasCrd(crd.digest)));
    return bodies.every(Boolean) ? chart : undefined;
  } catch {
    // Cut off or overwritten from outside: as good as absent.
    return undefined;
  }
}

function holdsSecret(object: KubernetesObject): boolean {
  if (groupKind(object) !== "Secret") return false;
  return [object["data"], object["stringData"]].some((data) => isRecord(data) && Object.keys(data).length > 0);
}
