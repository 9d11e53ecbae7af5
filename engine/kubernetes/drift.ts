/** The live object seen through the inputs that made it: what they would be if the live object had been made from them. */
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { equalValues } from "../diff.ts";
import type { Path } from "../paths.ts";
import { isMap, Secret, type PropertyMap, type Value } from "../values.ts";
import { isEmpty, text, toMap, toValue } from "./objects.ts";
import { ownedFields, type OwnedFields } from "./ownership.ts";

/** Names, and what only controllers write. */
const NEVER_DRIFTS = new Set(["apiVersion", "kind", "status"]);

/** One place where the live object is not as its inputs have it. Undefined: not there. */
export interface Found {
  /** In the inputs. */
  readonly path: Path;
  /** The same place in the live object, whose lists may be in another order; of what is gone, where it would be. */
  readonly livePath: Path;
  /** Secrets as such. */
  readonly expected: Value | undefined;
  readonly live: Value | undefined;
}

/** Where a look is, and whom it tells. */
interface Place {
  readonly path: Path;
  readonly livePath: Path;
  readonly secret: boolean;
  readonly note: (found: Found) => void;
}

/**
 * The inputs, with what somebody changed behind our back. A field that we applied and still own has not been changed by
 * anyone: the API server takes it from us when somebody does. So defaults, quantities in another unit, fields that
 * controllers add and what webhooks made of ours are no drift, whatever the schema. Only what is not ours any more is
 * compared.
 *
 * @param note told of every difference.
 */
export function liveInputs(
  inputs: PropertyMap,
  live: KubernetesObject,
  manager: string,
  note: (found: Found) => void = () => undefined,
): PropertyMap {
  const owned = ownedFields(live, manager);
  const found = comparable(inputs, live);
  const seen: Record<string, Value> = {};
  for (const [key, input] of Object.entries(inputs)) {
    const place: Place = { path: [key], livePath: [key], secret: false, note };
    const value = NEVER_DRIFTS.has(key) ? input : see(input, found[key], recordOf(key, live, owned), place);
    if (value !== undefined) seen[key] = value;
  }
  return { ...seen, metadata: { ...(seen["metadata"] as PropertyMap), ...identity(inputs) } };
}

/**
 * Who owns the field. Of a Secret's `stringData` the API server's record stays ours for ever, whoever writes the `data`
 * that is made of it: so there the values are compared.
 */
function recordOf(key: string, { kind }: KubernetesObject, owned: OwnedFields | undefined): OwnedFields | undefined {
  return kind === "Secret" && key === "stringData" ? undefined : owned?.[`f:${key}`];
}

/** The live object in the terms of the inputs: `stringData` is written, and read as `data`. */
function comparable(inputs: PropertyMap, live: KubernetesObject): PropertyMap {
  const found = toMap(live);
  const { data } = found;
  if (live.kind !== "Secret" || inputs["stringData"] === undefined || !isMap(data)) return found;
  const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(text(value), "base64").toString()]);
  return { ...found, stringData: Object.fromEntries(decoded) as PropertyMap };
}

function identity(inputs: PropertyMap): PropertyMap {
  const metadata = isMap(inputs["metadata"]) ? inputs["metadata"] : {};
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => key === "name" || key === "namespace"));
}

function see(input: Value, live: Value | undefined, owned: OwnedFields | undefined, place: Place): Value | undefined {
  // `null` asks for nothing: `creationTimestamp: null` is what generators write.
  if (input === null || (owned !== undefined && Object.keys(owned).length === 0)) return input;
  if (input instanceof Secret) {
    const seen = see(input.value, live, owned, { ...place, secret: true });
    return seen === undefined ? undefined : new Secret(seen);
  }
  if (isMap(input) && isMap(live)) return seeMap(input, live, owned, place);
  if (Array.isArray(input) && Array.isArray(live)) return seeList(input as Value[], live as Value[], owned, place);
  return isSame(input, live) ? input : tell(input, live, place);
}

/** @returns what is there. */
function tell(expected: Value | undefined, live: Value | undefined, { path, livePath, secret, note }: Place) {
  const shown = (value: Value | undefined) => (secret && value !== undefined ? new Secret(value) : value);
  note({ path, livePath, expected: shown(expected), live: shown(live) });
  return live;
}

