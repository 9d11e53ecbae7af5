import { z } from "zod";

/** One row per key of a settings object, to its depth: `gpuPools[].name`. */
export function settingsTable(settings: z.ZodObject): string {
  return `| key | value | default | what |\n| --- | --- | --- | --- |\n${rowsOf(settings, "").join("\n")}\n`;
}

function rowsOf(settings: z.ZodObject, prefix: string): readonly string[] {
  return Object.entries<z.core.$ZodType>(settings.shape).flatMap(([key, field]) => {
    const type = inner(field);
    const below = type instanceof z.ZodArray ? inner(type.element) : type;
    const path = `${prefix}${key}${type instanceof z.ZodArray && below instanceof z.ZodObject ? "[]" : ""}`;
    const row = `| \`${path}\` | ${valueOf(type)} | ${defaultOf(field)} | ${descriptionOf(field)} |`;
    return below instanceof z.ZodObject ? [row, ...rowsOf(below, `${path}.`)] : [row];
  });
}

/** Without what says that it may be left out. */
function inner(field: unknown): unknown {
  const wraps = field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodPrefault;
  return wraps ? inner(field.unwrap()) : field;
}

function valueOf(type: unknown): string {
  if (type instanceof z.ZodEnum) return type.options.map((option) => `\`${String(option)}\``).join(", ");
  if (type instanceof z.ZodBoolean) return "`true`, `false`";
  if (type instanceof z.ZodNumber) return `${String(type.minValue)} to ${String(type.maxValue)}`;
  if (type instanceof z.ZodArray) return `list of ${valueOf(inner(type.element))}`;
  if (type instanceof z.ZodObject || type instanceof z.ZodRecord) return "map";
  return "text";
}

function defaultOf(field: z.core.$ZodType): string {
  const { success, data } = z.safeParse(field, undefined);
  if (!success) return "required";
  if (data === undefined || (typeof data === "object" && data !== null && !Array.isArray(data))) return "-";
  return `\`${typeof data === "string" ? data : JSON.stringify(data)}\``;
}

/** Of the field, or of what it wraps. */
function descriptionOf(field: unknown): string {
  const own = field instanceof z.ZodType ? field.description : undefined;
  if (own !== undefined) return own;
  const wrapped = inner(field);
  return wrapped === field ? "" : descriptionOf(wrapped);
}
