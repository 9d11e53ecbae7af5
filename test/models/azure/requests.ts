/** What a resource of @pulumi/azure-native is as a request, and what the models say of that. */
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { isMap } from "../../../engine/values.ts";
import type { CloudResource } from "../recorded-stack.ts";
import type { Translation } from "../requests.ts";
import { placed } from "./placing.ts";
import { problemsOf } from "./schema.ts";
import { operationOf, type Operation } from "./sdks.ts";
import { azureTypes, type AzureType } from "./types.ts";

const operations = new Map<string, Promise<Operation>>();

function readOperation({ sdk, operation }: AzureType): Promise<Operation> {
  const name = `${sdk} ${operation}`;
  const known = operations.get(name) ?? operationOf(sdk, operation);
  operations.set(name, known);
  return known;
}

/** Exceptions that were needed, as `type path`. */
export const neededExceptions = new Set<string>();

/** @returns undefined for a type without a mapping. */
export async function azureRequest({ type: token, inputs }: CloudResource): Promise<Translation | undefined> {
  const type = azureTypes[token];
  if (type === undefined) return undefined;
  const operation = await readOperation(type);
  const inUrl = [...operation.url].map(([name, schema]) => ({ name, schema, input: type.url?.[name] ?? name }));
  const url = inUrl.flatMap(({ schema, input }) => {
    const value = inputs[input];
    if (value === undefined) return [`${input}: is required`];
    const rule = type.names?.[input];
    return [...problemsOf(schema, value, input), ...(rule === undefined ? [] : problemsOf(rule, value, input))];
  });
  const used = new Set(inUrl.map(({ input }) => input));
  const rest = Object.fromEntries(Object.entries(inputs).filter(([name]) => !used.has(name)));
  const body = placed(operation.body, rest, "");
  const problems = [...url, ...(isMap(body.value) ? problemsOf(operation.body, body.value, "") : [])];
  const { sdk, operation: name, accepted = {} } = type;
  return {
    calls: [
      {
        operation: `${sdk} ${name} of ${operation.apiVersion} (${operation.source}), azure-native's own: ${versionOf(token)}`,
        problems: withoutAccepted(token, accepted, problems),
      },
    ],
    lost: withoutAccepted(token, accepted, body.lost),
  };
}

function withoutAccepted(token: string, accepted: Readonly<Record<string, string>>, problems: readonly string[]) {
  return problems.filter((problem) => {
    const path = Object.keys(accepted).find((key) => problem === key || problem.startsWith(`${key}:`));
    if (path === undefined) return true;
    neededExceptions.add(`${token} ${path}`);
    return false;
  });
}

/** The API version that azure-native uses by default. */
function versionOf(token: string): string {
  const [, module = "", name = ""] = token.split(":");
  const file = import.meta.resolve(`@pulumi/azure-native/${module}/${name.charAt(0).toLowerCase()}${name.slice(1)}.js`);
  const text = fs.readFileSync(fileURLToPath(file).replace(/\.js$/, ".d.ts"), "utf8");
  return /Uses Azure REST API version ([\w-]+)/.exec(text)?.[1] ?? "unknown";
}
