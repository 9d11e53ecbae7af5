import { startSandbox, type Sandbox } from "../../sandbox/sandbox.ts";
import { useTemporaryData } from "./temporary-data.ts";

/** Sandboxes of this worker's tests, by name: suites that name the same one share it. */
const started = new Map<string, Promise<Sandbox>>();

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
  useTemporaryData();
  const starting = startSandbox({ name });
  started.set(name, starting);
  return starting;
}
