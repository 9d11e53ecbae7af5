/** HTML whose every interpolated string is text: what a report says comes from forked pull requests too. */

/** Markup that may go into a page as it is. Only {@link html} and {@link rawMarkup} make it. */
export interface Markup {
  readonly markup: string;
}

export type Part = string | number | Markup | readonly Markup[] | undefined;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes each value, also for attributes in double quotes; `undefined` is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const [first = "", ...rest] = dense(strings);
  return { markup: parts.reduce((markup: string, part, index) => markup + text(part) + (rest[index] ?? ""), first) };
}

const densed = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Without the indentation of the source, which was a third of a page. */
function dense(strings: TemplateStringsArray): readonly string[] {
  let found = densed.get(strings);
  if (found === undefined) {
    found = strings.map((each) => each.replace(/\s*\n\s*/g, "\n"));
    densed.set(strings, found);
  }
  return found;
}

/** For what this project itself wrote: its own style sheets and scripts. */
export function rawMarkup(markup: string): Markup {
  return { markup };
}

export function joined(parts: readonly Markup[], separator = ""): Markup {
  return { markup: parts.map(({ markup }) => markup).join(separator) };
}

function text(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "number") return String(part);
  if (typeof part === "string") return visible(part).replace(/[&<>"']/g, (character) => entities[character] ?? "");
  return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("");
}

/**
 * Characters that nobody sees, and those that turn the direction of writing, as `\u{202e}`: with them a value can look
 * like another one (CVE-2021-42574), and this page is there for people to look at.
 */
export function visible(value: string): string {
  return value.replace(
    // Tabs and line ends stay: they have their place in files.
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** JSON that cannot end the script element that it is in, nor begin a comment there. */
export function embeddedJson(value: unknown): Markup {
  return { markup: JSON.stringify(value).replaceAll("<", "\\u003c") };
}
