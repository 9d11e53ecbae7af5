/** The trees that `kf diff` compares, in a real repository, and what of them a plan depends on. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { isPlanInput, planKey, stacksOf } from "../../cli/diff/plan-inputs.ts";
import { baseTree, checkOut, headTree } from "../../cli/diff/trees.ts";
import { UserError } from "../../shared/errors.ts";

describe("the trees of kf diff", () => {
  let folder: string;
  let root: string;
  const outer = process.env["KF_CACHE_DIR"];
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-diff-trees-"));
    process.env["KF_CACHE_DIR"] = path.join(folder, "cache");
    // A folder of a larger repository.
    root = path.join(folder, "repository", "kubeflow");
    await mkdir(path.join(root, "stacks", "config"), { recursive: true });
    await git("init", "--quiet");
    await git("config", "user.email", "a@example.com");
    await git("config", "user.name", "a");
    await write("package-lock.json", "{}");
    await write("stacks/config/Pulumi.dev.yaml", "config: {}");
    await write("stacks/config/Pulumi.prod.yaml", "config: {}");
    await write("stacks/index.ts", "export {};");
    await write(".gitignore", "node_modules/\n");
    await git("add", ".");
    await git("commit", "--quiet", "-m", "first");
    await mkdir(path.join(root, "node_modules"));
  });
  after(async () => {
    if (outer === undefined) delete process.env["KF_CACHE_DIR"];
    else process.env["KF_CACHE_DIR"] = outer;
    await rm(folder, { recursive: true, force: true });
  });

  const git = (...args: string[]) => execa("git", args, { cwd: root });
  const write = (file: string, text: string) => writeFile(path.join(root, file), text);

  it("are a commit, and the files here with what is not committed, and git's own index is left alone", async () => {
    const clean = await headTree(root);
    assert.equal(clean.dirty, false);
    await write("stacks/config/Pulumi.new.yaml", "config: {}");
    await write("stacks/config/Pulumi.dev.yaml", "config: { a: b }");
    const [base, head] = [await baseTree("HEAD", root), await headTree(root)];
    assert.equal(base.hash, clean.hash);
    assert.equal(head.dirty, true);
    assert.deepEqual(stacksOf(base), ["dev", "prod"]);
    assert.deepEqual(stacksOf(head), ["dev", "new", "prod"]);
    assert.equal(planKey(base, "prod"), planKey(head, "prod"));
    assert.notEqual(planKey(base, "dev"), planKey(head, "dev"));
    assert.equal(planKey(base, "new"), undefined);
    assert.equal((await git("diff", "--cached", "--name-only")).stdout, "");
    const folderOfBase = await checkOut(base, head, () => undefined, root);
    assert.equal(await readFile(path.join(folderOfBase, "stacks/config/Pulumi.dev.yaml"), "utf8"), "config: {}");
    assert.equal(await readlink(path.join(folderOfBase, "node_modules")), path.join(root, "node_modules"));
    await assert.rejects(stat(path.join(folderOfBase, "stacks/config/Pulumi.new.yaml")));
  });

  it("are refused where the base is no commit, and no option of git's is taken for one", async () => {
    for (const ref of ["nowhere", "--help", "HEAD:stacks", "-n1"]) {
      await assert.rejects(
        baseTree(ref, root),
        (error: unknown) => error instanceof UserError && error.exitCode === 2,
        ref,
      );
    }
  });

  it("make a plan anew for code and the stack's own file, and not for documents, tests and other stacks", () => {
    const inputs = ["stacks/index.ts", "stacks/config/Pulumi.dev.yaml", "release/locks/26.03.yaml", "Pulumi.yaml"];
    for (const file of [...inputs, "package-lock.json", "policy/rules/iam.ts", "components/gke/settings.ts"])
      assert.ok(isPlanInput(file, "dev"), file);
    for (const file of ["stacks/config/Pulumi.prod.yaml", "README.md", "docs/diff.md", "test/a.test.ts", ".ci/run"])
      assert.ok(!isPlanInput(file, "dev"), file);
  });
});
