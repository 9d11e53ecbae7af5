/** For mocha's `require`: a folder for all that a run of the tests makes, taken away at its end with what runs in it. */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { deleteSandbox, listSandboxes } from "../../sandbox/sandbox.ts";
import { isAlive } from "../../shared/processes.ts";

const variable = "KF_TEST_DATA";

/** From here on, and for the whole run, sandboxes and stacks live in the temporary folder, each worker's in its own. */
export function useTemporaryData(): void {
  const folder = process.env[variable];
  if (folder === undefined) throw new Error(`${variable}: not set; run the tests by mocha, from the project's folder`);
  process.env["KF_DATA_DIR"] = path.join(folder, process.env["MOCHA_WORKER_ID"] ?? "main");
}

/**
 * A folder of a test's own among what the run makes, for sandboxes in its `data` and what else it writes; by itself
 * (a benchmark) among the machine's temporary files.
 */
export function makeTestFolder(name: string): Promise<string> {
  return fs.mkdtemp(path.join(process.env[variable] ?? os.tmpdir(), `${name}-`));
}

/** Called by mocha once, before there are workers: they inherit the environment. */
export async function mochaGlobalSetup(): Promise<void> {
  for (const name of await fs.readdir(os.tmpdir())) {
    const pid = /^kf-test-data-(\d+)-/.exec(name)?.[1];
    // A run that was interrupted or killed: what runs in its sandboxes would run for ever.
    if (pid !== undefined && !isAlive(Number(pid))) await clear(path.join(os.tmpdir(), name));
  }
  process.env[variable] = await fs.mkdtemp(path.join(os.tmpdir(), `kf-test-data-${process.pid}-`));
}

/** Called by mocha once, after the last worker has ended. */
export async function mochaGlobalTeardown(): Promise<void> {
  const folder = process.env[variable];
  if (folder !== undefined) await clear(folder);
}

async function clear(folder: string): Promise<void> {
  const outer = process.env["KF_DATA_DIR"];
  const own = await fs.readdir(folder);
  for (const data of own.flatMap((name) => [path.join(folder, name), path.join(folder, name, "data")])) {
    process.env["KF_DATA_DIR"] = data;
    await Promise.all((await listSandboxes()).map((name) => deleteSandbox(name)));
  }
  if (outer === undefined) delete process.env["KF_DATA_DIR"];
  else process.env["KF_DATA_DIR"] = outer;
  await fs.rm(folder, { recursive: true, force: true });
}
