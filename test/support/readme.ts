import { readFile } from "node:fs/promises";
import path from "node:path";
import { projectRoot } from "../../shared/paths.ts";

/** The lines of the first shell block below a heading of README.md, as they are written there. */
export async function readmeCommands(heading: string): Promise<readonly string[]> {
  const text = await readFile(path.join(projectRoot, "README.md"), "utf8");
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  const block = /```sh\n([^]*?)```/.exec(section ?? "")?.[1];
  if (block === undefined) throw new Error(`README.md: no shell block below "## ${heading}"`);
  return block.trim().split("\n");
}