function below(place: Place, key: string | number, liveKey = key): Place {
  return { ...place, path: [...place.path, key], livePath: [...place.livePath, liveKey] };
}

function seeMap(input: PropertyMap, live: PropertyMap, owned: OwnedFields | undefined, place: Place): PropertyMap {
  const seen: Record<string, Value> = {};
  for (const [key, value] of Object.entries(input)) {
    const found = see(value, live[key], owned?.[`f:${key}`], below(place, key));
    if (found !== undefined) seen[key] = found;
  }
  return seen;
}

function seeList(
  input: readonly Value[],
  live: readonly Value[],
  owned: OwnedFields | undefined,
  place: Place,
): readonly Value[] {
  const keys = Object.keys(owned ?? {});
  const key = keys.find((candidate) => candidate.startsWith("k:"));
  const fields = key === undefined ? namedItems(input) : Object.keys(JSON.parse(key.slice(2)) as object);
  const at = (index: number, liveIndex = index) => below(place, index, liveIndex);
  if (fields !== undefined) return input.flatMap((item, index) => seeItem(item, live, fields, owned, at, index) ?? []);
  if (keys.some((candidate) => candidate.startsWith("v:")))
    return input.filter(
      (item, index) => live.some((other) => isSame(item, other)) || tell(item, undefined, at(index)) !== undefined,
    );
  const shared = input.slice(0, live.length).map((item, index) => see(item, live[index], undefined, at(index)) ?? null);
  input.slice(live.length).forEach((item, index) => tell(item, undefined, at(live.length + index)));
  const added = live.slice(input.length);
  added.forEach((item, index) => tell(undefined, item, at(input.length + index)));
  return [...shared, ...added];
}

/** An item of a list that is merged by key: what others add to the list is not ours. */
function seeItem(
  item: Value,
  live: readonly Value[],
  fields: readonly string[],
  owned: OwnedFields | undefined,
  at: (index: number, liveIndex?: number) => Place,
  index: number,
): Value | undefined {
  if (!isMap(item)) return live.find((other) => isSame(item, other)) ?? tell(item, undefined, at(index));
  // A key that the input leaves out has a default (a port's protocol).
  const matches = (other: Value) =>
    isMap(other) && fields.every((field) => item[field] === undefined || isSame(item[field], other[field]));
  const liveIndex = live.findIndex(matches);
  const entry = Object.keys(owned ?? {}).find(
    (key) => key.startsWith("k:") && matches(toValue(JSON.parse(key.slice(2)))),
  );
  if (liveIndex < 0) return tell(item, undefined, at(index));
  const place = at(index, liveIndex);
  return see(item, live[liveIndex], entry === undefined ? undefined : owned?.[entry], place);
}

/** Nearly every list of named things is merged by name. */
function namedItems(items: readonly Value[]): readonly string[] | undefined {
  const names = items.map((item) => (isMap(item) ? item["name"] : undefined));
  const distinct =
    names.length > 0 && names.every((name) => typeof name === "string") && new Set(names).size === names.length;
  return distinct ? ["name"] : undefined;
}

/** Equal to the API server, which leaves out what is empty and may write a quantity in another unit. */
function isSame(input: Value, live: Value | undefined): boolean {
  if (equalValues(input, live) || (isEmpty(input) && isEmpty(live))) return true;
  if (!isScalar(input) || !isScalar(live)) return false;
  const [left, right] = [quantity(`${input}`), quantity(`${live}`)];
  return left !== undefined && right !== undefined && Math.abs(left - right) <= 1e-9 * Math.abs(left);
}

function isScalar(value: Value | undefined): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** `1.5Gi`, `1000m`, `2e3` as a number; `undefined` for what is no quantity. */
function quantity(written: string): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(written);
  if (match === null) return undefined;
  const [, number, suffix = ""] = match;
  const binary = BINARY.indexOf(suffix);
  if (binary >= 0) return Number(number) * 1024 ** binary;
  const decimal = DECIMAL.indexOf(suffix);
  return decimal < 0 ? undefined : Number(number) * 1000 ** (decimal - 3);
}
