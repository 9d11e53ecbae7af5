/** `kf diff`: the stacks that a change touches, planned at its base and as the files are now. */
import path from "node:path";
import { availableParallelism } from "node:os";
import { UserError } from "../../shared/errors.ts";
import { projectRoot } from "../../shared/paths.ts";
import { sha256 } from "../../release/json.ts";
import { parseStackConfig, type StackConfig } from "../../stacks/config.ts";
import { readRawConfig } from "../stack-file.ts";
import { assemble, type StackPair } from "./assemble.ts";
import { costOf, gpusOf } from "./capacity.ts";
import { findingsFor } from "./findings/findings.ts";
import { dropUnused } from "./kept.ts";
import { planKey, stacksOf } from "./plan-inputs.ts";
import { keepPlan, openSecretKey, planStacks, readPlan, type StackPlan } from "./plans.ts";
import { replacementRules } from "./replacements.ts";
import type { DiffReport } from "./report.ts";
import { baseTree, checkOut, headTree, type BaseTree, type HeadTree } from "./trees.ts";

export interface DiffOptions {
  /** A branch, tag or commit. */
  readonly base: string;
  /** Names, or patterns with `*`. @default - every stack */
  readonly stacks?: readonly string[];
  /** Told what is under way. */
  readonly progress: (message: string) => void;
}

/** @throws UserError (wrong usage) for a base that is no commit, or a pattern that names no stack. */
export async function diff({ base: ref, stacks: patterns = ["*"], progress }: DiffOptions): Promise<DiffReport> {
  const timings: Record<string, number> = {};
  const timed = async <T>(phase: string, run: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await run();
    } finally {
      timings[phase] = Math.round((timings[phase] ?? 0) + performance.now() - started);
    }
  };
  const [base, head] = await timed("read trees", () => Promise.all([baseTree(ref), headTree()]));
  const stacks = matching(patterns, [...new Set([...stacksOf(base), ...stacksOf(head)])].sort());
  const touched = stacks.filter((stack) => planKey(base, stack) !== planKey(head, stack));
  const root = touched.length === 0 ? projectRoot : await timed("base files", () => checkOut(base, head, progress));
  const plans = await planBoth({ base, head, root, touched, progress, timed });
  const pairs = await timed("cost", () => Promise.all(touched.map((stack) => pairOf(stack, root, plans))));
  const assembled = await timed("compare", async () => {
    const resources = pairs.flatMap(({ before, after }) =>
      [before, after].flatMap((plan) => (plan !== undefined && "resources" in plan ? plan.resources : [])),
    );
    const rules = await replacementRules(new Set(resources.map(({ type }) => type)));
    return assemble(pairs, rules, await findingsFor(resources));
  });
  await timed("clean cache", dropUnused);
  const untouched = stacks.filter((stack) => !touched.includes(stack));
  return {
    base: { ref: base.ref, commit: base.commit },
    head: { commit: head.commit, dirty: head.dirty },
    ...assembled,
    unaffected: [...assembled.unaffected, ...untouched].sort(),
    timings,
  };
}

function matching(patterns: readonly string[], stacks: readonly string[]): readonly string[] {
  const fitting = (pattern: string): readonly string[] =>
    stacks.filter((stack) => path.posix.matchesGlob(stack, pattern));
  const useless = patterns.find((pattern) => fitting(pattern).length === 0);
  if (useless !== undefined) {
    throw new UserError(
      `--stacks: there is no stack ${useless}; known: ${stacks.join(", ")} (files of stacks/config)`,
      {
        exitCode: 2,
      },
    );
  }
  const found = new Set(patterns.flatMap(fitting));
  return stacks.filter((stack) => found.has(stack));
}

interface Plans {
  readonly base: ReadonlyMap<string, StackPlan>;
  readonly head: ReadonlyMap<string, StackPlan>;
}

interface Planning {
  readonly base: BaseTree;
  readonly head: HeadTree;
  /** Of the base's files. */
  readonly root: string;
  readonly touched: readonly string[];
  readonly progress: (message: string) => void;
  readonly timed: <T>(phase: string, run: () => Promise<T>) => Promise<T>;
}

async function planBoth({ base, head, root, touched, progress, timed }: Planning): Promise<Plans> {
  const secretKey = await openSecretKey();
  const sides = [
    { name: "base", tree: base, root, title: `the base ${base.ref} (${base.commit.slice(0, 10)})` },
    { name: "head", tree: head, root: projectRoot, title: "this tree" },
  ] as const;
  const plan = async ({ name, tree, root: folder, title }: (typeof sides)[number]) => {
    const keys = new Map(
      touched.flatMap((stack) => {
        const key = planKey(tree, stack);
        return key === undefined ? [] : [[stack, sha256(`${key} ${secretKey}`)] as const];
      }),
    );
    const kept = await Promise.all([...keys].map(async ([stack, key]) => [stack, await readPlan(key)] as const));
    const known = kept.flatMap(([stack, found]) => (found === undefined ? [] : [[stack, found] as const]));
    const missing = kept.flatMap(([stack, found]) => (found === undefined ? [stack] : []));
    if (missing.length > 0) progress(`planning ${missing.join(", ")} of ${title}`);
    const made = await timed(`plan ${name}`, () => planStacks(folder, title, missing, secretKey));
    await Promise.all([...made].map(([stack, each]) => keepPlan(keys.get(stack) ?? "", each)));
    return new Map([...known, ...made]);
  };
  // Each plans as many stacks at once as there are cores; with few stacks there is room for both.
  if (touched.length * sides.length <= availableParallelism()) {
    const [olds, news] = await Promise.all([plan(sides[0]), plan(sides[1])]);
    return { base: olds, head: news };
  }
  return { base: await plan(sides[0]), head: await plan(sides[1]) };
}

async function pairOf(stack: string, baseRoot: string, plans: Plans): Promise<StackPair> {
  const [before, after] = [plans.base.get(stack), plans.head.get(stack)];
  const [old, next] = await Promise.all([before && configOf(stack, baseRoot), after && configOf(stack, projectRoot)]);
  const config = next ?? old;
  return {
    ...{ stack, before, after, target: config?.target ?? "unknown", environment: config?.environment ?? "unknown" },
    cost: { before: old && costOf(old), after: next && costOf(next) },
    gpus: { before: old ? gpusOf(old) : {}, after: next ? gpusOf(next) : {} },
  };
}

/** Undefined where it cannot be read: the plan says why. */
async function configOf(stack: string, root: string): Promise<StackConfig | undefined> {
  try {
    return parseStackConfig(stack, await readRawConfig(stack, root));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
