/** Records of promotions and rollbacks: one file each below stacks/promotions/<stack>, to be committed with the change. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { messageOf, UserError } from "../../shared/errors.ts";

const part = z.strictObject({
  digest: z.string(),
  lock: z.strictObject({ release: z.string(), name: z.string(), sha256: z.string(), text: z.string().optional() }),
  options: z.record(z.string(), z.unknown()),
  charts: z
    .array(
      z.strictObject({
        name: z.string(),
        release: z.string().optional(),
        namespace: z.string(),
        values: z.unknown().optional(),
      }),
    )
    .readonly(),
});

const recordSchema = z.strictObject({
  version: z.literal(1),
  kind: z.enum(["promotion", "rollback"]),
  /** Also the name of its file, and in the order of time. */
  id: z.string(),
  stack: z.string(),
  at: z.iso.datetime(),
  by: z.strictObject({
    name: z.string(),
    email: z.string().optional(),
    /** The CI's actor and run, where it was one. */
    ci: z.strictObject({ actor: z.string(), run: z.string().optional() }).optional(),
  }),
  /** Of the checkout, before the change. */
  commit: z.string().optional(),
  /** Of a promotion: the stack that it came from. */
  from: z.string().optional(),
  /** Of a rollback: the promotion that it takes back. */
  undoes: z.string().optional(),
  /** What the stack had, with the values of its charts. */
  before: part,
  after: part,
  /** sha256 of everything rendered: what ran in FROM, and what the stack's plan came to. */
  rendered: z.strictObject({ from: z.string().optional(), planned: z.string().optional() }),
  gates: z.array(
    z.strictObject({
      gate: z.string(),
      result: z.enum(["passed", "refused", "waived"]),
      evidence: z.string(),
      reason: z.string().optional(),
    }),
  ),
});

const unfinishedSchema = z.strictObject({
  record: recordSchema,
  files: z.array(z.strictObject({ file: z.string(), before: z.string().optional(), after: z.string() })),
});

export type PromotionRecord = Readonly<z.infer<typeof recordSchema>>;
/** A change that was begun: its record, and the files that belong to it. */
export type Unfinished = Readonly<z.infer<typeof unfinishedSchema>>;

export function recordFolder(root: string, stack: string): string {
  return path.join(root, "stacks", "promotions", stack);
}

export function recordFile(root: string, { stack, id }: Pick<PromotionRecord, "stack" | "id">): string {
  return path.join(recordFolder(root, stack), `${id}.yaml`);
}

/** What the next run finds of one that was cut off. */
export function unfinishedFile(root: string, stack: string): string {
  return path.join(recordFolder(root, stack), "unfinished.yaml");
}

/** Of a stack, oldest first. @throws UserError for a file that is no record. */
export async function readRecords(root: string, stack: string): Promise<readonly PromotionRecord[]> {
  const folder = recordFolder(root, stack);
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => /^\d{4}-.*\.yaml$/.test(name));
  return Promise.all(names.sort().map((name) => readAs(recordSchema, path.join(folder, name))));
}

export async function readUnfinished(root: string, stack: string): Promise<Unfinished | undefined> {
  const file = unfinishedFile(root, stack);
  const names = await readdir(path.dirname(file)).catch((): string[] => []);
  return names.includes(path.basename(file)) ? readAs(unfinishedSchema, file) : undefined;
}

async function readAs<T>(schema: z.ZodType<T>, file: string): Promise<T> {
  try {
    return schema.parse(parse(await readFile(file, "utf8")));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new UserError(`${file}: it is no record of a promotion: ${reason}`, { exitCode: 2, cause: error });
  }
}

export function toYaml(value: PromotionRecord | Unfinished): string {
  return stringify(value, { lineWidth: 120 });
}

/** Promotions that no rollback has taken back, oldest first: what a rollback goes back over. */
export function standing(records: readonly PromotionRecord[]): readonly PromotionRecord[] {
  const undone = new Set(records.map(({ undoes }) => undoes));
  return records.filter(({ kind, id }) => kind === "promotion" && !undone.has(id));
}
