/** Who promotes: git's user, and in CI whoever started the run. */
import { userInfo } from "node:os";
import { execa } from "execa";
import type { PromotionRecord } from "./records.ts";

export async function author(
  root: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Pick<PromotionRecord, "by" | "commit">> {
  const [name, email, commit] = await Promise.all([
    git(root, "config", "user.name"),
    git(root, "config", "user.email"),
    git(root, "rev-parse", "HEAD"),
  ]);
  const actor = env["GITHUB_ACTOR"] ?? env["GITLAB_USER_LOGIN"];
  const run = env["GITHUB_RUN_ID"] ?? env["CI_PIPELINE_ID"];
  const ci = actor === undefined ? {} : { ci: { actor, ...(run === undefined ? {} : { run }) } };
  const by = { name: name ?? userInfo().username, ...(email === undefined ? {} : { email }), ...ci };
  return { by, ...(commit === undefined ? {} : { commit }) };
}

/** @returns undefined where there is no git, no repository, or no such thing in it. */
async function git(root: string, ...args: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await execa("git", args, { cwd: root, reject: false });
  return exitCode === 0 && stdout !== "" ? stdout : undefined;
}
