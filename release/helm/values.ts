import { UserError } from "../../shared/errors.ts";
import { isRecord } from "../json.ts";
import { keyProblems } from "./keys.ts";
import { type Chart } from "./metadata.ts";
import { formatPath, type Problem } from "./problems.ts";
import { schemaProblems } from "./schema.ts";
import type { Values } from "./yaml.ts";

export interface CheckOptions {
  /** What messages put before a path: where the values come from. @default "values" */
  readonly root?: string | undefined;
  /** Paths (`alertmanager.config`) whose keys are not the chart's own, though its `values.yaml` has some there. */
  readonly freeForm?: readonly string[] | undefined;
}

/**
 * Checks values against the schemas of the chart and its subcharts, and against the keys of their `values.yaml` where
 * the schemas leave a map open without saying so.
 *
 * @throws UserError (usage) that tells every problem: path, value, what is allowed, the nearest key.
 */
export function checkValues(chart: Chart, values: Values, options: CheckOptions = {}): void {
  const { root = "values", freeForm = [] } = options;
  const bySchema = refusedBySchemas(chart, values, chart.values, false);
  const told = new Set(bySchema.map(({ path }) => path.join("\0")));
  const byKeys = keyProblems(chart, values, freeForm).filter(({ path }) => !told.has(path.join("\0")));
  const problems = [...bySchema, ...byKeys];
  if (problems.length === 0) return;
  const lines = problems.map(({ path, text }) => `  ${formatPath(root, path)}${text}`);
  const hint =
    byKeys.length === 0
      ? ""
      : "\nIf the chart does take a key that its values.yaml does not show, name the map it is in under `freeForm`.";
  throw new UserError(`chart ${chart.name} ${chart.version} does not take these values:\n${lines.join("\n")}${hint}`, {
    exitCode: 2,
  });
}

/** Like Helm, schemas see the values laid over the defaults. A subchart may be off, so it can miss what it requires. */
function refusedBySchemas(chart: Chart, values: Values, defaults: Values, isSubchart: boolean): readonly Problem[] {
  const merged = coalesce(defaults, values);
  const own = chart.schema === undefined ? [] : schemaProblems(chart.schema, merged, isSubchart);
  const below = chart.dependencies.flatMap(({ key, chart: subchart }) => {
    const given = values[key];
    if (subchart === undefined || !isRecord(given)) return [];
    const parent = defaults[key];
    const base = isRecord(parent) ? coalesce(subchart.values, parent) : subchart.values;
    const found = refusedBySchemas(subchart, given, base, true);
    return found.map(({ path, text }) => ({ path: [key, ...path], text }));
  });
  return [...own, ...below];
}

/** `overrides` laid over `defaults`: maps are merged, everything else replaced, null takes a default away. */
function coalesce(defaults: Values, overrides: Values): Values {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(overrides)) {
    const base = merged[key];
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = isRecord(value) && isRecord(base) ? coalesce(base, value) : value;
  }
  return merged;
}
