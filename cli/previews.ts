/** `kf preview` of several stacks: one render, as many plans at a time as there are cores, one report a stack. */
import { availableParallelism } from "node:os";
import path from "node:path";
import PQueue from "p-queue";
import { loadProject } from "../engine/project.ts";
import { listStacks } from "../engine/session.ts";
import type { OperationResult } from "../engine/report.ts";
import { UserError } from "../shared/errors.ts";
import { projectRoot } from "../shared/paths.ts";
import { parseStackConfig } from "../stacks/config.ts";
import { loadRelease } from "../stacks/release.ts";
import { stateDir } from "./offline.ts";
import { runOperationOn, type StackFlags, type StackResult } from "./operation.ts";
import { readRawConfig } from "./stack-file.ts";

/**
 * Plans every stack that a pattern names. A stack that cannot be planned has a report that says why, and the others go
 * on.
 *
 * @param patterns names, or patterns with `*`.
 * @throws UserError (wrong usage) for a pattern that names no stack.
 */
export async function previewStacks(patterns: readonly string[], flags: StackFlags): Promise<readonly StackResult[]> {
  const stacks = matching(patterns, await listStacks(await loadProject(projectRoot), stateDir()));
  const queue = new PQueue({ concurrency: availableParallelism() });
  const renders = new Map<string, Promise<unknown>>();
  return Promise.all(
    stacks.map((stack) =>
      queue.add(async () => {
        try {
          await renderedOnce(stack, renders);
          return await runOperationOn("preview", stack, flags);
        } catch (error) {
          return failed(stack, error);
        }
      }),
    ),
  );
}

/** So that stacks of one release, planned at the same time, do not each render it into an empty cache. */
async function renderedOnce(stack: string, renders: Map<string, Promise<unknown>>): Promise<void> {
  const config = parseStackConfig(stack, await readRawConfig(stack));
  const { release, crds } = config;
  const key = `${release} ${crds}`;
  // What is wrong with it the stack's own report tells.
  const render = renders.get(key) ?? loadRelease({ ...config, charts: [] }).catch(() => undefined);
  renders.set(key, render);
  await render;
}

function matching(patterns: readonly string[], stacks: readonly string[]): readonly string[] {
  const found = patterns.flatMap((pattern) => {
    const fitting = stacks.filter((stack) => path.posix.matchesGlob(stack, pattern));
    if (fitting.length > 0) return fitting;
    throw new UserError(`there is no stack ${pattern}; known: ${stacks.join(", ")} (files of stacks/config)`, {
      exitCode: 2,
    });
  });
  return [...new Set(found)];
}

function failed(stack: string, error: unknown): OperationResult {
  if (!(error instanceof UserError)) throw error;
  return {
    kind: "preview",
    project: "kubeflow",
    stack,
    steps: [],
    summary: { same: 0, create: 0, update: 0, replace: 0, delete: 0 },
    outputs: {},
    failed: true,
    diagnostics: [{ severity: "error", message: error.message }],
    timings: {},
  };
}
