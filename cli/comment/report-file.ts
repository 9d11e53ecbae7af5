/** The report of `kf diff` as a job reads it that holds a token: written by a stranger's code, until it is checked. */
import { lstat, readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { ifExists } from "../../engine/files.ts";
import { messageOf, UserError } from "../../shared/errors.ts";
import type { DiffReport, FindingKind } from "../diff/report.ts";

/** The name of the JSON in the artifact. */
const reportName = "preview.json";

/** Of one file, in bytes: a report of all stacks that are there has some 5 MB. */
const maxBytes = 64 * 1024 * 1024;

const kinds: Readonly<Record<FindingKind, FindingKind>> = {
  "data-loss": "data-loss",
  "cluster-replaced": "cluster-replaced",
  "permissions-grew": "permissions-grew",
  "public-exposure": "public-exposure",
  image: "image",
  "replaced-too": "replaced-too",
  "crd-version": "crd-version",
  "protection-removed": "protection-removed",
};

const count = z.int().min(0);
const text = z.string();
/** Where the comment has no room for code, only names stand: what no forge makes a link of. */
const name = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,100}$/)
  .refine((value) => !/www\./i.test(value), "is no name");
const beforeAndAfter = <T extends z.ZodType>(value: T) => z.object({ before: value, after: value });
const cost = z.object({ atLeastUsd: z.number(), atMostUsd: z.number() }).optional();
const policies = z.array(z.object({ rule: text, enforcement: name, resource: text, message: text }));
const op = z.enum(["create", "change", "replace", "delete"]);

const stack = z.object({
  stack: name,
  target: text,
  environment: text,
  failure: z.object({ at: z.enum(["base", "head"]), message: text }).exactOptional(),
  is: z.enum(["new", "removed", "changed"]),
  summary: z.object({ create: count, change: count, replace: count, delete: count }),
  policies: z.object({ added: policies, resolved: policies }),
  // JSON leaves out what is undefined.
  cost: z.object({ before: cost, after: cost }).transform(({ before, after }) => ({ before, after })),
  gpus: beforeAndAfter(z.record(name, z.object({ min: count, max: count }))),
});

const change = z.object({
  id: text,
  op,
  type: text,
  name: text,
  stacks: z.array(name),
  diffs: z.array(
    z.object({
      path: text,
      kind: z.enum(["add", "delete", "update"]),
      old: z.json().exactOptional(),
      new: z.json().exactOptional(),
    }),
  ),
  replaceReasons: z.array(z.object({ path: text, reason: text })),
  findings: z.array(z.object({ kind: z.enum(kinds), level: z.enum(["danger", "warning", "info"]), message: text })),
});

/** What the comment is made from; the rest of the report stays unread. */
const report = z.object({
  base: z.object({ ref: text, commit: text }),
  head: z.object({ commit: text, dirty: z.boolean() }),
  stacks: z.array(stack),
  unaffected: z.array(name),
  changes: z.array(change),
});

/**
 * Reads the report from an unpacked artifact.
 *
 * @returns undefined when there is none: the plan ended without.
 * @throws UserError when it is anything but a plain file that holds a report.
 */
export async function readReport(folder: string): Promise<DiffReport | undefined> {
  const file = path.join(folder, reportName);
  const found = await ifExists(lstat(file));
  if (found === undefined) return undefined;
  // A link could lead to whatever else this job may read.
  if (!found.isFile()) throw new UserError(`${file}: is no plain file; a report of kf diff is one. It was not read`);
  if (found.size > maxBytes)
    throw new UserError(`${file}: ${found.size} bytes; a report has at most ${maxBytes}. It was not read`);
  const parsed = report.safeParse(parse(await readFile(file, "utf8"), file));
  if (parsed.success) return { ...parsed.data, graph: [], timings: {} };
  const [issue] = parsed.error.issues;
  throw new UserError(`${file}: no report of this kf diff, at ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

function parse(content: string, file: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new UserError(`${file}: is not JSON: ${messageOf(cause)}`, { cause });
  }
}
