import { existsSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "../../shared/paths.ts";
import { notRun } from "./not-run.ts";

/** The mirror of the real releases: `KF_MIRROR`, else the one beside the project; undefined where there is none. */
export function realMirror(): string | undefined {
  const beside = path.resolve(projectRoot, "../shared/mirror");
  return process.env["KF_MIRROR"] ?? (existsSync(beside) ? beside : undefined);
}

/** The same, for a suite that cannot run without. */
export function neededMirror(context: Mocha.Context): string {
  return realMirror() ?? notRun(context, "no mirror of Kubeflow's releases; set KF_MIRROR");
}

/** The same, for a benchmark. */
export function neededMirrorPath(): string {
  const mirror = realMirror();
  if (mirror === undefined) throw new Error("no mirror of Kubeflow's releases; set KF_MIRROR");
  return mirror;
}
