/** The API of a forge on loopback, as far as `kf comment` uses it: it keeps comments, and notes who asked what. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Kept {
  readonly id: number;
  readonly author: string;
  readonly body: string;
}

export interface FakeForge {
  readonly url: string;
  /** All comments, ours and others'. */
  readonly comments: Kept[];
  /** `POST /path` of every request, in order. */
  readonly requests: string[];
  /** What came as `authorization` or `private-token`. */
  readonly tokens: Set<string>;
  readonly close: () => Promise<void>;
}

interface Rules {
  /** Who writes with the token. */
  readonly author: string;
  /** Path of the list of comments, and of one of them without its number. */
  readonly list: string;
  readonly one: string;
  /** Other answers, by `GET /path` without the query. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** A comment as the forge writes it. */
  readonly shape: (kept: Kept) => unknown;
}

async function startFakeForge({ author, list, one, answers, shape }: Rules): Promise<FakeForge> {
  const comments: Kept[] = [];
  const requests: string[] = [];
  const tokens = new Set<string>();
  const handle = (method: string, url: URL, body: string): unknown => {
    const path = url.pathname;
    requests.push(`${method} ${path}`);
    if (method === "GET" && path === list) {
      const page = Number(url.searchParams.get("page") ?? "1");
      return comments.slice((page - 1) * 100, page * 100).map(shape);
    }
    if (method === "GET") return answers[`GET ${path}`];
    const sent = JSON.parse(body) as { readonly body: string };
    if (method === "POST" && path === list) {
      const kept = { id: comments.length + 1, author, body: sent.body };
      comments.push(kept);
      return shape(kept);
    }
    const at = comments.findIndex(({ id }) => path === `${one}/${String(id)}`);
    const before = comments[at];
    if (before === undefined) return undefined;
    comments[at] = { ...before, body: sent.body };
    return shape(before);
  };
  const server = createServer((request, response) => {
    const { authorization, "private-token": token } = request.headers;
    tokens.add(authorization ?? String(token));
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://localhost");
      const answer = handle(request.method ?? "", url, Buffer.concat(chunks).toString());
      response.statusCode = answer === undefined ? 404 : 200;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answer ?? { message: "Not Found" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    comments,
    requests,
    tokens,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export const commit = "c0ffee".padEnd(40, "0");

/** A GitHub with one open pull request, number 7, from a fork, whose head is {@link commit}. */
export function startFakeGitHub(pullRequests: readonly unknown[] = [pullRequest(7)]): Promise<FakeForge> {
  return startFakeForge({
    author: "github-actions[bot]",
    list: "/repos/us/kubeflow/issues/7/comments",
    one: "/repos/us/kubeflow/issues/comments",
    answers: { "GET /repos/us/kubeflow/pulls": pullRequests },
    shape: ({ id, author, body }) => ({ id, body, user: { login: author } }),
  });
}

/** A GitLab with project 1 and its merge request 3, whose notes user 42 writes. */
export function startFakeGitLab(): Promise<FakeForge> {
  const notes = "/projects/1/merge_requests/3/notes";
  return startFakeForge({
    ...{ author: "42", list: notes, one: notes },
    answers: { "GET /user": { id: 42 } },
    shape: ({ id, author, body }) => ({ id, body, author: { id: Number(author) } }),
  });
}

export function pullRequest(number: number, more: object = {}): unknown {
  const head = { sha: commit, repo: { full_name: "them/fork" } };
  return { number, head, base: { sha: "b".repeat(40) }, ...more };
}

/** The event that GitHub starts the commenting job with. */
export const workflowRunEvent = {
  action: "completed",
  workflow_run: {
    head_sha: commit,
    head_branch: "change",
    head_repository: { full_name: "them/fork", owner: { login: "them" } },
    html_url: "https://github.example/us/kubeflow/actions/runs/1",
    pull_requests: [],
  },
};
