/** Which of `kubeflow:secrets` a stack's other keys call by name. Pure. */
import { z } from "zod";
import { configSchema, type StackConfig } from "./config.ts";

/** A text is such a name when its description says so, which the reader of the documents has to be told anyway. */
const saysSo = (schema: z.ZodType): boolean => schema.description?.includes("kubeflow:secrets") === true;

/** @returns each name once. */
export function namedSecrets(config: StackConfig): readonly string[] {
  return [...new Set(namesIn(configSchema, config, false))];
}

/** @param said whether what is around the schema has said that it is a name. */
function namesIn(schema: unknown, value: unknown, said: boolean): readonly string[] {
  if (value === undefined || !(schema instanceof z.ZodType)) return [];
  const isName = said || saysSo(schema);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return namesIn(schema.unwrap(), value, isName);
  if (schema instanceof z.ZodPipe) return namesIn(schema.out, value, isName);
  if (schema instanceof z.ZodUnion)
    return namesIn(
      schema.options.find((option) => z.safeParse(option, value).success),
      value,
      isName,
    );
  if (typeof value === "string") return isName ? [value] : [];
  // What is said of a list or map is said of the whole.
  if (Array.isArray(value))
    return schema instanceof z.ZodArray ? value.flatMap((item) => namesIn(schema.element, item, false)) : [];
  if (typeof value !== "object" || value === null) return [];
  const inner = (key: string): unknown =>
    schema instanceof z.ZodObject ? schema.shape[key] : schema instanceof z.ZodRecord ? schema.valueType : undefined;
  return Object.entries(value).flatMap(([key, item]) => namesIn(inner(key), item, false));
}
