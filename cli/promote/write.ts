/**
 * Writes a promotion so that a crash at any point leaves either nothing or what the next run finishes: first the whole
 * change as `unfinished.yaml`, then each file, the record last, then the note of what was begun goes.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { createExclusively } from "../../engine/files.ts";
import { UserError } from "../../shared/errors.ts";
import {
  readUnfinished,
  recordFile,
  toYaml,
  unfinishedFile,
  type PromotionRecord,
  type Unfinished,
} from "./records.ts";

/** Called with what has just been written. */
type Written = (file: string) => void;

/** @throws UserError when another change of the stack is under way. */
export async function writeChange(root: string, change: Unfinished, written: Written = () => undefined): Promise<void> {
  const { stack } = change.record;
  const file = unfinishedFile(root, stack);
  if (!(await createExclusively(file, toYaml(change)))) {
    throw new UserError(
      `${stack}: another change of its release has begun, see ${file}; run the command again to end it`,
    );
  }
  written(file);
  await finish(root, change, written);
}

/**
 * Ends what an earlier run has begun, if one has.
 *
 * @returns its record.
 * @throws UserError when a file is neither as it was nor as it was to be: then a person decides.
 */
export async function finishUnfinished(
  root: string,
  stack: string,
  written: Written = () => undefined,
): Promise<PromotionRecord | undefined> {
  const change = await readUnfinished(root, stack);
  if (change === undefined) return undefined;
  for (const { file, before, after } of change.files) {
    const now = await textOf(path.join(root, file));
    if (now === before || now === after) continue;
    const pending = unfinishedFile(root, stack);
    throw new UserError(
      `${file}: it was changed after a ${change.record.kind} of ${stack} had been cut off on ${change.record.at}, so it ` +
        `can neither be ended nor taken back. Put the file back as it was, or delete ${pending} to keep what there is`,
    );
  }
  await finish(root, change, written);
  return change.record;
}

async function finish(root: string, { record, files }: Unfinished, written: Written): Promise<void> {
  const all = [
    ...files.map(({ file, after }) => [path.join(root, file), after] as const),
    [recordFile(root, record), toYaml(record)] as const,
  ];
  for (const [file, text] of all) {
    if ((await textOf(file)) !== text) await replaceFile(file, text);
    written(file);
  }
  const pending = unfinishedFile(root, record.stack);
  await rm(pending, { force: true });
  // Of runs that were killed before they had begun.
  const litter = (await readdir(path.dirname(pending))).filter((name) => /^unfinished\.yaml\..+\.new$/.test(name));
  await Promise.all(litter.map((name) => rm(path.join(path.dirname(pending), name), { force: true })));
}

/** At once, through a file whose name the next run knows: a crash leaves no litter that nobody takes away. */
async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.promotion`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(temporary, text, { flush: true });
  await rename(temporary, file);
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
