/**
 * How long it takes to put the whole release into a fresh sandbox: the upstream way, ours, and the floor (the same
 * objects posted in parallel with no logic at all). One run, one machine, a fresh sandbox each; the last line is JSON.
 * Ours and the floor, which are close, take turns three times and are compared by their medians: the same work takes a
 * virtual machine a quarter longer at one time than at another.
 *
 *   npm run bench:install
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import PQueue from "p-queue";
import { withInertWebhooks } from "../components/kubeflow/inert-webhooks.ts";
import { Connection } from "../kubernetes/connection.ts";
import { ApiError } from "../kubernetes/errors.ts";
import { groupOf, type KubernetesObject } from "../kubernetes/objects.ts";
import { readCrd } from "../release/crds.ts";
import type { CrdStyle, RenderedRelease } from "../release/types.ts";
import { projectRoot } from "../shared/paths.ts";
import { bareRelease, loadRelease } from "../stacks/release.ts";
import { ensureTool } from "../tools/tools.ts";

/** Seconds from the start until everything is applied, and until everything is ready. */
interface Figures {
  readonly appliedS: number;
  readonly readyS: number;
}

interface Fresh {
  readonly env: Readonly<Record<string, string>>;
  readonly kubeconfig: string;
}

/** Requests in flight, the same for the floor as for ours. */
const concurrency = 32;
const rounds = 3;
/** What upstream's README sleeps between two tries. */
const upstreamSleepMs = 20_000;

const say = (message: string): void => void process.stderr.write(`${message}\n`);

async function kf(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
  const main = path.join(projectRoot, "cli", "kf.mjs");
  const { stdout } = await execa(process.execPath, [main, ...args], { cwd: projectRoot, env, maxBuffer: 500_000_000 });
  return stdout;
}

/** Runs `measure` on a fresh sandbox, which is deleted afterwards. */
async function onFreshSandbox(title: string, measure: (fresh: Fresh) => Promise<Figures>): Promise<Figures> {
  const data = await mkdtemp(path.join(os.tmpdir(), "kf-bench-"));
  const env = { KF_DATA_DIR: data };
  try {
    const { kubeconfig } = JSON.parse(await kf(env, "sandbox", "start", "--json")) as { readonly kubeconfig: string };
    const figures = await measure({ env, kubeconfig });
    say(`${title}: applied in ${figures.appliedS.toFixed(1)} s, ready in ${figures.readyS.toFixed(1)} s`);
    return figures;
  } finally {
    await kf(env, "sandbox", "stop");
    await rm(data, { recursive: true, force: true });
  }
}

/** Every object, CRDs first as upstream's kustomization sorts them, with webhooks that the sandbox can have. */
async function objectsOf(release: RenderedRelease): Promise<readonly KubernetesObject[]> {
  const crds = await Promise.all(release.crds.map(readCrd));
  const namespaces = release.objects.filter(({ kind }) => kind === "Namespace");
  const rest = release.objects.filter(({ kind }) => kind !== "Namespace");
  return [...namespaces, ...crds, ...rest.map(withInertWebhooks)];
}

/** `kubectl apply` in upstream's loop, on what it would have rendered: rendering is not counted, for none of the three. */
async function upstreamWay({ kubeconfig }: Fresh, objects: readonly KubernetesObject[]): Promise<Figures> {
  const kubectl = await ensureTool("kubectl", () => undefined);
  const file = path.join(path.dirname(kubeconfig), "release.yaml");
  await writeFile(file, objects.map((object) => JSON.stringify(object)).join("\n---\n"));
  // kubectl keeps for minutes which kinds an address serves: what it learned of another sandbox there is not this one's.
  const cluster = ["--kubeconfig", kubeconfig, "--cache-dir", path.join(path.dirname(kubeconfig), "kubectl-cache")];
  const args = [...cluster, "apply", "--server-side", "--force-conflicts", "-f", file];
  const started = performance.now();
  for (let tries = 1; ; tries += 1) {
    const { exitCode, stderr } = await execa(kubectl, args, { reject: false });
    if (exitCode === 0) break;
    say(`  try ${tries}: ${stderr.split("\n").length} errors, sleeping ${upstreamSleepMs / 1000} s`);
    await delay(upstreamSleepMs);
  }
  return untilReady(kubeconfig, started);
}

/** `kf up`, with a warm render cache, as a user starts it. */
async function ourWay({ env }: Fresh): Promise<Figures> {
  const started = Date.now();
  const report = JSON.parse(await kf(env, "up", "--yes", "--quiet", "--json")) as {
    readonly lastWrite: string;
    readonly timings: Readonly<Record<string, number>>;
  };
  say(`  ours, by phase in ms: ${JSON.stringify(report.timings)}`);
  return { appliedS: (Date.parse(report.lastWrite) - started) / 1000, readyS: (Date.now() - started) / 1000 };
}

