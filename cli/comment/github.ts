/** The comment on GitHub, by a `workflow_run` job: it holds a token, and runs nothing of the proposed change. */
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { UserError } from "../../shared/errors.ts";
import type { DiffReport } from "../diff/report.ts";
import { commentBody } from "./body.ts";
import { requiredOf, type Environment } from "./environment.ts";
import { ask, keepComment, type Forge } from "./forge.ts";

/** Whom GitHub names as the author of what a workflow's own token writes. */
const workflowAuthor = "github-actions[bot]";

const event = z.object({
  workflow_run: z.object({
    head_sha: z.string().regex(/^[0-9a-f]{40,64}$/),
    head_branch: z.string(),
    head_repository: z.object({ full_name: z.string(), owner: z.object({ login: z.string() }) }),
    html_url: z.url(),
  }),
});
type WorkflowRun = z.infer<typeof event>["workflow_run"];

const pullRequests = z.array(
  z.object({
    number: z.int(),
    head: z.object({ sha: z.string(), repo: z.object({ full_name: z.string() }).nullable() }),
    base: z.object({ sha: z.string() }),
  }),
);

const comments = z.array(
  z.object({ id: z.int(), body: z.string().nullish(), user: z.object({ login: z.string() }).nullish() }),
);

/** @returns what was done, for a log. */
export async function commentOnGitHub(report: DiffReport | undefined, environment: Environment): Promise<string> {
  const { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, GITHUB_EVENT_PATH } = requiredOf(environment, [
    "GITHUB_API_URL",
    "GITHUB_REPOSITORY",
    "GITHUB_TOKEN",
    "GITHUB_EVENT_PATH",
  ]);
  const parsed = event.safeParse(JSON.parse(await readFile(GITHUB_EVENT_PATH, "utf8")));
  if (!parsed.success)
    throw new UserError(`${GITHUB_EVENT_PATH}: no workflow_run event: ${z.prettifyError(parsed.error)}`, {
      exitCode: 2,
    });
  const { workflow_run: run } = parsed.data;
  const forge: Forge = {
    api: GITHUB_API_URL,
    headers: { authorization: `Bearer ${GITHUB_TOKEN}`, "x-github-api-version": "2022-11-28" },
  };
  const repository = `/repos/${GITHUB_REPOSITORY}`;
  const number = await pullRequestOf(forge, repository, run, report);
  if (number === undefined)
    return `no open pull request has the commit ${run.head_sha} as its head any more; nothing to do`;
  const thread = {
    list: `${repository}/issues/${number}/comments`,
    one: (id: number) => `${repository}/issues/comments/${id}`,
    method: "PATCH" as const,
    author: workflowAuthor,
    read: (answer: unknown) =>
      comments.parse(answer).map(({ id, body, user }) => ({ id, body: body ?? "", author: user?.login ?? "" })),
  };
  const body = commentBody(report, { commit: run.head_sha, url: run.html_url });
  return `comment on #${number} ${await keepComment(forge, thread, body)}`;
}

/** By what GitHub says of the run, not the artifact: of a fork's run it tells no number. */
async function pullRequestOf(
  forge: Forge,
  repository: string,
  { head_sha, head_branch, head_repository: head }: WorkflowRun,
  report: DiffReport | undefined,
): Promise<number | undefined> {
  const query = new URLSearchParams({ state: "open", per_page: "100", head: `${head.owner.login}:${head_branch}` });
  const found = pullRequests
    .parse(await ask(forge, "GET", `${repository}/pulls?${query.toString()}`))
    .filter((each) => each.head.sha === head_sha && each.head.repo?.full_name === head.full_name);
  // One branch may be proposed to several others.
  return (found.find(({ base }) => base.sha === report?.base.commit) ?? found[0])?.number;
}
