/** The files of the stacks of a checkout. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { configuredStacks, loadProject } from "../../engine/project.ts";
import { UserError } from "../../shared/errors.ts";
import { parseStackConfig, type StackConfig } from "../../stacks/config.ts";
import { readRawConfig } from "../stack-file.ts";
import type { Member } from "./chain.ts";

export interface StackFile {
  readonly stack: string;
  /** Below the project, with `/`. */
  readonly file: string;
  readonly text: string;
}

/** @throws UserError (wrong usage) for a stack that has no file. */
export async function readStackFile(root: string, stack: string): Promise<StackFile> {
  const project = await loadProject(root);
  const known = await configuredStacks(project);
  if (!known.includes(stack)) {
    throw new UserError(`there is no stack ${stack}; known: ${known.join(", ")} (files of stacks/config)`, {
      exitCode: 2,
    });
  }
  const full = path.join(project.configDir, `Pulumi.${stack}.yaml`);
  const file = path.relative(root, full).split(path.sep).join("/");
  return { stack, file, text: await readFile(full, "utf8") };
}

/** Every stack with a file that can be read; what is wrong with the others is said when they are named. */
export async function listMembers(root: string): Promise<readonly Member[]> {
  const stacks = await configuredStacks(await loadProject(root));
  const read = stacks.map(async (stack): Promise<readonly Member[]> => {
    try {
      return [toMember(stack, parseStackConfig(stack, await readRawConfig(stack, root)))];
    } catch (error) {
      if (error instanceof UserError) return [];
      throw error;
    }
  });
  return (await Promise.all(read)).flat();
}

export function toMember(stack: string, { environment, target, promotion }: StackConfig): Member {
  return { stack, environment, target, after: promotion?.after };
}
