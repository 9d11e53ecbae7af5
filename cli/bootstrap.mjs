// Installs what the project needs (npm packages, once per lockfile) and runs a command with a Node that can run the
// project. Plain JavaScript for any Node from 18 on: it runs before anything is installed.
//
//   node cli/bootstrap.mjs COMMAND [ARG ...]
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..");
const modules = path.join(root, "node_modules");
const isWindows = process.platform === "win32";

/** The oldest Node that strips types by itself. Pulumi's SDK wants 22. */
const required = [22, 18];

function suits(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > required[0] || (major === required[0] && minor >= required[1]);
}

/** Folder of a Node that suits: the running one, else the one that the project's optional dependencies brought. */
export function nodeFolder() {
  if (suits(process.versions.node)) return path.dirname(process.execPath);
  const folder = path.join(modules, `node-${process.platform}-${process.arch}`.replace("win32", "win"), "bin");
  if (fs.existsSync(path.join(folder, isWindows ? "node.exe" : "node"))) return folder;
  process.stderr.write(
    `kf: Node ${process.versions.node} is too old and no newer one came with the project for ${process.platform} ` +
      `${process.arch}; allowed: ${required.join(".")} or newer. Install a newer Node and try again.\n`,
  );
  return process.exit(1);
}

/** Runs `npm ci` unless `node_modules` is already what the lockfile says. */
function install() {
  const lock = createHash("sha256")
    .update(fs.readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  const stamp = path.join(modules, ".kf-installed");
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === lock) return;
  if (fs.lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    process.stderr.write(
      `kf: ${modules} is a link: \`npm ci\` would empty where it leads to. Take it away and try again.\n`,
    );
    process.exit(1);
  }
  process.stderr.write("Installing the npm packages of package-lock.json ...\n");
  const npm = spawnSync("npm", ["ci", "--no-progress", "--loglevel=error"], {
    cwd: root,
    // What it prints is for people: stdout is the command's own, which may be JSON.
    stdio: ["ignore", process.stderr, process.stderr],
    shell: isWindows,
  });
  if (npm.status !== 0) {
    process.stderr.write("kf: `npm ci` failed (its messages are above); mend that and try again.\n");
    process.exit(1);
  }
  fs.writeFileSync(stamp, lock);
}

/** Runs a command with the suiting Node and the project's own binaries first on PATH; resolves to its exit code. */
export function run(command, args) {
  const PATH = [nodeFolder(), path.join(modules, ".bin"), process.env.PATH ?? ""].join(path.delimiter);
  const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, PATH }, shell: isWindows });
  // Ctrl-C reaches the child by itself (same terminal); a signal to this process alone is passed on.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`kf: cannot run ${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

if (process.argv[1] === path.join(root, "cli", "bootstrap.mjs")) {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) {
    process.stderr.write("usage: node cli/bootstrap.mjs COMMAND [ARG ...]\n");
    process.exit(2);
  }
  install();
  process.exit(await run(command, args));
}
