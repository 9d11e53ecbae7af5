/**
 * The report as the comment of a pull request. All that comes from the compared trees is a stranger's: it stands in code,
 * where nothing is markup, a link or a mention.
 */
import type { PropertyDiff } from "../../engine/report.ts";
import type { Change, ChangeOp, DiffReport, Finding, StackDiff } from "./report.ts";
import {
  costText,
  findingsAt,
  gpusText,
  kindText,
  plain,
  policiesText,
  stacksText,
  summaryText,
  valueText,
} from "./summary.ts";

/** Characters. GitHub takes 65,536, GitLab a million. */
export const maxLength = 60_000;

/** The first line: by it a job finds the comment that it wrote before. */
export const marker = "<!-- kf diff -->";

/** Of what is shown of one value, one line and one resource. All of it is in the JSON and on the page. */
const maxValueLength = 160;
const maxTextLength = 400;
const maxDiffs = 25;
/** Of the findings of one level, so that a thousand of them leave room for the rest. */
const maxFindings = 40;

const marks: Readonly<Record<ChangeOp, string>> = { create: "+", change: "~", replace: "±", delete: "-" };
const titles: Readonly<Record<Finding["level"], string>> = {
  danger: "🛑 Not to be missed",
  warning: "⚠️ Look at",
  info: "Also",
};

/** At most {@link maxLength} characters: what a reviewer must not miss comes first, and what is left out is counted. */
export function renderMarkdown(report: DiffReport): string {
  const { base, head, stacks, changes, unaffected } = report;
  const fixed = [
    marker,
    `## kf diff: ${count(changes.length, "change")} in ${count(stacks.length, "stack")}`,
    `Planned without credentials, from \`${word(base.commit.slice(0, 10))}\` to \`${word(head.commit.slice(0, 10))}\`` +
      `${head.dirty ? " and what is not committed" : ""}. What only a cloud or cluster can tell is not in it.`,
    ...describeFindings(report, "danger"),
    ...failuresOf(stacks),
    ...describeFindings(report, "warning"),
    ...(stacks.length === 0 ? [] : [table(stacks)]),
    ...stacks.flatMap(describePolicies),
    ...describeFindings(report, "info"),
  ];
  const last =
    unaffected.length === 0
      ? "Every stack is affected."
      : `Nothing changes in ${unaffected.map((stack) => `\`${word(stack)}\``).join(", ")}.`;
  const blocks = [...fixed, ...changes.map((change) => describeChange(change, stacks.length))];
  return fit(blocks, last);
}

/** As many blocks as there is room for, and how many there was none for. */
function fit(blocks: readonly string[], last: string): string {
  const leftOut = (number: number): string =>
    `${count(number, "more part")} of the report did not fit here: all of it is in the JSON and on the page.`;
  const room = maxLength - cut(last, 2_000).length - leftOut(blocks.length).length - 10;
  const taken: string[] = [];
  let length = 0;
  let skipped = 0;
  for (const block of blocks) {
    // Once something is left out, what is less important is left out too.
    if (skipped > 0 || length + block.length + 2 > room) skipped += 1;
    else {
      taken.push(block);
      length += block.length + 2;
    }
  }
  return `${[...taken, ...(skipped === 0 ? [] : [leftOut(skipped)]), cut(last, 2_000)].join("\n\n")}\n`;
}

function describeFindings(report: DiffReport, level: Finding["level"]): readonly string[] {
  const found = findingsAt(report, level);
  if (found.length === 0) return [];
  const items = found.slice(0, maxFindings).map(({ change, finding }) => {
    const where = `${kindText(change.type)} ${change.name} (${stacksText(change.stacks, report.stacks.length)})`;
    return `- **${finding.kind}** ${code(finding.message)} in ${code(where)}`;
  });
  const more = found.length - items.length;
  const list = [...items, ...(more > 0 ? [`- and ${String(more)} more`] : [])].join("\n");
  const title = `${titles[level]} (${String(found.length)})`;
  return [level === "info" ? folded(title, list) : `### ${title}\n\n${list}`];
}

