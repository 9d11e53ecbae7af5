/**
 * What Kubeflow takes by the real Pulumi CLI and its real Kubernetes provider, on a file backend: a naive program (every
 * object a resource, in no order) and ours, each on a fresh sandbox. The last line is JSON: seconds, and the state as the
 * backend writes it in MB; null where it failed.
 *
 *   npm run bench:pulumi              # both, about half an hour
 *   npm run bench:pulumi -- ours      # ours alone, also without checkpoints
 */
import { cp, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { neededMirrorPath } from "../test/support/mirror.ts";
import { openPulumiWorkspace, type PulumiWorkspace } from "../test/support/pulumi-workspace.ts";

interface Figures {
  readonly previewS: number | null;
  readonly upS: number | null;
  readonly secondUpS: number | null;
  /** What the second `up` changed, which should be nothing. */
  readonly secondUpChanges: number | null;
  readonly destroyS: number | null;
  readonly stateMB: number | null;
}

interface Program {
  readonly title: string;
  /** Below the checkout. */
  readonly folder: string;
  readonly stack: string;
  readonly env?: Readonly<Record<string, string>>;
}

const naive: Program = { title: "naive", folder: "bench/naive", stack: "naive" };
const ours: Program = { title: "ours", folder: ".", stack: "local-dev" };
const withoutCheckpoints: Program = {
  ...ours,
  title: "ours without checkpoints",
  env: { PULUMI_SKIP_CHECKPOINTS: "true" },
};

const say = (message: string): void => void process.stderr.write(`${message}\n`);
const round = (value: number): number => Math.round(value * 10) / 10;

/** Runs the program through its life on a sandbox of its own. */
async function measure(program: Program): Promise<Figures> {
  const workspace = await openPulumiWorkspace(neededMirrorPath());
  const { checkout } = workspace;
  try {
    await cp(path.join(import.meta.dirname, "naive"), path.join(checkout.root, "bench", "naive"), { recursive: true });
    await prepare(workspace, program, await readFile(await workspace.startSandbox(), "utf8"));
    const timed = (...args: readonly string[]): Promise<Timed | undefined> => time(workspace, program, args);
    const preview = await timed("preview");
    const up = await timed("up", "--yes", "--skip-preview");
    const stateMB = await stateSize(workspace);
    const second = await timed("up", "--yes", "--skip-preview");
    const destroy = await timed("destroy", "--yes", "--skip-preview");
    const figures = {
      previewS: preview?.seconds ?? null,
      upS: up?.seconds ?? null,
      secondUpS: second?.seconds ?? null,
      secondUpChanges: second?.changes ?? null,
      destroyS: destroy?.seconds ?? null,
      stateMB,
    };
    say(`${program.title}: ${JSON.stringify(figures)}`);
    return figures;
  } finally {
    await workspace.close();
  }
}

async function prepare(workspace: PulumiWorkspace, program: Program, kubeconfig: string): Promise<void> {
  const inFolder = ["--cwd", path.join(workspace.checkout.root, program.folder)];
  await workspace.expectPulumi(["stack", "init", program.stack, ...inFolder]);
  await workspace.expectPulumi(["config", "set", "--secret", "kubeconfig", "--stack", program.stack, ...inFolder], 0, {
    input: `${kubeconfig}\n`,
  });
}

interface Timed {
  readonly seconds: number;
  readonly changes: number;
}

/** @returns undefined when it failed. */
async function time(
  workspace: PulumiWorkspace,
  { title, folder, stack, env = {} }: Program,
  args: readonly string[],
): Promise<Timed | undefined> {
  const where = ["--stack", stack, "--cwd", path.join(workspace.checkout.root, folder)];
  const started = performance.now();
  const { exitCode, stdout, stderr } = await workspace.pulumi([...args, ...where], { env });
  const seconds = round((performance.now() - started) / 1000);
  say(`  ${title}: pulumi ${args.join(" ")}: ${String(seconds)} s${exitCode === 0 ? "" : ", FAILED"}`);
  if (exitCode !== 0) say(`${stdout}${stderr}`.split("\n").slice(-12).join("\n"));
  const changes = [...stdout.matchAll(/^ +[-+~±]+ (\d+) (created|updated|deleted|replaced)/gm)];
  const sum = changes.reduce((total, [, count]) => total + Number(count), 0);
  return exitCode === 0 ? { seconds, changes: sum } : undefined;
}

/** Of the file that the backend keeps of the one stack. */
async function stateSize({ folder }: PulumiWorkspace): Promise<number> {
  const stacks = path.join(folder, "backend", ".pulumi", "stacks");
  const files = (await readdir(stacks, { recursive: true })).filter((name) => /\.json(\.gz|\.zst)?$/.test(name));
  const sizes = await Promise.all(files.map(async (name) => (await stat(path.join(stacks, name))).size));
  return Math.round(Math.max(...sizes) / 10_000) / 100;
}

const onlyOurs = process.argv.includes("ours");
const result = {
  ...(onlyOurs ? {} : { naive: await measure(naive) }),
  ours: await measure(ours),
  withoutCheckpoints: await measure(withoutCheckpoints),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
