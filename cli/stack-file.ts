import { createHash } from "node:crypto";
import { configuredStacks, loadProject } from "../engine/project.ts";
import { loadStackConfig, resolveConfig } from "../engine/stack-config.ts";
import { projectRoot } from "../shared/paths.ts";
import { closedSecret } from "../stacks/kubeconfig.ts";

/** Of the ciphertext: another one reads otherwise, and nobody needs to open it. */
const standIn = (ciphertext: string): string =>
  `stand-in-${createHash("sha256").update(ciphertext).digest("hex").slice(0, 12)}`;

/** What takes the place of the values of a stack's file that are closed, or have a closed part, for a plan of it. */
export async function standInsOfSecrets(stack: string, root = projectRoot): Promise<Readonly<Record<string, string>>> {
  const project = await loadProject(root);
  const config = await loadStackConfig(project, stack, {}, await configuredStacks(project));
  const closed = resolveConfig(config, () => closedSecret).values;
  const { values } = resolveConfig(config, standIn);
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => value !== closed[key]));
}

/**
 * The configuration of a stack by full key: its file over the defaults of Pulumi.yaml. Secrets stay closed and read
 * `[secret]`, so that no passphrase is asked for only to find out which target and release a stack has.
 *
 * @throws UserError (exit code 2) for an unknown stack, with the known ones and where their files are.
 */
export async function readRawConfig(stack: string, root = projectRoot): Promise<Readonly<Record<string, string>>> {
  const project = await loadProject(root);
  const config = await loadStackConfig(project, stack, {}, await configuredStacks(project));
  return resolveConfig(config, () => closedSecret).values;
}
