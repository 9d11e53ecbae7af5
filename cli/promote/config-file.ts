/** Changes of single keys in the text of a stack's file. What is around them, comments and all, stays byte for byte. */
import { isMap, isScalar, parseDocument, visit, Document, Pair, YAMLMap, type YAMLSeq } from "yaml";
import { UserError } from "../../shared/errors.ts";

export interface KeyChange {
  /** `["kubeflow:components", "preset"]` */
  readonly path: readonly [key: string, ...members: string[]];
  /** Undefined: the key goes, and with it a map that is empty without it. */
  readonly value: unknown;
}

/** The `config:` of a stack's file. @throws UserError when it is not one. */
export function configOf(text: string, file: string): Readonly<Record<string, unknown>> {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new UserError(`${file}: ${error.message}`, { exitCode: 2 });
  const content = document.toJS() as unknown;
  const config = typeof content === "object" && content !== null && "config" in content ? content.config : undefined;
  if (typeof config === "object" && config !== null) return config as Readonly<Record<string, unknown>>;
  throw new UserError(`${file}: it has no config:, so it is no stack's file`, { exitCode: 2 });
}

/** The value of a key as its file has it. Pulumi also takes a map or a list as text: JSON. */
export function valueAt(config: Readonly<Record<string, unknown>>, path: KeyChange["path"]): unknown {
  const [key, ...members] = path;
  return members.reduce<unknown>(
    (value, member) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, member)
        ? (value as Readonly<Record<string, unknown>>)[member]
        : undefined,
    opened(config[key]),
  );
}

function opened(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** The text with the changes; without one, the text as it is. */
export function editConfig(text: string, changes: readonly KeyChange[]): string {
  return [...Map.groupBy(changes, ({ path: [key] }) => key)].reduce(
    (edited, [key, own]) => editKey(edited, key, own),
    text,
  );
}

function editKey(text: string, key: string, changes: readonly KeyChange[]): string {
  const document = parseDocument(text);
  const config = document.get("config");
  if (!isMap(config)) throw new UserError("config: no map of keys", { exitCode: 2 });
  const own = (pair: Pair): boolean => keyOf(pair) === key;
  const before = config.items.find(own);
  // Read first: a value that is replaced takes its place in the text along.
  const place = before === undefined ? undefined : linesAt(text, before);
  const end = wholeLines(text, rangeOf(config)[1]);
  if (before !== undefined && isScalar(before.value)) {
    const value = opened(before.value.value);
    // Text that is JSON becomes the map that it stands for.
    if (typeof value === "object") document.setIn(["config", key], document.createNode(value));
  }
  for (const { path, value } of changes) {
    if (value !== undefined) document.setIn(["config", ...path], toNode(document, value));
    else if (document.hasIn(["config", ...path])) document.deleteIn(["config", ...path]);
  }
  const left = document.getIn(["config", key]);
  if (isMap(left) && left.items.length === 0) document.deleteIn(["config", key]);
  // A file in one line, or in JSON, has no lines of its own for a key.
  if (config.flow === true) return document.toString({ lineWidth: 0 });
  return spliced(text, place ?? [end, end], config.items.find(own));
}

/** A scalar as it is, so that the one that it replaces keeps its comment. */
function toNode(document: Document, value: unknown): unknown {
  return typeof value === "object" ? document.createNode(value) : value;
}

/** Only the lines of one key are written anew. */
function spliced(text: string, [from, to]: readonly [from: number, to: number], after: Pair | undefined): string {
  const lines = after === undefined ? "" : linesOf(after);
  const head = text.slice(0, from);
  return `${head}${head === "" || head.endsWith("\n") || lines === "" ? "" : "\n"}${lines}${text.slice(to)}`;
}

/** Of a pair that was read, or one that was added. */
function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : key;
}

function linesAt(text: string, { key, value }: Pair): readonly [from: number, to: number] {
  const start = rangeOf(key)[0];
  return [text.lastIndexOf("\n", start) + 1, wholeLines(text, rangeOf(value)[2])];
}

/** The end of a list that a comment ends is in the white space of the line after it. */
function wholeLines(text: string, end: number): number {
  const line = text.lastIndexOf("\n", end - 1) + 1;
  return text.slice(line, end).trim() === "" ? line : end;
}

function rangeOf(node: unknown): readonly [number, number, number] {
  if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range))
    return node.range as [number, number, number];
  throw new Error("a node that was not read from the text");
}

/** As lines of their own, one step in; what stands before the key in the file is not repeated. */
function linesOf(pair: Pair): string {
  const alone = new Document<YAMLMap, false>(new YAMLMap());
  alone.contents.add(new Pair(alone.createNode(keyOf(pair)), pair.value));
  visit(alone.contents, { Collection: (_, node) => padAsPrettier(node) });
  return alone
    .toString({ lineWidth: 0 })
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
}

/** `{ a: 1 }` and `[a]`: the stack files are formatted so, and the library has one padding for both. */
function padAsPrettier(node: YAMLMap | YAMLSeq): void {
  const flowCollectionPadding = isMap(node) ? " " : "";
  const print = node.toString.bind(node);
  node.toString = (context, ...rest) => print(context && { ...context, flowCollectionPadding }, ...rest);
}