function failuresOf(stacks: readonly StackDiff[]): readonly string[] {
  return stacks.flatMap(({ stack, failure }) => {
    if (failure === undefined) return [];
    const lines = plain(cut(failure.message, 2_000)).split("\n");
    return [`### ❌ \`${word(stack)}\` cannot be planned at ${failure.at}\n\n${indentedCode(lines)}`];
  });
}

function table(stacks: readonly StackDiff[]): string {
  const rows = stacks.map((stack) => {
    const state = stack.failure !== undefined ? "❌ not planned" : stack.is === "changed" ? "" : `${stack.is}: `;
    const changes = stack.failure === undefined ? `${state}${summaryText(stack)}` : state;
    const others = [policiesText(stack), costText(stack), gpusText(stack)].map((text) => cell(text ?? "same"));
    return `| \`${word(stack.stack)}\` | ${changes} | ${others.join(" | ")} |`;
  });
  const head = "| stack | changes | policies | US$ a month | GPUs |\n| --- | --- | --- | --- | --- |";
  return `${head}\n${rows.join("\n")}`;
}

function describePolicies({ stack, policies: { added, resolved } }: StackDiff): readonly string[] {
  const lines = [
    ...added.map(
      ({ rule, enforcement, resource, message }) =>
        `- new, ${word(enforcement)}: ${code(rule)} ${code(`${resource}: ${message}`)}`,
    ),
    ...resolved.map(({ rule, resource, message }) => `- resolved: ${code(rule)} ${code(`${resource}: ${message}`)}`),
  ];
  if (lines.length === 0) return [];
  const shown = lines.slice(0, maxFindings);
  const more = lines.length - shown.length;
  const list = [...shown, ...(more > 0 ? [`- and ${String(more)} more`] : [])].join("\n");
  return [folded(`Policies of ${word(stack)} (${String(lines.length)})`, list)];
}

function describeChange({ op, type, name, stacks, diffs, replaceReasons }: Change, affected: number): string {
  const title = `${marks[op]} <code>${html(`${kindText(type)} ${name}`)}</code> (${html(stacksText(stacks.map(word), affected))})`;
  if (diffs.length === 0) return `<div>${title}</div>`;
  const shown = diffs.slice(0, maxDiffs);
  const more = diffs.length - shown.length;
  const lines = [
    ...replaceReasons.map(({ path, reason }) => `! replaced because of ${path}: ${reason}`),
    ...shown.flatMap(diffLines),
    ...(more > 0 ? [`! and ${String(more)} more`] : []),
  ];
  // Every line begins with a mark, so that none can end the block.
  const body = lines.map((line) => cut(plain(line).replaceAll("\n", " "), maxTextLength)).join("\n");
  return folded(title, `\`\`\`diff\n${body}\n\`\`\``);
}

function diffLines({ path, kind, old, new: next }: PropertyDiff): readonly string[] {
  return [
    ...(kind === "add" ? [] : [`- ${path}: ${valueText(old, maxValueLength)}`]),
    ...(kind === "delete" ? [] : [`+ ${path}: ${valueText(next, maxValueLength)}`]),
  ];
}

/** @param title HTML. */
const folded = (title: string, body: string): string => `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;

/** A code span, whatever backticks are in it. */
function code(text: string): string {
  const line = cut(plain(text).replaceAll("\n", " "), maxTextLength);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence} ${line} ${fence}`;
}

const indentedCode = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join("\n");

/** For where no code can be written: nothing but what a name consists of. */
const word = (text: string): string => cut(text, 100).replace(/[^A-Za-z0-9_.-]/g, "?");
const cell = (text: string): string => cut(text, 200).replace(/[^A-Za-z0-9 .,$=>-]/g, "?");

const html = (text: string): string =>
  cut(plain(text).replaceAll("\n", " "), maxTextLength)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text);
const count = (number: number, noun: string): string => `${String(number)} ${noun}${number === 1 ? "" : "s"}`;
