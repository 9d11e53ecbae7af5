/** What of a tree the plan of a stack depends on. Pure. */
import { sha256 } from "../../release/json.ts";
import type { Tree } from "./trees.ts";

/**
 * Files that no plan reads: documents, tests, tools, commands beside `preview`, prices (those of here are taken for both
 * sides of a cost), and the sandbox, which a plan from nothing does without. All others count.
 */
const noInput = [
  /^(docs|test|bench|examples|prices|sandbox|coverage)\//,
  /^\.(github|gitlab|ci)(\/|-)/,
  /^cli\/(diff|cost|doctor|promote|drift|upgrade|backup)[-/.a-z]*/,
  /^(eslint\.config\.mjs|knip\.json|tsconfig\.json|LICENSE|NOTICE)$/,
  /^\.(prettier|mocharc|dependency-cruiser|gitignore|gitattributes|editorconfig)[^/]*$/,
  /\.md$/,
];

const stackFile = /^stacks\/config\/Pulumi\.(.+)\.yaml$/;

/** The stacks that a tree has a file of. */
export function stacksOf({ files }: Pick<Tree, "files">): readonly string[] {
  return [...files.keys()].flatMap((file) => stackFile.exec(file)?.[1] ?? []).sort();
}

export function isPlanInput(file: string, stack: string): boolean {
  const of = stackFile.exec(file)?.[1];
  return of === undefined ? !noInput.some((pattern) => pattern.test(file)) : of === stack;
}

/** The same for two trees in which nothing that the stack's plan depends on differs; undefined where it is in none. */
export function planKey({ files }: Pick<Tree, "files">, stack: string): string | undefined {
  if (!files.has(`stacks/config/Pulumi.${stack}.yaml`)) return undefined;
  const inputs = [...files].filter(([file]) => isPlanInput(file, stack)).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify([process.version, inputs]));
}
