/**
 * What tenants cost: how long a preview takes and how long `kf up` takes on a fresh sandbox, with 0, 1, 10, 50 and 100 of
 * them in the configuration. The last line is JSON; `perTenant` is what one more tenant adds from each number to the next,
 * the same from end to end where the time grows linearly.
 *
 *   node cli/bootstrap.mjs node bench/tenants.ts [--preview-only]
 */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { kf } from "../test/support/kf.ts";
import { copyCheckout, type Checkout } from "../test/support/checkout.ts";

const counts = [0, 1, 10, 50, 100] as const;

interface Figures {
  readonly tenants: number;
  readonly resources: number;
  readonly previewS: number;
  /** Until everything is applied and ready. */
  readonly upS?: number;
}

const say = (message: string): void => void process.stderr.write(`${message}\n`);
const round = (value: number): number => Math.round(value * 100) / 100;

/** A tenant as a team has it: an owner, two members, a quota. */
function tenant(index: number): unknown {
  const name = `team-${String(index).padStart(3, "0")}`;
  return {
    name,
    owner: `owner@${name}.example.com`,
    members: [
      { user: `editor@${name}.example.com`, role: "edit" },
      { user: `viewer@${name}.example.com`, role: "view" },
    ],
    quota: { cpu: 32, memoryGiB: 128, storageGiB: 500, gpus: 2 },
  };
}

async function timed(checkout: Checkout, env: Readonly<Record<string, string>>, command: readonly string[]) {
  const started = performance.now();
  const { code, stdout, stderr } = await kf([...command, "bench", "--quiet", "--json"], env, checkout.root);
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`kf ${command.join(" ")}: exit code ${String(code)}\n${stderr}`);
  const { summary } = JSON.parse(stdout) as { readonly summary: Readonly<Record<string, number>> };
  return { seconds, resources: Object.values(summary).reduce((sum, each) => sum + each, 0) };
}

async function measure(checkout: Checkout, tenants: number, previewOnly: boolean): Promise<Figures> {
  const data = await mkdtemp(path.join(os.tmpdir(), "kf-bench-"));
  const env = { KF_DATA_DIR: data };
  try {
    await checkout.stack("bench", {
      target: "sandbox",
      release: "26.03",
      tenants: { profiles: Array.from({ length: tenants }, (_, index) => tenant(index)) },
    });
    const { code, stderr } = await kf(["sandbox", "start"], env, checkout.root);
    if (code !== 0) throw new Error(`kf sandbox start: exit code ${String(code)}\n${stderr}`);
    // The first one writes what the next ones find: renderings and compiled code.
    if (tenants === 0) await timed(checkout, env, ["preview"]);
    const preview = await timed(checkout, env, ["preview"]);
    const figures = { tenants, resources: preview.resources, previewS: round(preview.seconds) };
    if (previewOnly) return figures;
    const up = await timed(checkout, env, ["up"]);
    return { ...figures, upS: round(up.seconds) };
  } finally {
    await kf(["sandbox", "stop"], env, checkout.root);
    await rm(data, { recursive: true, force: true });
  }
}

/** Seconds that one more tenant adds, from each number of them to the next. */
function perTenant(all: readonly Figures[], secondsOf: (figures: Figures) => number | undefined): readonly number[] {
  return all.slice(1).flatMap((figures, index) => {
    const before = all[index];
    const [from, to] = [before && secondsOf(before), secondsOf(figures)];
    if (before === undefined || from === undefined || to === undefined) return [];
    return [Math.round(((to - from) / (figures.tenants - before.tenants)) * 1000) / 1000];
  });
}

const { values } = parseArgs({ options: { "preview-only": { type: "boolean", default: false } } });
const checkout = await copyCheckout();
try {
  const figures: Figures[] = [];
  for (const count of counts) {
    const measured = await measure(checkout, count, values["preview-only"]);
    say(
      `${String(count).padStart(3)} tenants, ${measured.resources} resources: preview ${measured.previewS.toFixed(1)} s` +
        (measured.upS === undefined ? "" : `, up ${measured.upS.toFixed(1)} s`),
    );
    figures.push(measured);
  }
  const seconds = {
    previewS: perTenant(figures, ({ previewS }) => previewS),
    upS: perTenant(figures, ({ upS }) => upS),
  };
  process.stdout.write(`${JSON.stringify({ figures, perTenant: seconds })}\n`);
} finally {
  await checkout.close();
}
