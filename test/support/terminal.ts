/** `kf` in a terminal: a pseudo-terminal by `script` of util-linux. */
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { projectRoot } from "../../shared/paths.ts";

/** What the screen has to show, and the keys that are pressed then. */
export type Answer = readonly [shown: RegExp, keys: string];

export interface Shown {
  readonly code: number | undefined;
  /** All that was written, without colours and movements of the cursor. */
  readonly screen: string;
}

/** Starts `kf` as a person would; nothing is agreed to beforehand. */
export async function kfInTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  answers: readonly Answer[] = [],
  root = projectRoot,
): Promise<Shown> {
  const command = [process.execPath, path.join(root, "cli", "main.ts"), ...args].map(quoted).join(" ");
  const shell = `stty columns 100 rows 50 && exec ${command}`;
  const terminal = execa("script", ["--quiet", "--return", "--flush", "--command", shell, "/dev/null"], {
    cwd: root,
    env: { TERM: "xterm", CI: "", PULUMI_SKIP_CONFIRMATIONS: "", ...env, NO_COLOR: "1" },
    reject: false,
    all: true,
    stdin: "pipe",
    maxBuffer: 500_000_000,
  });
  let written = "";
  let seen = 0;
  const left = [...answers];
  terminal.all.on("data", (chunk: Buffer) => {
    written += chunk.toString();
    const screen = stripVTControlCharacters(written);
    const [next] = left;
    if (next === undefined || !next[0].test(screen.slice(seen))) return;
    seen = screen.length;
    left.shift();
    terminal.stdin.write(next[1]);
  });
  const { exitCode } = await terminal;
  return { code: exitCode, screen: stripVTControlCharacters(written) };
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
