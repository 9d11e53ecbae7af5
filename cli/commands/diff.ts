import { Command } from "commander";
import type { DiffReport } from "../diff/report.ts";

interface DiffFlags {
  readonly base: string;
  readonly stacks?: readonly string[];
  readonly md?: string;
  readonly html?: string;
  readonly json?: string | true;
  readonly exitCode?: true;
  readonly quiet?: true;
}

/** `kf diff`: what a change of the project would do to its stacks, object by object. */
export function diffCommand(): Command {
  return new Command("diff")
    .description("what the files here would change in every stack, against a commit; nothing real is asked")
    .requiredOption("--base <ref>", "the commit to compare with: a branch, tag or hash, e.g. origin/main")
    .option("--stacks <globs>", "stack names or patterns such as 'gcp-*', separated by commas (default: all)", list)
    .option("--md <file>", "write Markdown for the comment of a pull request, at most 60,000 characters")
    .option("--html <file>", "write one page that needs no network")
    .option("--json [file]", "write the whole report as JSON, to a file or to the standard output")
    .option("--exit-code", "exit with 1 when something changes, as git diff does")
    .option("--quiet", "no progress")
    .addHelpText(
      "after",
      "\nBoth sides are planned by the offline engine, without credentials, state or cluster: what is compared is what the\n" +
        "program asks for. Only stacks whose files or code differ are planned, and plans are kept in the cache.\n" +
        "Exit codes: 0 also with changes; 1 when a stack cannot be planned, and with --exit-code when something changes.",
    )
    .action(async (flags: DiffFlags) => {
      const { diff } = await import("../diff/diff.ts");
      const progress = (message: string): void => {
        if (flags.quiet !== true) process.stderr.write(`kf: ${message}\n`);
      };
      const { base, stacks } = flags;
      const report = await diff({ base, ...(stacks === undefined ? {} : { stacks }), progress });
      await write(report, flags);
      const isChanged = report.stacks.length > 0;
      const isFailed = report.stacks.some(({ failure }) => failure !== undefined);
      if (isFailed || (flags.exitCode === true && isChanged)) process.exitCode = 1;
    });
}

const list = (text: string): readonly string[] => text.split(",").map((part) => part.trim());

async function write(report: DiffReport, { md, html, json }: DiffFlags): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  if (md !== undefined) {
    const { renderMarkdown } = await import("../diff/markdown.ts");
    await writeFile(md, renderMarkdown(report));
  }
  if (html !== undefined) {
    const { renderHtml } = await import("../diff/html.ts");
    await writeFile(html, await renderHtml(report));
  }
  const text = `${JSON.stringify(report)}\n`;
  if (typeof json === "string") await writeFile(json, text);
  if (json === true) process.stdout.write(text);
  else {
    const { describeDiff } = await import("../diff/terminal.ts");
    process.stdout.write(describeDiff(report));
  }
}
