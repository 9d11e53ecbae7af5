/** What a cloud would say of a resource's inputs before anything is made. Pure. */
import { createHash } from "node:crypto";
import { difference, equalValues, masked } from "../diff.ts";
import { formatPath, parsePath, touches, type Path } from "../paths.ts";
import type { CheckFailure, LiveResource, ProviderDiff, ResourceRef } from "../provider.ts";
import { nameOfUrn } from "../urn.ts";
import { isMap, Secret, type PropertyMap, type Value } from "../values.ts";
import type { SimulatedType } from "./table.ts";

/** What is known of a type beside its answers. */
export type InputRules = Omit<SimulatedType, "answer">;

const suffixLength = 7;

/**
 * The inputs as the provider takes them: with a made-up name where the type has one and the program gives none. What is
 * wrong with them is told property by property.
 *
 * @param olds what the resource has now: it keeps its name unless it has to be replaced.
 */
export function checkInputs(
  { urn }: ResourceRef,
  type: InputRules,
  olds: PropertyMap | undefined,
  news: PropertyMap,
): { readonly inputs: PropertyMap; readonly failures: readonly CheckFailure[] } {
  const given = Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null));
  const known = new Set([...type.required, ...type.optional]);
  const failures: CheckFailure[] = [
    ...type.required
      .filter((property) => given[property] === undefined && property !== type.autoName?.property)
      .map((property) => ({ property, reason: "is required" })),
    ...Object.keys(given)
      .filter((property) => !known.has(property) && property !== type.autoName?.property)
      .map((property) => ({
        property,
        reason: `the simulated cloud knows no such input; it has: ${[...known].sort().join(", ")}`,
      })),
    ...Object.entries(given).flatMap(([property, value]) => brokenTexts(value, [property])),
  ];
  const named = withName(urn, type, olds, given);
  return typeof named === "string"
    ? { inputs: given, failures: [...failures, { property: type.autoName?.property ?? "", reason: named }] }
    : { inputs: named, failures };
}

/** Whether a change can be made in place. */
export function diffInputs(
  { type: token }: ResourceRef,
  type: InputRules,
  old: LiveResource,
  news: PropertyMap,
): ProviderDiff {
  const changes = changesOf(old.inputs, news);
  const replaces = fixedAmong(type, changes).map(({ path }) => ({
    path: formatPath(path),
    reason: `a ${token} cannot change it`,
  }));
  const { autoName } = type;
  // Two of one name cannot be there at once.
  const sameName = autoName !== undefined && equalValues(old.inputs[autoName.property], news[autoName.property]);
  return { changed: changes.length > 0, replaces, deleteBeforeReplace: replaces.length > 0 && sameName };
}

const changesOf = (olds: PropertyMap, news: PropertyMap): ReturnType<typeof difference> =>
  difference(olds, news).filter(({ old: before, new: after }) => !equalValues(plain(before), plain(after)));

function fixedAmong(type: InputRules, changes: ReturnType<typeof difference>): ReturnType<typeof difference> {
  const fixed = fixedPaths(type);
  return changes.filter(({ path }) => fixed.some((pattern) => touches(path, pattern)));
}

/** A stable word for what cannot be changed in place: two resources of one URN that differ in it are two. */
export function identityOf(urn: string, type: InputRules, config: PropertyMap, inputs: PropertyMap): string {
  const where = Object.entries(config).filter(([key]) => key !== "version");
  return digest(JSON.stringify([urn, where, plain(fixedInputs(type, inputs))]));
}

function fixedInputs({ forceNew = [] }: InputRules, inputs: PropertyMap): PropertyMap {
  const fixed = new Set(forceNew.map((path) => String(parsePath(path)[0])));
  return Object.fromEntries(
    Object.entries(inputs)
      .filter(([property]) => fixed.has(property))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const fixedPaths = ({ forceNew = [] }: InputRules): readonly Path[] => forceNew.map(parsePath);

/** @returns why the name cannot be made up, as a text. */
function withName(
  urn: string,
  type: InputRules,
  olds: PropertyMap | undefined,
  news: PropertyMap,
): PropertyMap | string {
  const { autoName } = type;
  if (autoName === undefined || news[autoName.property] !== undefined) return news;
  const { property, maxLength, separator } = autoName;
  const before = olds?.[property];
  const others = { ...type, forceNew: (type.forceNew ?? []).filter((path) => path !== property) };
  const stays = olds === undefined || fixedAmong(others, changesOf(olds, news)).length === 0;
  if (before !== undefined && stays) return { ...news, [property]: before };
  const name = nameOfUrn(urn);
  const seed = stays ? urn : `${urn} ${JSON.stringify(masked(fixedInputs(others, news)))}`;
  const made = `${name}${separator}${digest(seed).slice(0, suffixLength)}`;
  if (made.length <= maxLength) return { ...news, [property]: made };
  return (
    `${JSON.stringify(name)} and the ${suffixLength} characters that make it unique are more than the ${maxLength} ` +
    `that are allowed: shorten the resource's name, or set ${property}`
  );
}

/** Texts that a program made of an Output or of something that is not there. */
function brokenTexts(value: Value, path: Path): readonly CheckFailure[] {
  if (value instanceof Secret) return brokenTexts(value.value, path);
  if (Array.isArray(value)) {
    return (value as readonly Value[]).flatMap((item, index) => brokenTexts(item, [...path, index]));
  }
  if (isMap(value)) return Object.entries(value).flatMap(([key, item]) => brokenTexts(item, [...path, key]));
  if (typeof value !== "string") return [];
  const found = ["undefined", "[object Object]", "Calling [toString] on an [Output"].find((text) =>
    value.includes(text),
  );
  if (found === undefined) return [];
  return [
    {
      property: formatPath(path),
      reason: `holds the text ${JSON.stringify(found)}: an output that is not there, or one that was made into a text`,
    },
  ];
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

function plain(value: Value | undefined): Value | undefined {
  if (value instanceof Secret) return plain(value.value);
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => plain(item) ?? null);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item) ?? null]));
}
