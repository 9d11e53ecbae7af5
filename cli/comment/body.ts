import { marker, renderMarkdown } from "../diff/markdown.ts";
import type { DiffReport } from "../diff/report.ts";

/** Facts of the forge's own, which nobody who proposes a change can set. */
export interface RunFacts {
  readonly commit: string;
  /** Where the run is, with its artifact. */
  readonly url: string;
}

/**
 * The comment: Markdown made here from the report's data. The Markdown that the run wrote is never posted, since the code
 * of the proposed change wrote it.
 */
export function commentBody(report: DiffReport | undefined, { commit, url }: RunFacts): string {
  const run = `[the run](${url})`;
  const short = commit.slice(0, 10);
  if (report === undefined) {
    return `${marker}\n\n## kf diff: no report\n\nThe plan of \`${short}\` ended without one: see ${run}.\n`;
  }
  const planned =
    `Planned at \`${short}\` by the code of the proposed change itself, which could make it say anything: read the code ` +
    `too. The page and the JSON are artifacts of ${run}.`;
  return `${renderMarkdown(report)}\n---\n\n${planned}\n`;
}
