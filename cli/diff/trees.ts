/** The two trees that are compared: the commit of the base, and the files here as they are, committed or not. */
import { copyFile, lstat, mkdir, mkdtemp, readlink, rename, rm, symlink } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { extract } from "tar";
import { UserError } from "../../shared/errors.ts";
import { cacheDir, projectRoot } from "../../shared/paths.ts";
import { noteUse } from "./kept.ts";

/** The project at one point: by path from its root, the hash of what is there. */
export interface Tree {
  readonly hash: string;
  readonly files: ReadonlyMap<string, string>;
}

export interface BaseTree extends Tree {
  readonly ref: string;
  readonly commit: string;
}

export interface HeadTree extends Tree {
  readonly commit: string;
  readonly dirty: boolean;
}

async function git(root: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await execa("git", args, { cwd: root, env, stdin: "ignore", maxBuffer: 100_000_000 });
  return stdout;
}

/**
 * Looks a commit up.
 *
 * @param root of the project, which may be a folder of a larger repository.
 * @throws UserError (wrong usage) for what is no commit.
 */
export async function baseTree(ref: string, root = projectRoot): Promise<BaseTree> {
  const commit = await git(root, ["rev-parse", "--verify", "--end-of-options", `${ref}^{commit}`]).catch(
    (cause: unknown) => {
      throw new UserError(
        `--base: ${JSON.stringify(ref)} is no commit of ${root}; allowed: a branch, tag or commit that is fetched ` +
          "(in CI, check out with the whole history: fetch-depth 0)",
        { exitCode: 2, cause },
      );
    },
  );
  const hash = await git(root, ["rev-parse", `${commit}:${await prefix(root)}`]).catch((cause: unknown) => {
    throw new UserError(`--base: the project is not in ${ref}: it has no folder ${root}`, { exitCode: 2, cause });
  });
  return { ref, commit, hash, files: await filesOf(root, hash) };
}

/** The files here: what git ignores left out, what it does not know yet included. Nothing of the repository is changed. */
export async function headTree(root = projectRoot): Promise<HeadTree> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), "kf-diff-index-"));
  try {
    const at = async (name: string): Promise<string> =>
      path.resolve(root, await git(root, ["rev-parse", "--git-path", name]));
    const index = path.join(scratch, "index");
    const objects = path.join(scratch, "objects");
    await mkdir(objects);
    await copyFile(await at("index"), index);
    const env = {
      GIT_INDEX_FILE: index,
      GIT_OBJECT_DIRECTORY: objects,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: await at("objects"),
    };
    // Ignored as a folder, and still a file where it is a link. As a pattern, since git refuses the name of what is ignored.
    await git(root, ["add", "--all", "--", ".", ":(exclude)node_module[s]"], env);
    const hash = await git(root, ["write-tree", `--prefix=${await prefix(root)}`], env);
    const commit = await git(root, ["rev-parse", "HEAD"]);
    const committed = await git(root, ["rev-parse", `HEAD:${await prefix(root)}`]).catch(() => "");
    return { commit, dirty: hash !== committed, hash, files: await filesOf(root, hash, env) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const prefix = (root: string): Promise<string> => git(root, ["rev-parse", "--show-prefix"]);

async function filesOf(
  root: string,
  tree: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, string>> {
  const listed = await git(root, ["ls-tree", "-r", "-z", "--full-tree", tree], env);
  const lines = listed.split("\0").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [head = "", file = ""] = line.split("\t");
      // With the mode: a program that may not be run any more is another one.
      return [file, head];
    }),
  );
}

/**
 * The base's files in the cache, ready to be run: with our packages where it has the same lockfile, else with its own.
 *
 * @returns the folder.
 */
export async function checkOut(
  base: Tree,
  head: Tree,
  report: (message: string) => void,
  root = projectRoot,
): Promise<string> {
  const folder = cacheDir("diff", "trees", base.hash);
  if (!(await exists(folder))) await unpack(base.hash, folder, root);
  await noteUse(folder);
  const lock = "package-lock.json";
  const modules =
    base.files.get(lock) === head.files.get(lock)
      ? path.join(root, "node_modules")
      : await installed(base, folder, report);
  await link(modules, path.join(folder, "node_modules"));
  return folder;
}

async function unpack(tree: string, folder: string, root: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  const { stdout } = await execa("git", ["archive", "--format=tar", tree], {
    ...{ cwd: root, stdin: "ignore", encoding: "buffer", maxBuffer: 500_000_000 },
  });
  await new Promise<void>((resolve, reject) => {
    extract({ cwd: fresh }).on("close", resolve).on("error", reject).end(Buffer.from(stdout));
  });
  await moveOnce(fresh, folder);
}

/** By lockfile: many commits have the same. */
async function installed(base: Tree, folder: string, report: (message: string) => void): Promise<string> {
  const lock = base.files.get("package-lock.json")?.split(" ").at(-1);
  if (lock === undefined) throw new UserError("--base: it has no package-lock.json, so its packages are not known");
  const kept = cacheDir("diff", "modules", lock);
  if (await exists(kept)) {
    await noteUse(kept);
    return path.join(kept, "node_modules");
  }
  report("installing the packages of the base, whose lockfile is another");
  await mkdir(path.dirname(kept), { recursive: true });
  const fresh = await mkdtemp(`${kept}-`);
  for (const file of ["package.json", "package-lock.json", ".npmrc"])
    if (base.files.has(file)) await copyFile(path.join(folder, file), path.join(fresh, file));
  await execa("npm", ["ci", "--no-progress", "--loglevel=error"], { cwd: fresh, stdin: "ignore" }).catch(
    async (cause: unknown) => {
      await rm(fresh, { recursive: true, force: true });
      throw new UserError("--base: `npm ci` of its packages failed", { cause });
    },
  );
  await moveOnce(fresh, kept);
  return path.join(kept, "node_modules");
}

/** Somebody else may have been quicker; what is there then is the same. */
async function moveOnce(fresh: string, folder: string): Promise<void> {
  await rename(fresh, folder).catch(async (error: unknown) => {
    await rm(fresh, { recursive: true, force: true });
    if (!(await exists(folder))) throw error;
  });
}

async function link(target: string, at: string): Promise<void> {
  if ((await readlink(at).catch(() => undefined)) === target) return;
  await rm(at, { force: true });
  await symlink(target, at, "junction");
}

const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );
