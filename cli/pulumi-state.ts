/** The state that the Pulumi CLI has of a stack, for what looks at states of the offline engine. */
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
    await importState({ projectRoot: root, stateDir, stack }, exported);
    return work(stateDir);
  });
}
