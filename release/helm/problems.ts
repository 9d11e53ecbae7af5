/** One thing that is wrong with the values of a chart, as a person reads it. */
import { closest } from "fastest-levenshtein";

export interface Problem {
  /** Below the chart's values. */
  readonly path: readonly string[];
  /** Goes on from the path: `: no such key`, ` = 3: must be string`. */
  readonly text: string;
}

/** `controller.args[0]["kubernetes.io/os"]` below `root`. */
export function formatPath(root: string, path: readonly string[]): string {
  const parts = path.map((part) => {
    if (/^\d+$/.test(part)) return `[${part}]`;
    return /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  });
  return root + parts.join("");
}

export function unknownKey(path: readonly string[], allowed: readonly string[]): Problem {
  const key = path.at(-1) ?? "";
  const sorted = [...allowed].sort();
  const text =
    sorted.length === 0
      ? ": no such key, and none is allowed here"
      : `: no such key; the nearest is "${closest(key, sorted)}" (allowed here: ${sorted.join(", ")})`;
  return { path, text };
}

export function wrongValue(path: readonly string[], value: unknown, expected: string): Problem {
  return { path, text: ` = ${display(path, value)}: ${expected}` };
}

/** A value short enough for a message; never one that may be a secret. */
function display(path: readonly string[], value: unknown): string {
  if (path.some((part) => /passw|secret|token|credential|key$/i.test(part))) return "(hidden)";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
