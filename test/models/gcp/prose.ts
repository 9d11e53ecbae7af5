/** Limits that Google's documents have no field for and tell in the description: lengths, forms, numbers of entries. */
import { isMap, type Value } from "../../../engine/values.ts";

/** @returns what a value is that the description does not allow. */
export function limitProblems(description: string, value: Value): readonly string[] {
  if (typeof value === "string") return textProblems(description, value);
  if (typeof value === "number") return numberProblems(description, value);
  if (Array.isArray(value)) return listProblems(description, value as readonly Value[]);
  return isMap(value) ? mapProblems(description, Object.entries(value)) : [];
}

function numberProblems(description: string, value: number): readonly string[] {
  const [, least = -Infinity, most = Infinity] = /must be in \[(\d+), (\d+)\]/.exec(description) ?? [];
  if (value >= Number(least) && value <= Number(most)) return [];
  return [`${String(value)} is not between ${String(least)} and ${String(most)}`];
}

function textProblems(description: string, text: string): readonly string[] {
  const { least, most } = lengthIn(description);
  const size = Array.from(text).length;
  const form = formIn(description);
  return [
    ...(size < least ? [`${String(size)} characters are less than ${String(least)}`] : []),
    ...(size > most ? [`${String(size)} characters are more than ${String(most)}`] : []),
    ...(form === undefined || new RegExp(`^(?:${form})$`).test(text)
      ? []
      : [`${JSON.stringify(text)} does not match ${form}`]),
  ];
}

/** The first that is told: further ones are those of special cases. */
function lengthIn(description: string): { readonly least: number; readonly most: number } {
  const range = /\b(\d+)-(\d+) characters/.exec(description);
  if (range !== null) return { least: Number(range[1]), most: Number(range[2]) };
  const most =
    /(?:up to|at most|less than or equal to|maximum length is|limited to|no longer than) (\d+) (?:[\w-]+ )?(?:characters|bytes)/.exec(
      description,
    );
  return { least: 0, most: Number(most?.[1] ?? Infinity) };
}

/** What RFC 1035 allows as a label. */
const label = "[a-z]([-a-z0-9]*[a-z0-9])?";

function formIn(description: string): string | undefined {
  const given = /regular\s+expression:?\s*`([^`]+)`/.exec(description)?.[1];
  if (given !== undefined) return given;
  const isLabel = /lowercase letters, (numbers|digits),? (and|or) (hyphens|dashes)|comply with\s*RFC1035/i;
  return isLabel.test(description) ? label : undefined;
}

function listProblems(description: string, list: readonly Value[]): readonly string[] {
  const most = Number(/maximum of (\d+)/i.exec(description)?.[1] ?? Infinity);
  const forms = formsIn(description);
  return [
    ...(list.length > most ? [`${String(list.length)} are more than ${String(most)}`] : []),
    ...list
      .filter((item) => forms.length > 0 && typeof item === "string" && !forms.some((form) => form.test(item)))
      .map((item) => `${JSON.stringify(item)} has none of the forms that are told`),
  ];
}

/** `user:{emailid}` and the like, each between backticks at the beginning of its point. */
function formsIn(description: string): readonly RegExp[] {
  if (!description.includes("can have the following values")) return [];
  return [...description.matchAll(/\* `([^`]+)`:/g)].map(([, form = ""]) => {
    const parts = form.split(/\{([^}]+)\}/).map((part, index) => {
      if (index % 2 === 0) return part.replace(/[.*+?^$()[\]|\\]/g, String.raw`\$&`);
      if (part.includes("email")) return String.raw`[^@\s]+@[^@\s]+\.[^@\s]+`;
      return part.includes("subject") ? String.raw`[^\s]+` : String.raw`[^/\s]+`;
    });
    return new RegExp(`^${parts.join("")}$`);
  });
}

function mapProblems(description: string, entries: readonly (readonly [string, Value])[]): readonly string[] {
  const most = Number(/up to (\d+) entries/.exec(description)?.[1] ?? Infinity);
  const tooMany = entries.length > most ? [`${String(entries.length)} entries are more than ${String(most)}`] : [];
  if (!/lowercase letters, (numeric characters|numerals), underscores,? and dashes/.test(description)) return tooMany;
  const longest = /keys? and values? (?:may be no longer than|is limited to) (\d+) /i.exec(description)?.[1] ?? "";
  const allowed = new RegExp(`^[a-z0-9_-]{0,${longest}}$`);
  const wrong = entries.filter(
    ([key, value]) =>
      !/^[a-z]/.test(key) || ![key, value].every((text) => typeof text === "string" && allowed.test(text)),
  );
  return [
    ...tooMany,
    ...wrong.map(([key, value]) => `${key}: ${JSON.stringify(value)} is no label: ${allowed.source}, a letter first`),
  ];
}
