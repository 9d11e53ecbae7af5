import { floatYaml11Tag, intYaml11Tag, loadAll, NOT_RESOLVED, Schema, timestampTag, YAML11_SCHEMA } from "js-yaml";
import { isRecord } from "../json.ts";

/** What a chart is configured with: plain JSON. */
export type Values = Readonly<Record<string, unknown>>;

/** A number tag without YAML 1.1's sexagesimal numbers: to Helm `12:30` is a text. */
function plainNumber(tag: typeof intYaml11Tag): typeof intYaml11Tag {
  return {
    ...tag,
    resolve: (source, isExplicit, name) =>
      source.includes(":") ? NOT_RESOLVED : tag.resolve(source, isExplicit, name),
  };
}

const replaced: readonly unknown[] = [timestampTag, intYaml11Tag, floatYaml11Tag];
const helmSchema = new Schema([
  ...YAML11_SCHEMA.tags.filter((tag) => !replaced.includes(tag)),
  plainNumber(intYaml11Tag),
  plainNumber(floatYaml11Tag),
]);

/**
 * The documents of a text, read as Helm and Kubernetes read them: YAML 1.1 (`0644` is octal, `yes` a boolean) without
 * dates and sexagesimal numbers; of two equal keys the last one counts.
 *
 * @throws the parser's error, which tells line and column.
 */
export function loadHelmYaml(text: string): readonly unknown[] {
  return loadAll(text, { schema: helmSchema, json: true });
}

/** As `loadHelmYaml`, for a text with one map; an empty text is an empty map. */
export function loadHelmMap(text: string): Values {
  const [document = {}] = loadHelmYaml(text);
  if (document === null) return {};
  if (!isRecord(document)) throw new Error("expected a map");
  return document;
}
