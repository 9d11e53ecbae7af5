/** Plans of the stacks of a tree, by the `kf` of that tree, which gets no credential and finds nothing that is there. */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";
import type { Violation } from "../../policy/evaluate.ts";
import { UserError } from "../../shared/errors.ts";
import { cacheDir } from "../../shared/paths.ts";
import type { PlannedResource, StackResult } from "../operation.ts";
import { secretKeyVariable } from "../planned-resource.ts";
import { noteUse } from "./kept.ts";

/** What a stack's program asks for, and what is wrong with it; or why that is not known. */
export type StackPlan =
  | { readonly resources: readonly PlannedResource[]; readonly policies: readonly Violation[] }
  | { readonly failure: string };

/** Changes when a kept plan would not do any more. */
const format = 1;

/** All that a plan gets of the environment. No variable that a cloud's SDK, kubectl, git or npm reads a credential from. */
const passedOn = [
  ...["PATH", "Path", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SystemRoot", "KF_MIRROR"],
  // A release may have to be fetched first.
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "NODE_EXTRA_CA_CERTS"],
];

/**
 * Plans stacks.
 *
 * @param root of the tree.
 * @param name of the tree in messages.
 * @throws UserError when the tree's `kf` cannot do it at all.
 */
export async function planStacks(
  root: string,
  name: string,
  stacks: readonly string[],
  secretKey: string,
): Promise<ReadonlyMap<string, StackPlan>> {
  if (stacks.length === 0) return new Map();
  const scratch = await mkdtemp(path.join(os.tmpdir(), "kf-diff-"));
  try {
    const args = ["preview", ...stacks, "--resources", "--from-nothing", "--json", "--quiet"];
    const { stdout, stderr } = await execa(process.execPath, [path.join(root, "cli", "kf.mjs"), ...args], {
      cwd: root,
      env: environment(scratch, secretKey),
      extendEnv: false,
      stdin: "ignore",
      reject: false,
      maxBuffer: 1_000_000_000,
    });
    const results = resultsIn(stdout);
    if (results === undefined && /unknown option '--(from-nothing|resources)'/.test(stderr)) {
      throw new UserError(
        `${name} is too old to be compared with: its \`kf preview\` has no --from-nothing, so it cannot be planned without ` +
          "a cluster. Choose a later commit",
      );
    }
    const failure = `no plan came of it: ${lastLines(stderr)}`;
    return new Map(
      stacks.map((stack) => {
        const result = results?.find((candidate) => candidate.stack === stack);
        return [stack, result === undefined ? { failure } : planOf(result)];
      }),
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function environment(scratch: string, secretKey: string): Readonly<Record<string, string>> {
  const passed = passedOn.flatMap((key) => {
    const value = process.env[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    // Where SDKs look for files with credentials.
    ...{ HOME: scratch, USERPROFILE: scratch, NO_COLOR: "1" },
    KF_CACHE_DIR: cacheDir(),
    KF_DATA_DIR: path.join(scratch, "data"),
    KF_STATE_DIR: path.join(scratch, "state"),
    [secretKeyVariable]: secretKey,
  };
}

/** Of one stack `kf` prints an object, of several a list. */
function resultsIn(stdout: string): readonly StackResult[] | undefined {
  try {
    const parsed = JSON.parse(stdout) as StackResult | readonly StackResult[];
    return Array.isArray(parsed) ? (parsed as readonly StackResult[]) : [parsed as StackResult];
  } catch {
    return undefined;
  }
}

/** What mandatory policies refuse is planned all the same. */
function planOf({ resources = [], policies = [], diagnostics, steps }: StackResult): StackPlan {
  if (resources.length > 0) return { resources, policies };
  const errors = [
    ...diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message),
    ...steps.flatMap(({ error }) => error ?? []),
  ];
  return { failure: errors.join("\n") || "nothing was planned, and it does not say why" };
}

const lastLines = (text: string): string => text.trim().split("\n").slice(-5).join("\n");

/** Kept with the plans whose secrets it tells apart; whoever has neither can guess at none of them. */
export async function openSecretKey(): Promise<string> {
  const file = cacheDir("diff", "secret-key");
  const read = (): Promise<string | undefined> => readFile(file, "utf8").catch(() => undefined);
  const known = await read();
  if (known !== undefined && known !== "") return known;
  await mkdir(path.dirname(file), { recursive: true });
  const made = randomBytes(32).toString("hex");
  // Somebody else may be as far at this very moment.
  await writeFile(file, made, { mode: 0o600, flag: "wx" }).catch(() => undefined);
  await chmod(file, 0o600).catch(() => undefined);
  return (await read()) ?? made;
}

const planFile = (key: string): string => cacheDir("diff", "plans", `${key}-${String(format)}.json`);
const keptPlan = z.object({ resources: z.array(z.unknown()), policies: z.array(z.unknown()) });

/** A plan that was made before of the same files: listings only, in which secrets are digests. */
export async function readPlan(key: string): Promise<StackPlan | undefined> {
  const file = planFile(key);
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  await noteUse(file);
  const parsed: unknown = JSON.parse(text);
  return keptPlan.safeParse(parsed).success ? (parsed as StackPlan) : undefined;
}

export async function keepPlan(key: string, plan: StackPlan): Promise<void> {
  if ("failure" in plan) return;
  await mkdir(cacheDir("diff", "plans"), { recursive: true });
  await writeFileAtomic(planFile(key), JSON.stringify(plan), { fsync: false, mode: 0o600 });
}
