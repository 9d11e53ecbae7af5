/** The note on GitLab, by a job of a merge request whose source branch is protected: no other has the token. */
import * as z from "zod";
import type { DiffReport } from "../diff/report.ts";
import { commentBody } from "./body.ts";
import { requiredOf, type Environment } from "./environment.ts";
import { ask, keepComment, type Forge } from "./forge.ts";

const me = z.object({ id: z.int() });
const notes = z.array(z.object({ id: z.int(), body: z.string(), author: z.object({ id: z.int() }) }));

/** @returns what was done, for a log. */
export async function commentOnGitLab(report: DiffReport | undefined, environment: Environment): Promise<string> {
  const values = requiredOf(environment, [
    "CI_API_V4_URL",
    "CI_PROJECT_ID",
    "CI_MERGE_REQUEST_IID",
    "CI_COMMIT_SHA",
    "CI_PIPELINE_URL",
    "KF_NOTE_TOKEN",
  ]);
  const forge: Forge = { api: values.CI_API_V4_URL, headers: { "private-token": values.KF_NOTE_TOKEN } };
  const list = `/projects/${encodeURIComponent(values.CI_PROJECT_ID)}/merge_requests/${encodeURIComponent(values.CI_MERGE_REQUEST_IID)}/notes`;
  const thread = {
    list,
    one: (id: number) => `${list}/${id}`,
    method: "PUT" as const,
    author: String(me.parse(await ask(forge, "GET", "/user")).id),
    read: (answer: unknown) =>
      notes.parse(answer).map(({ id, body, author }) => ({ id, body, author: String(author.id) })),
  };
  const body = commentBody(report, { commit: values.CI_COMMIT_SHA, url: values.CI_PIPELINE_URL });
  return `note on !${values.CI_MERGE_REQUEST_IID} ${await keepComment(forge, thread, body)}`;
}
