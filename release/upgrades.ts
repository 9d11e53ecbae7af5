/** What an upgrade from one release to another has to know beyond what their renders say: data, each with its source. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { load } from "js-yaml";
import { z } from "zod";
import { messageOf, UserError } from "../shared/errors.ts";

/** Why a rule is there, and where that can be looked up. */
const grounds = { reason: z.string().min(1), source: z.string().min(1) };
/** As `objectKey` has it: `Service/kubeflow/minio-service`. */
const objectName = z.string().regex(/^[A-Za-z0-9.-]+\/[a-z0-9-]*\/[a-z0-9.:-]+$/, "Kind.group/namespace/name");

const rule = z.discriminatedUnion("rule", [
  /** Objects of the old release that have to go. */
  z.strictObject({ rule: z.literal("removed"), objects: z.array(objectName).min(1), ...grounds }),
  /** An object that the new release does not have and that stays in the cluster all the same. */
  z.strictObject({ rule: z.literal("kept"), object: objectName, remedy: z.string().min(1), ...grounds }),
  /** Custom resources that the new release cannot work with. The upgrade is refused while there are any. */
  z.strictObject({
    rule: z.literal("blocks"),
    apiVersion: z.string(),
    kind: z.string(),
    annotation: z.string(),
    values: z.array(z.string()).min(1),
    remedy: z.string().min(1),
    ...grounds,
  }),
  /** The oldest Kubernetes API that the new release runs on. */
  z.strictObject({ rule: z.literal("requires"), kubernetes: z.string().regex(/^1\.\d+$/, "e.g. 1.33"), ...grounds }),
  /** What whoever upgrades has to be told. */
  z.strictObject({ rule: z.literal("note"), message: z.string().min(1), source: z.string().min(1) }),
]);

const upgrade = z.strictObject({
  from: z.string().min(1),
  to: z.string().min(1),
  /** Whether a stack may go back from `to` to `from`. */
  downgrade: z.strictObject({ allowed: z.boolean(), ...grounds }),
  rules: z.array(rule),
});

export type UpgradeRule = Readonly<z.infer<typeof rule>>;
/** From one release to the one after it. */
export type Upgrade = Readonly<z.infer<typeof upgrade>>;

const folder = path.join(import.meta.dirname, "upgrades");

/**
 * The upgrades that the project knows, by the files of `release/upgrades`.
 *
 * @throws UserError with one line per fault of a file.
 */
export async function loadUpgrades(): Promise<readonly Upgrade[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml")).sort();
  return Promise.all(
    files.map(async (file) => parseUpgrade(await readFile(path.join(folder, file), "utf8"), path.join(folder, file))),
  );
}

/** @throws UserError with one line per fault: path in the file, and what was expected. */
export function parseUpgrade(text: string, file: string): Upgrade {
  let content: unknown;
  try {
    content = load(text);
  } catch (error) {
    throw new UserError(`upgrade ${file}: ${messageOf(error)}`, { exitCode: 2, cause: error });
  }
  const result = upgrade.safeParse(content);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path: at, message }) => `  ${at.map(String).join(".")}: ${message}`);
  throw new UserError(`upgrade ${file}:\n${faults.join("\n")}`, { exitCode: 2 });
}
