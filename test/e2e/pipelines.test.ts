/**
 * The pipelines: linted by real linters, and their shell steps run for real in a small git checkout of the project, with
 * a forge on loopback. Not run: GitHub's actions (`uses:`), GitLab itself, and `npm ci`, since the packages are there.
 */
import assert from "node:assert/strict";
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import type { DiffReport } from "../../cli/diff/report.ts";
import { marker } from "../../cli/diff/markdown.ts";
import { projectRoot } from "../../shared/paths.ts";
import { ensureTool } from "../../tools/tools.ts";
import { startFakeGitHub, startFakeGitLab, workflowRunEvent, type FakeForge } from "../pipelines/fake-forge.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly {
    readonly name?: string;
    readonly run?: string;
    readonly uses?: string;
    readonly if?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly with?: Readonly<Record<string, unknown>>;
  }[];
}

const workflows = path.join(projectRoot, ".github", "workflows");
const gitlabFile = path.join(projectRoot, "examples", "gitlab", "kf.gitlab-ci.yml");
const read = async (name: string): Promise<Workflow> =>
  parse(await readFile(path.join(workflows, name), "utf8")) as Workflow;

describe("pipelines", function () {
  this.timeout(10 * 60_000);
  let checkout: Checkout;
  let temp: string;
  let base: string;
  let env: Record<string, string>;
  let forge: FakeForge | undefined;

  before(async () => {
    temp = await mkdtemp(path.join(os.tmpdir(), "kf-pipelines-"));
    checkout = await copyCheckout();
    const { root } = checkout;
    // One small stack: what is tested is the pipeline.
    const configs = path.join(root, "stacks", "config");
    for (const file of await readdir(configs)) await rm(path.join(configs, file));
    await checkout.stack("own", { target: "sandbox", release: "sample" });
    await writeFile(path.join(root, ".gitignore"), "node_modules\n.gitlab-ci-local\npreview\n");
    await copyFile(gitlabFile, path.join(root, ".gitlab-ci.yml"));
    const git = async (...args: readonly string[]): Promise<string> =>
      (await execa("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], { cwd: root }))
        .stdout;
    await git("init", "--quiet", "--initial-branch=main");
    await git("remote", "add", "origin", "git@gitlab.example:us/kubeflow.git");
    await git("add", "--all");
    await git("commit", "--quiet", "-m", "before");
    base = await git("rev-parse", "HEAD");
    await checkout.stack("own", { target: "sandbox", release: "sample", crds: "full" });
    await git("commit", "--quiet", "--all", "-m", "after");
    env = { PATH: await toolsWithoutInstall(), KF_CACHE_DIR: await warmCache(), KF_DATA_DIR: path.join(temp, "data") };
  });
  after(async () => {
    await checkout.close();
    await rm(temp, { recursive: true, force: true });
  });
  afterEach(async () => {
    await forge?.close();
    forge = undefined;
  });

  /** The PATH, with an npm before it whose `npm ci` does nothing. */
  async function toolsWithoutInstall(): Promise<string> {
    const folder = path.join(temp, "bin");
    await mkdir(folder);
    const npm = path.join(folder, "npm");
    // It copies what containers are given, and here none is.
    await writeFile(path.join(folder, "rsync"), "#!/bin/sh\n", { mode: 0o755 });
    await writeFile(npm, '#!/bin/sh\n[ "$1" = ci ] && exit 0\necho "npm $*: not here" >&2; exit 1\n');
    await chmod(npm, 0o755);
    return [folder, path.dirname(process.execPath), process.env["PATH"] ?? ""].join(path.delimiter);
  }

  /** The tools of this machine, and a cache of the test's own for all else. */
  async function warmCache(): Promise<string> {
    const folder = path.join(temp, "cache");
    await mkdir(folder);
    await symlink(
      path.resolve(path.dirname(await ensureTool("kustomize", () => undefined)), ".."),
      path.join(folder, "bin"),
    );
    return folder;
  }

  /** Runs the shell steps of a job as GitHub does: the steps with `if: always()` also after one that failed. */
  async function runSteps({ steps }: Job, variables: Readonly<Record<string, string>>) {
    const summary = path.join(temp, "summary.md");
    await writeFile(summary, "");
    let log = "";
    let failed = false;
    for (const step of steps) {
      if (step.run === undefined || (failed && step.if !== "always()")) continue;
      const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, variables[value] ?? value]);
      assert.ok(!own.some(([, value]) => value?.includes("${{") === true), JSON.stringify(step.env));
      assert.ok(!step.run.includes("${{"), "an expression in a script is code that a stranger may write");
      const script = path.join(temp, "step.sh");
      await writeFile(script, step.run);
      const ran = await execa("bash", ["-e", script], {
        cwd: checkout.root,
        env: {
          ...env,
          ...variables,
          GITHUB_STEP_SUMMARY: summary,
          ...(Object.fromEntries(own) as Record<string, string>),
        },
        reject: false,
        all: true,
      });
      log += ran.all;
      failed ||= ran.exitCode !== 0;
    }
    return { failed, log, summary: await readFile(summary, "utf8") };
  }

  it("have workflows that actionlint takes, with actions by commit wherever one is known", async () => {
    const actionlint = await ensureTool("actionlint", (message) => process.stdout.write(`    ${message}\n`));
    // What else is on this machine is not to decide.
    await execa(actionlint, ["-shellcheck=", "-pyflakes="], { cwd: projectRoot });
    for (const name of await readdir(workflows)) {
      if (name === "ci.yml") continue;
      const { jobs } = await read(name);
      const used = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
      assert.deepEqual(
        [...new Set(used.filter((each) => !/@[0-9a-f]{40}$/.test(each)))],
        name.includes("pulumi") || name === "drift.yml" ? ["pulumi/actions@v6"] : [],
        name,
      );
      assert.doesNotMatch(await readFile(path.join(workflows, name), "utf8"), /\bsecrets\.|pull_request_target/);
    }
  });

  it("give a stranger's code nothing, and run none where there is a token", async () => {
    const preview = await read("preview.yml");
    assert.deepEqual(preview.permissions, { contents: "read" });
    assert.ok(Object.values(preview.jobs).every(({ permissions }) => permissions === undefined));
    const { jobs } = await read("preview-comment.yml");
    const steps = jobs["comment"]?.steps ?? [];
    const [checkedOut] = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    assert.deepEqual(checkedOut?.with, { "persist-credentials": false });
    const [download] = steps.filter(({ uses }) => uses?.startsWith("actions/download-artifact@"));
    assert.match(String(download?.with?.["path"]), /^\$\{\{ runner\.temp \}\}\//);
  });

  it("plan a pull request, and keep one comment with what it changes", async () => {
    const plan = (await read("preview.yml")).jobs["diff"];
    const comment = (await read("preview-comment.yml")).jobs["comment"];
    assert.ok(plan && comment);
    const planned = await runSteps(plan, { "${{ github.event.pull_request.base.sha }}": base });
    assert.equal(planned.failed, false, planned.log);
    const folder = path.join(checkout.root, "preview");
    const report = JSON.parse(await readFile(path.join(folder, "preview.json"), "utf8")) as DiffReport;
    assert.deepEqual([report.base.commit, report.stacks.map(({ stack }) => stack)], [base, ["own"]]);
    assert.ok((await stat(path.join(folder, "preview.html"))).size > 10_000);
    assert.match(planned.summary, /kf diff: \d+ changes? in 1 stack/);

    forge = await startFakeGitHub();
    const event = path.join(temp, "event.json");
    await writeFile(event, JSON.stringify(workflowRunEvent));
    const runner = path.join(temp, "runner");
    await mkdir(runner);
    await symlink(folder, path.join(runner, "preview"));
    const variables = {
      ...{ GITHUB_API_URL: forge.url, GITHUB_REPOSITORY: "us/kubeflow", GITHUB_EVENT_PATH: event },
      ...{ RUNNER_TEMP: runner, "${{ github.token }}": "the-token" },
    };
    const first = await runSteps(comment, variables);
    assert.match(first.log, /comment on #7 created/);
    // What the run wrote as Markdown is not what is posted.
    await writeFile(path.join(folder, "preview.md"), `${marker}\n# Approved [x](https://evil.example)`);
    await writeFile(path.join(folder, "preview.json"), JSON.stringify({ ...report, changes: [] }));
    const second = await runSteps(comment, variables);
    assert.match(second.log, /comment on #7 updated/);
    const [only, ...more] = forge.comments;
    assert.deepEqual(more, []);
    assert.ok(only?.body.startsWith(marker) === true && !only.body.includes("evil") && only.body.length < 65_536);
    assert.match(only.body, /kf diff: 0 changes in 1 stack/);
    assert.deepEqual([...forge.tokens], ["Bearer the-token"]);

    await writeFile(path.join(folder, "preview.json"), "{}");
    assert.equal((await runSteps(comment, variables)).failed, true);
    await rm(path.join(folder, "preview.json"));
    await runSteps(comment, variables);
    assert.match(forge.comments[0]?.body ?? "", /no report/);
  });

  it("tell a drift that was found from a look that failed, in a cron", async () => {
    const job = (await read("drift.yml")).jobs["kf"];
    assert.ok(job);
    const fake = path.join(temp, "bin", "npx");
    for (const [code, message] of [
      [0, undefined],
      [3, /::error title=Drift::own: the cluster differs/],
      [1, /::error title=No look::own: .*exit code 1/],
    ] as const) {
      await writeFile(fake, `#!/bin/sh\necho "drift of own"\nexit ${code}\n`);
      await chmod(fake, 0o755);
      const { failed, log, summary } = await runSteps(job, { "${{ matrix.stack }}": "own" });
      assert.equal(failed, code !== 0);
      if (message === undefined) assert.doesNotMatch(log, /::error/);
      else assert.match(log, message);
      assert.match(summary, /drift of own/);
    }
    await rm(fake);
  });

  describe("on GitLab", () => {
    const run = (args: readonly string[], variables: Readonly<Record<string, string>> = {}) => {
      const set = Object.entries(variables).flatMap(([name, value]) => ["--variable", `${name}=${value}`]);
      return execa("gitlab-ci-local", ["--force-shell-executor", "--home", temp, ...set, ...args], {
        ...{ cwd: checkout.root, env, reject: false, all: true, preferLocal: true, localDir: projectRoot },
      });
    };
    const mergeRequest = { CI_PIPELINE_SOURCE: "merge_request_event", CI_PROJECT_ID: "1", CI_MERGE_REQUEST_IID: "3" };
    const ours = { ...mergeRequest, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "1" };

    const jobs = async (variables: Readonly<Record<string, string>>): Promise<readonly string[]> => {
      const { stdout, all, exitCode } = await run(["--list-csv"], variables);
      assert.equal(exitCode, 0, all);
      return stdout.split("\n").flatMap((line) => /^(kf-[a-z]+);/.exec(line)?.[1] ?? []);
    };

    it("have a file that fits GitLab's schema, and jobs where they are meant to run", async () => {
      assert.deepEqual(await jobs({ ...ours, KF_NOTE_TOKEN: "x" }), ["kf-diff", "kf-note"]);
      assert.deepEqual(await jobs(ours), ["kf-diff"]);
      const fork = { ...mergeRequest, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "2", KF_NOTE_TOKEN: "x" };
      assert.deepEqual(await jobs(fork), ["kf-diff"]);
      assert.deepEqual(await jobs({ CI_PIPELINE_SOURCE: "schedule", KF_DRIFT_STACKS: "own" }), ["kf-drift"]);
    });

    it("plan a merge request and keep one note", async () => {
      forge = await startFakeGitLab();
      const variables = {
        ...{ ...ours, CI_MERGE_REQUEST_DIFF_BASE_SHA: base, KF_NOTE_TOKEN: "the-token", CI_API_V4_URL: forge.url },
        CI_PIPELINE_URL: "https://gitlab.example/us/kubeflow/-/pipelines/1",
      };
      const first = await run(["kf-diff", "kf-note"], variables);
      assert.match(first.all, /note on !3 created/, first.all);
      const second = await run(["kf-note"], variables);
      assert.match(second.all, /note on !3 unchanged/, second.all);
      assert.equal(forge.comments.length, 1);
      assert.match(forge.comments[0]?.body ?? "", /kf diff: \d+ changes? in 1 stack/);
      assert.deepEqual([...forge.tokens], ["the-token"]);
    });
  });
});
