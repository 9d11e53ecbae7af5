import fs from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { UserError } from "../shared/errors.ts";
import type { Bundle, Embedded } from "./bundles.ts";
import { executableName } from "./locate.ts";
import type { Progress } from "./tools.ts";

const reportEveryMs = 10_000;

/** Builds all executables of the bundle from their Go modules into `folder`. Modules are checked by Go's checksums. */
export async function build(bundle: Bundle, folder: string, progress: Progress): Promise<void> {
  const { source, linkerFlags, duration, onlyLinux } = bundle.build;
  if (onlyLinux === true && process.platform !== "linux") {
    throw new UserError(
      `${bundle.title}: can be built on Linux only, this is ${process.platform}. Run the sandbox on Linux (WSL 2 on ` +
        `Windows, a virtual machine on macOS), or set KF_SANDBOX_BIN to a folder that holds ${bundle.tools.join(", ")}.`,
    );
  }
  await checkGo(bundle);
  progress(`build ${bundle.title} from Go modules (once; about ${duration})`);
  const flags = ["-v", "-trimpath", "-buildvcs=false", "-ldflags", ["-s -w", ...linkerFlags].join(" ")];
  if ("packages" in source) {
    await go(
      bundle,
      ["build", ...flags, "-o", `${folder}${path.sep}`, ...source.packages],
      { cwd: source.folder },
      progress,
    );
  } else if ("folder" in source) {
    const { executable, embed } = source;
    const output = path.join(folder, executableName(executable));
    const overlay = `${output}.overlay.json`;
    if (embed !== undefined) await fs.writeFile(overlay, JSON.stringify(await overlayOf(bundle, source.folder, embed)));
    const overlayFlag = embed === undefined ? [] : ["-overlay", overlay];
    await go(bundle, ["build", ...flags, ...overlayFlag, "-o", output, "."], { cwd: source.folder }, progress);
    await fs.rm(overlay, { force: true });
    const links = bundle.tools.filter((name) => name !== executable);
    await Promise.all(links.map(async (name) => await fs.symlink(executable, path.join(folder, name))));
  } else {
    // In the temporary folder, so that no go.mod around us has a say.
    await go(bundle, ["install", ...flags, ...source], { cwd: folder, env: { GOBIN: folder } }, progress);
  }
}

/** What Go reads in place of files of our own folder: the module's. */
async function overlayOf(bundle: Bundle, own: string, { module, folder, files }: Embedded): Promise<object> {
  await go(bundle, ["mod", "download", module], { cwd: own }, () => undefined);
  const { stdout } = await execa("go", ["list", "-m", "-f", "{{.Dir}}", module], { cwd: own, stdin: "ignore" });
  const replaced = files.map((file) => [path.join(own, file), path.join(stdout.trim(), folder, file)] as const);
  return { Replace: Object.fromEntries(replaced) };
}

async function checkGo(bundle: Bundle): Promise<void> {
  const { failed } = await execa("go", ["version"], { reject: false, stdin: "ignore" });
  if (!failed) return;
  throw new UserError(
    `${bundle.title}: cannot be downloaded here, and cannot be built either, because there is no Go. Install Go 1.24 ` +
      `or newer (https://go.dev/dl), or put ${bundle.tools.join(", ")} on PATH or into a folder that KF_SANDBOX_BIN names.`,
  );
}

interface GoOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

async function go(bundle: Bundle, args: readonly string[], options: GoOptions, progress: Progress): Promise<void> {
  const started = Date.now();
  let packages = 0;
  const report = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    progress(`build ${bundle.title}: ${packages} packages compiled so far, ${seconds} s`);
  }, reportEveryMs);
  try {
    const running = execa("go", args, {
      cwd: options.cwd,
      // A Go that is too old fetches the one that the module asks for, unless the user forbids it.
      env: { GOTOOLCHAIN: process.env["GOTOOLCHAIN"] ?? "auto", ...options.env },
      reject: false,
      stdin: "ignore",
      stdout: "ignore",
      // With -v every compiled package is a line.
      stderr: function* (line: unknown) {
        packages += String(line).startsWith("go: ") ? 0 : 1;
        yield line;
      },
    });
    const { failed, stderr } = await running;
    if (failed) throw buildFailed(bundle, stderr);
  } finally {
    clearInterval(report);
  }
}

function buildFailed(bundle: Bundle, stderr: string): UserError {
  const tail = stderr.trimEnd().split("\n").slice(-15).join("\n");
  return new UserError(
    `${bundle.title}: the build failed:\n${tail}\nMend that and try again (what was compiled is kept), or put ` +
      `${bundle.tools.join(", ")} on PATH or into a folder that KF_SANDBOX_BIN names.`,
  );
}
