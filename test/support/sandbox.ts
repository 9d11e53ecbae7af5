import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { deleteSandbox, startSandbox, type Sandbox } from "../../sandbox/sandbox.ts";

/** Sandboxes of this test run, by name: suites that name the same one share it. */
const started = new Map<string, Promise<Sandbox>>();
let folder: string | undefined;

/**
 * Gives the suite that it is called in a real sandbox: the one of that name in this run, started when the first suite
 * needs it. It lives in a folder of its own, so that a run never touches the user's sandboxes.
 *
 * @returns a function that gives the sandbox, for use inside tests and hooks.
 */
export function useSandbox(name = "test"): () => Sandbox {
  let sandbox: Sandbox | undefined;
  before(async function () {
    // Long enough to build the sandbox's binaries, should nobody have done so.
    this.timeout(30 * 60_000);
    sandbox = await sharedSandbox(name);
  });
  return () => {
    if (sandbox === undefined) throw new Error(`sandbox ${name}: used before it was started`);
    return sandbox;
  };
}

/** The sandbox of that name in this run, started by whoever asks first and deleted when the run ends. */
export async function sharedSandbox(name: string): Promise<Sandbox> {
  const running = started.get(name);
  if (running !== undefined) return running;
  await useTemporaryData();
  const starting = startSandbox({ name });
  started.set(name, starting);
  return starting;
}

/** From here on, and for the whole run, sandboxes and stacks live in a temporary folder. */
export async function useTemporaryData(): Promise<void> {
  folder ??= await fs.mkdtemp(path.join(os.tmpdir(), "kf-test-data-"));
  process.env["KF_DATA_DIR"] = folder;
}

// At the top of a module this is a hook of the whole run.
after(async function () {
  this.timeout(60_000);
  await Promise.all([...started.keys()].map(async (name) => await deleteSandbox(name)));
  if (folder !== undefined) await fs.rm(folder, { recursive: true, force: true });
});
