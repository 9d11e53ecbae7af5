/** How the old and the new value of a property stand side by side. */
import type { PropertyDiff, ReportValue } from "../../../engine/report.ts";
import { html, type Markup } from "./markup.ts";

/** Longest value, in characters and lines, that is not folded. */
const longest = { characters: 400, lines: 12 };
/** Characters kept around what differs in the line that stands for a folded value. */
const context = 40;

interface Shown {
  /** Alike in both values, what differs, alike again. */
  readonly parts: readonly [string, string, string];
}

export function diffTable(diffs: readonly PropertyDiff[]): Markup {
  return html`<table class="diffs">
    <thead>
      <tr>
        <th scope="col">Before</th>
        <th scope="col">After</th>
      </tr>
    </thead>
    ${diffs.map(diffRows)}
  </table>`;
}

function diffRows({ path, kind, old, new: next }: PropertyDiff): Markup {
  const before = kind === "add" ? undefined : asText(old);
  const after = kind === "delete" ? undefined : asText(next);
  const [left, right] = marked(before, after);
  return html`<tbody>
    <tr>
      <th scope="rowgroup" colspan="2"><code>${path}</code></th>
    </tr>
    <tr>
      <td class="old">${side(left, "del", "not there before")}</td>
      <td class="new">${side(right, "ins", "removed")}</td>
    </tr>
  </tbody>`;
}

/** Strings as they are, so that files keep their lines; all else as JSON. */
function asText(value: ReportValue | undefined): string {
  if (typeof value === "string") return value === "" ? '""' : value;
  return JSON.stringify(value ?? null, undefined, 2);
}

function marked(
  before: string | undefined,
  after: string | undefined,
): readonly [Shown | undefined, Shown | undefined] {
  if (before === undefined || after === undefined) return [whole(before), whole(after)];
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  // Not within a character of two code units.
  if (isLowSurrogate(before, start) || isLowSurrogate(after, start)) start--;
  if (end > 0 && isLowSurrogate(before, before.length - end)) end--;
  const cut = (value: string): Shown => ({
    parts: [value.slice(0, start), value.slice(start, value.length - end), value.slice(value.length - end)],
  });
  return [cut(before), cut(after)];
}

/** Of what is only on one side nothing stands out. */
function whole(value: string | undefined): Shown | undefined {
  return value === undefined ? undefined : { parts: [value, "", ""] };
}

function isLowSurrogate(value: string, at: number): boolean {
  const unit = value.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function side(shown: Shown | undefined, tag: "del" | "ins", absent: string): Markup {
  if (shown === undefined) return html`<span class="absent">${absent}</span>`;
  const [start, differs, end] = shown.parts;
  const pre = html`<pre>${start}${highlight(tag, differs)}${end}</pre>`;
  const value = shown.parts.join("");
  const lines = value.split("\n").length;
  if (value.length <= longest.characters && lines <= longest.lines) return pre;
  const size =
    lines > 1 ? `${lines.toLocaleString("en-US")} lines` : `${value.length.toLocaleString("en-US")} characters`;
  const before = differs === "" ? `${start.slice(0, 2 * context)}…` : ending(start);
  const middle = differs.length > 2 * context ? `${differs.slice(0, 2 * context)}…` : differs;
  const after = end.length > context ? `${end.slice(0, context)}…` : end;
  return html`<details class="long">
    <summary><code>${before}${highlight(tag, middle)}${after}</code> <span class="muted">${size}</span></summary>
    ${pre}
  </details>`;
}

function ending(text: string): string {
  return text.length > context ? `…${text.slice(-context)}` : text;
}

function highlight(tag: "del" | "ins", value: string): Markup | undefined {
  if (value === "") return undefined;
  return tag === "del" ? html`<del>${value}</del>` : html`<ins>${value}</ins>`;
}
