/** The state that the Pulumi CLI has of a stack, for what looks at states of the offline engine. */
import { randomUUID } from "node:crypto";
import path from "node:path";
import { importState } from "../engine/state-import.ts";
import { ensurePulumi } from "../tools/pulumi.ts";
import { withPrivateTemporary } from "./private-temporary.ts";
import { exportStack } from "./pulumi-cli.ts";

/**
 * Exports the state from the backend that the CLI is logged in to into a folder of the run's own, its secrets encrypted,
 * and takes the folder away afterwards.
 *
 * @param work is given the folder as the state folder of the offline engine.
 * @throws UserError when there is no fit `pulumi`, or no such stack in the backend.
 */
export async function withPulumiState<T>(
  {
    root,
    stack,
    progress,
  }: { readonly root: string; readonly stack: string; readonly progress: (message: string) => void },
  work: (stateDir: string) => Promise<T>,
): Promise<T> {
  const tools = await ensurePulumi(progress);
  return withPrivateTemporary(async (temporary) => {
    const exported = await exportStack({ root, stack, tools }, temporary);
    const stateDir = path.join(temporary, "state");
    return withPassphrase(async () => {
      await importState({ projectRoot: root, stateDir, stack }, exported);
      return work(stateDir);
    });
  });
}

/** Where the user has no passphrase, with one that this process alone knows: else it would be made in a file beside the state. */
async function withPassphrase<T>(work: () => Promise<T>): Promise<T> {
  const name = "PULUMI_CONFIG_PASSPHRASE";
  if (process.env[name] !== undefined || process.env[`${name}_FILE`] !== undefined) return work();
  process.env[name] = randomUUID();
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(process.env, name);
  }
}
