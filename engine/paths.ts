import { UserError } from "../shared/errors.ts";
import { isMap, own, Secret, type PropertyMap, type Value } from "./values.ts";

/** Property paths in Pulumi's notation: `spec.ports[0].port`, `labels["a.b/c"]`, `*` for every key or index. Pure. */
export type Path = readonly (string | number)[];

const token = /\.?(?:([^.[\]"]+)|\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\[^])*)"\])/y;

export function parsePath(text: string): Path {
  const path: (string | number)[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null)
      throw new UserError(`Property path ${JSON.stringify(text)}: cannot read it from character ${at}`);
    const [, key, index, quoted] = match;
    path.push(index === undefined ? (key ?? quoted?.replace(/\\([^])/g, "$1") ?? "*") : Number(index));
  }
  return path;
}

export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (part === "" || /[.[\]"\\\s/]/.test(part)) text += `["${part.replace(/["\\]/g, "\\$&")}"]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** Whether a change at `changed` touches what `pattern` names: either lies inside the other. */
export function touches(changed: Path, pattern: Path): boolean {
  const length = Math.min(changed.length, pattern.length);
  for (let i = 0; i < length; i++) if (pattern[i] !== "*" && String(pattern[i]) !== String(changed[i])) return false;
  return true;
}

/** Whether a change at `changed` is what `pattern` names, or lies inside it. */
export function contains(pattern: Path, changed: Path): boolean {
  return changed.length >= pattern.length && touches(changed, pattern);
}

/** `news` with what `olds` has at `path`; what the old value lacks there is removed (`ignoreChanges`). */
export function keepOld(olds: Value | undefined, news: Value | undefined, path: Path): Value | undefined {
  const [head, ...rest] = path;
  if (head === undefined) return olds;
  if (news instanceof Secret) return new Secret(keepOld(inner(olds), news.value, path) ?? null);
  const old = inner(olds);
  if (Array.isArray(news)) {
    const items = Array.isArray(old) ? (old as readonly Value[]) : [];
    const isMeant = (index: number): boolean => head === "*" || Number(head) === index;
    return (news as readonly Value[]).map((item, i) => (isMeant(i) ? (keepOld(items[i], item, rest) ?? item) : item));
  }
  return isMap(news) ? keepKeys(isMap(old) ? old : {}, news, String(head), rest) : news;
}

function keepKeys(olds: PropertyMap, news: PropertyMap, head: string, rest: Path): PropertyMap {
  const result: Record<string, Value> = { ...news };
  const keys = head === "*" ? Object.keys({ ...olds, ...news }) : [head];
  for (const key of keys) {
    if (rest.length > 0 && !Object.hasOwn(news, key)) continue;
    const kept = keepOld(own(olds, key), own(news, key), rest);
    if (kept === undefined) Reflect.deleteProperty(result, key);
    else result[key] = kept;
  }
  return result;
}

const inner = (value: Value | undefined): Value | undefined => (value instanceof Secret ? value.value : value);
