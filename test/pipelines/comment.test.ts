import assert from "node:assert/strict";
import { mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { commentBody } from "../../cli/comment/body.ts";
import { commentOnGitHub } from "../../cli/comment/github.ts";
import { commentOnGitLab } from "../../cli/comment/gitlab.ts";
import { readReport } from "../../cli/comment/report-file.ts";
import { marker } from "../../cli/diff/markdown.ts";
import type { DiffReport } from "../../cli/diff/report.ts";
import {
  commit,
  pullRequest,
  startFakeGitHub,
  startFakeGitLab,
  workflowRunEvent,
  type FakeForge,
} from "./fake-forge.ts";

const facts = { commit, url: "https://github.example/us/kubeflow/actions/runs/1" };
const nothing = { before: undefined, after: undefined };

/** A report with this text wherever any text may be, and this name wherever only a name may. */
function reportOf(text: string, name = "own"): DiffReport {
  const policy = { rule: text, enforcement: name, resource: text, message: text };
  return {
    base: { ref: text, commit: text },
    head: { commit: text, dirty: false },
    stacks: [
      {
        ...{ stack: name, target: text, environment: text, is: "changed" },
        summary: { create: 1, change: 1, replace: 0, delete: 0 },
        policies: { added: [policy], resolved: [policy] },
        cost: nothing,
        gpus: { before: {}, after: { [name]: { min: 0, max: 4 } } },
      },
      {
        ...{ stack: name, target: text, environment: text, is: "new", failure: { at: "head", message: text } },
        summary: { create: 0, change: 0, replace: 0, delete: 0 },
        policies: { added: [], resolved: [] },
        cost: nothing,
        gpus: { before: {}, after: {} },
      },
    ],
    unaffected: [name],
    changes: [
      {
        ...{ id: text, op: "change", type: text, name: text, stacks: [name] },
        diffs: [{ path: text, kind: "update", old: { [text]: text }, new: [text] }],
        replaceReasons: [{ path: text, reason: text }],
        findings: [{ kind: "image", level: "warning", message: text }],
      },
    ],
    graph: [],
    timings: {},
  };
}

describe("the comment of kf diff", () => {
  let folder: string;
  let forge: FakeForge | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-comment-"));
    await writeFile(path.join(folder, "event.json"), JSON.stringify(workflowRunEvent));
  });
  afterEach(async () => {
    await forge?.close();
    forge = undefined;
    await rm(folder, { recursive: true });
  });

  const file = (): string => path.join(folder, "preview.json");
  const environment = (): Record<string, string> => ({
    GITHUB_API_URL: forge?.url ?? "",
    GITHUB_REPOSITORY: "us/kubeflow",
    GITHUB_TOKEN: "token",
    GITHUB_EVENT_PATH: path.join(folder, "event.json"),
  });

  it("is read from data, whatever it says, and holds none of its markup", async () => {
    // What a stranger would try: markup, links, pictures, mentions, the marker, commands of other bots, ends of blocks.
    const attacks = [
      '<img src="https://evil.example/x.png" onerror="x">',
      "](https://evil.example) [click](https://evil.example)",
      "\n\n# Approved by @everyone\n\n/approve\n",
      `${marker}\n`,
      "```\n</details>\n<script>alert(1)</script>",
      "` ![x](https://evil.example) `",
      "|||\n| a | b |",
      "\u202e\u001b[31m",
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...attacks), fc.string()), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(text, async (parts) => {
        await writeFile(file(), JSON.stringify(reportOf(parts.join(""))));
        const report = await readReport(folder);
        const body = commentBody(report, facts);
        assert.ok(body.startsWith(marker) && body.length < 65_536);
        // Code is not looked into by a forge: what is left must be ours.
        const outside = withoutCode(body);
        assert.equal(outside.split(marker).length, 2, outside);
        const left = outside
          .replace(facts.url, "")
          .replace(marker, "")
          .replace(/<\/?(details|summary|div)>/g, "");
        assert.ok(!/evil|@|<|alert|^\s*\/|!\[|Approved/m.test(left), left);
      }),
      { numRuns: 100 },
    );
  });

  it("is not made from anything but a plain file with a report", async () => {
    const secret = path.join(folder, "secret");
    await writeFile(secret, JSON.stringify(reportOf("x")));
    await symlink(secret, file());
    await assert.rejects(readReport(folder), /is no plain file.*not read/);
    await rm(file());
    await writeFile(file(), "");
    await truncate(file(), 65 * 1024 * 1024);
    await assert.rejects(readReport(folder), /at most \d+\. It was not read/);
    for (const [content, message] of [
      ["{", /is not JSON/],
      ["[]", /no report of this kf diff/],
      [JSON.stringify({ ...reportOf("x"), changes: [{ ...reportOf("x").changes[0], op: "<b>" }] }), /changes\.0\.op/],
      [JSON.stringify(reportOf("x", "www.evil.example")), /is no name/],
      [JSON.stringify(reportOf("x", "<b>")), /stacks\.0\.stack/],
      [JSON.stringify({ ...reportOf("x"), unaffected: [{ toString: "x" }] }), /unaffected\.0/],
    ] as const) {
      await writeFile(file(), content);
      await assert.rejects(readReport(folder), message);
    }
  });

  it("says so where the plan ended without a report", async () => {
    const body = commentBody(await readReport(folder), facts);
    assert.match(body, /no report.*c0ffee0000.*\[the run\]\(https:\/\/github\.example/s);
  });

  it("is one on GitHub, however often it is written, beside those that others make look like it", async () => {
    forge = await startFakeGitHub();
    forge.comments.push({ id: 1, author: "mallory", body: `${marker}\nnot ours` });
    // More than a page of them.
    for (let id = 2; id <= 150; id += 1) forge.comments.push({ id, author: "somebody", body: "words" });
    assert.equal(await commentOnGitHub(reportOf("a"), environment()), "comment on #7 created");
    assert.equal(await commentOnGitHub(reportOf("b"), environment()), "comment on #7 updated");
    assert.equal(await commentOnGitHub(reportOf("b"), environment()), "comment on #7 unchanged");
    assert.equal(forge.comments.length, 151);
    assert.equal(forge.comments[0]?.body, `${marker}\nnot ours`);
    assert.equal(forge.comments[150]?.body, commentBody(reportOf("b"), facts));
    assert.deepEqual([...forge.tokens], ["Bearer token"]);
  });

  it("goes to the pull request that has the commit of the run, and to no other", async () => {
    const theirs = { head: { sha: commit, repo: { full_name: "mallory/fork" } } };
    const older = { head: { sha: "d".repeat(40), repo: { full_name: "them/fork" } } };
    forge = await startFakeGitHub([
      pullRequest(5, theirs),
      pullRequest(6, older),
      pullRequest(8, { head: { sha: commit, repo: null } }),
    ]);
    assert.match(await commentOnGitHub(reportOf("a"), environment()), /no open pull request.*nothing to do/);
    assert.deepEqual(forge.comments, []);
  });

  it("goes to the pull request whose base the report was made against, where one branch is in several", async () => {
    const report = reportOf("a");
    forge = await startFakeGitHub([pullRequest(5), pullRequest(7, { base: { sha: report.base.commit } })]);
    assert.equal(await commentOnGitHub(report, environment()), "comment on #7 created");
  });

  it("names the variables that are missing, and what the forge answers, without the token", async () => {
    await assert.rejects(commentOnGitHub(undefined, {}), /not set: GITHUB_API_URL, .*docs\/pipelines\.md/);
    forge = await startFakeGitHub();
    const elsewhere = { ...environment(), GITHUB_REPOSITORY: "us/other" };
    await assert.rejects(commentOnGitHub(undefined, elsewhere), (error: Error) => {
      assert.match(error.message, /GET http.*answered with 404/);
      assert.ok(!error.message.includes("token,") && !error.message.includes("Bearer"));
      return true;
    });
  });

  it("is one note on GitLab, of the token's own user", async () => {
    forge = await startFakeGitLab();
    forge.comments.push({ id: 1, author: "13", body: `${marker}\nnot ours` });
    const variables = {
      ...{ CI_API_V4_URL: forge.url, CI_PROJECT_ID: "1", CI_MERGE_REQUEST_IID: "3", CI_COMMIT_SHA: commit },
      ...{ CI_PIPELINE_URL: "https://gitlab.example/p/1", KF_NOTE_TOKEN: "token" },
    };
    assert.equal(await commentOnGitLab(reportOf("a"), variables), "note on !3 created");
    assert.equal(await commentOnGitLab(reportOf("b"), variables), "note on !3 updated");
    assert.equal(forge.comments.length, 2);
    assert.match(forge.comments[1]?.body ?? "", /artifacts of \[the run\]\(https:\/\/gitlab\.example\/p\/1\)/);
    assert.deepEqual([...forge.tokens], ["token"]);
  });
});

/** What is left of Markdown without fenced blocks, indented blocks, code spans and HTML code. */
function withoutCode(markdown: string): string {
  return markdown
    .replace(/^```diff\n[^]*?\n```$/gm, "")
    .replace(/^ {4}.*$/gm, "")
    .replace(/<code>[^]*?<\/code>/g, "")
    .replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, "");
}