/** Every object is posted as it comes; what was refused is posted again at once, until nothing is. */
async function floor({ kubeconfig }: Fresh, objects: readonly KubernetesObject[]): Promise<Figures> {
  const connection = new Connection({ kubeconfig: await readFile(kubeconfig, "utf8"), concurrency });
  const plurals = pluralsOf(objects);
  const queue = new PQueue({ concurrency });
  const started = performance.now();
  let left = objects;
  while (left.length > 0) {
    const answers = await Promise.all(left.map((object) => queue.add(() => isPosted(connection, object, plurals))));
    left = left.filter((_, index) => answers[index] === false);
  }
  const figures = await untilReady(kubeconfig, started);
  await connection.close();
  return figures;
}

async function isPosted(
  connection: Connection,
  object: KubernetesObject,
  plurals: ReadonlyMap<string, string>,
): Promise<boolean> {
  const { apiVersion, kind, metadata } = object;
  const prefix = groupOf(apiVersion) === "" ? "/api" : "/apis";
  const namespace = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  const plural = plurals.get(`${groupOf(apiVersion)}/${kind}`) ?? pluralOf(kind);
  try {
    await connection.request({ method: "POST", path: `${prefix}/${apiVersion}${namespace}/${plural}`, body: object });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 409) return true;
    if (error.status !== 404) say(`  floor: ${kind} ${metadata.name}: ${error.message}`);
    return false;
  }
}

/** Resource names of the release's own kinds. */
function pluralsOf(objects: readonly KubernetesObject[]): ReadonlyMap<string, string> {
  return new Map(
    objects
      .filter(({ kind }) => kind === "CustomResourceDefinition")
      .map(({ spec }) => {
        const { group, names } = spec as { readonly group: string; readonly names: { kind: string; plural: string } };
        return [`${group}/${names.kind}`, names.plural];
      }),
  );
}

/** Resource name of a built-in kind. */
function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith("y")) return `${lower.slice(0, -1)}ies`;
  return lower.endsWith("s") ? `${lower}es` : `${lower}s`;
}

/** Everything is applied now: waits until it is ready too. */
async function untilReady(kubeconfig: string, started: number): Promise<Figures> {
  const appliedS = (performance.now() - started) / 1000;
  const kubectl = await ensureTool("kubectl", () => undefined);
  const wait = (kind: string, condition: string): Promise<unknown> =>
    execa(kubectl, ["--kubeconfig", kubeconfig, "wait", kind, "-A", "--all", `--for=${condition}`, "--timeout=300s"]);
  await Promise.all([
    wait("deployment", "condition=Available"),
    wait("persistentvolumeclaim", "jsonpath={.status.phase}=Bound"),
  ]);
  return { appliedS, readyS: (performance.now() - started) / 1000 };
}

async function render(crds: CrdStyle): Promise<readonly KubernetesObject[]> {
  return objectsOf(await loadRelease(bareRelease("26.03", crds), { progress: say }));
}

function medianOf(figures: readonly Figures[]): Figures {
  const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
  return {
    appliedS: middle(figures.map(({ appliedS }) => appliedS)),
    readyS: middle(figures.map(({ readyS }) => readyS)),
  };
}

const asUpstream = await render("full");
const asOurs = await render("lean");
const upstream = await onFreshSandbox("upstream", (fresh) => upstreamWay(fresh, asUpstream));
const everyOurs: Figures[] = [];
const everyFloor: Figures[] = [];
for (let count = 0; count < rounds; count += 1) {
  everyOurs.push(await onFreshSandbox("ours", ourWay));
  everyFloor.push(await onFreshSandbox("floor", (fresh) => floor(fresh, asOurs)));
}
const ours = medianOf(everyOurs);
const bare = medianOf(everyFloor);
const round = (value: number): number => Math.round(value * 100) / 100;
process.stdout.write(
  `${JSON.stringify({
    upstreamS: round(upstream.appliedS),
    oursS: round(ours.appliedS),
    floorS: round(bare.appliedS),
    ratio: round(ours.appliedS / upstream.appliedS),
    overFloor: round(ours.appliedS / bare.appliedS),
    rounds: {
      oursS: everyOurs.map(({ appliedS }) => round(appliedS)),
      floorS: everyFloor.map(({ appliedS }) => round(appliedS)),
    },
    ready: { upstreamS: round(upstream.readyS), oursS: round(ours.readyS), floorS: round(bare.readyS) },
  })}\n`,
);
