/**
 * How long `kf diff` takes over all stacks, with the base's plans in the cache: for one changed value in one stack's file,
 * and for one changed line of a component. The last line is JSON, with the milliseconds of each phase.
 *
 *   node cli/bootstrap.mjs node bench/diff.ts
 */
import { appendFile, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import type { DiffReport } from "../cli/diff/report.ts";
import { projectRoot } from "../shared/paths.ts";
import { kf } from "../test/support/kf.ts";

const say = (message: string): void => void process.stderr.write(`${message}\n`);

async function measure(root: string, what: string) {
  const started = performance.now();
  const { stdout, stderr, code } = await kf(["diff", "--base", "HEAD", "--json", "--quiet"], {}, root);
  if (code !== 0) throw new Error(`kf diff: exit code ${String(code)}\n${stderr}${stdout.slice(0, 2000)}`);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const { stacks, changes, timings } = JSON.parse(stdout) as DiffReport;
  say(`${what}: ${String(seconds)} s, ${String(stacks.length)} stacks and ${String(changes.length)} changes`);
  return { what, seconds, stacks: stacks.length, changes: changes.length, timings };
}

const root = await mkdtemp(path.join(os.tmpdir(), "kf-bench-diff-"));
try {
  await execa("git", ["clone", "--quiet", "--shared", projectRoot, root]);
  await symlink(path.join(projectRoot, "node_modules"), path.join(root, "node_modules"));
  say("planning the base once, for the cache: every stack, at both sides");
  const component = path.join(root, "components", "kubeflow", "platform.ts");
  const file = path.join(root, "stacks", "config", "Pulumi.gcp-dev.yaml");
  const [code, config] = await Promise.all([component, file].map((each) => readFile(each, "utf8")));
  await appendFile(component, "// Another comment.\n");
  await measure(root, "cold");
  await appendFile(component, "// And another.\n");
  const inComponent = await measure(root, "one line of a component");
  await writeFile(component, code ?? "");
  await writeFile(file, (config ?? "").replace(/idleMinutes: \d+/, "idleMinutes: 77"));
  const inStack = await measure(root, "one value of one stack");
  process.stdout.write(`${JSON.stringify({ cores: os.availableParallelism(), results: [inStack, inComponent] })}\n`);
} finally {
  await rm(root, { recursive: true, force: true });
}
