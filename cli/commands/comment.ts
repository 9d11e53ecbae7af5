import { Argument, Command } from "commander";

/** `kf comment`: what a pipeline does with the report of `kf diff`. */
export function commentCommand(): Command {
  return new Command("comment")
    .description("in a pipeline: keep the comment of kf diff on a pull or merge request up to date")
    .addArgument(new Argument("<forge>", "whose pipeline this is").choices(["github", "gitlab"]))
    .requiredOption("--artifact <folder>", "where the artifact of kf diff is unpacked, with preview.json")
    .addHelpText(
      "after",
      "\nThe report is data of a stranger's: the comment is made anew from it, and nothing of it is run or posted as it is.\n" +
        "Everything else comes from the variables of the pipeline: docs/pipelines.md.",
    )
    .action(async (forge: "github" | "gitlab", { artifact }: { readonly artifact: string }) => {
      const { readReport } = await import("../comment/report-file.ts");
      const report = await readReport(artifact);
      const done =
        forge === "github"
          ? await (await import("../comment/github.ts")).commentOnGitHub(report, process.env)
          : await (await import("../comment/gitlab.ts")).commentOnGitLab(report, process.env);
      process.stdout.write(`${done}\n`);
    });
}
