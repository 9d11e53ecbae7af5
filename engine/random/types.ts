/** The resource types of the `random` package that this engine makes: what they take and what comes of it. */
import { randomBytes, randomUUID } from "node:crypto";
import { hash } from "bcrypt";
import type { CheckFailure } from "../provider.ts";
import { Unknown, type PropertyMap, type Value } from "../values.ts";
import { randomText, type CharacterClass } from "./text.ts";

export interface RandomType {
  /** Inputs, and what each has to be. */
  readonly inputs: Readonly<Record<string, "count" | "positive" | "boolean" | "text" | "texts">>;
  readonly required: readonly string[];
  /** The value of an input that is left out. */
  readonly defaults: PropertyMap;
  /** What the provider makes up: not known before it did. */
  readonly made: readonly string[];
  /** Outputs that are secret whatever the program says. */
  readonly secret: readonly string[];
  /** What is wrong although every input by itself is right. All inputs are there, defaults included, and plain. */
  readonly problems?: (inputs: PropertyMap) => readonly CheckFailure[];
  readonly make: (inputs: PropertyMap) => Promise<{ readonly id: string; readonly outputs: PropertyMap }>;
}

const classes = ["upper", "lower", "numeric", "special"] as const satisfies readonly CharacterClass[];
const minima = { upper: "minUpper", lower: "minLower", numeric: "minNumeric", special: "minSpecial" } as const;
/** Of the provider's bcrypt hashes. They are made by native code on other threads: in JavaScript they held up the plan. */
const bcryptCost = 10;

const textInputs: Omit<RandomType, "made" | "secret" | "make"> = {
  inputs: {
    keepers: "texts",
    length: "positive",
    ...Object.fromEntries(classes.map((name) => [name, "boolean"])),
    // The old name of `numeric`; its value is one and the same.
    number: "boolean",
    ...Object.fromEntries(classes.map((name) => [minima[name], "count"])),
    overrideSpecial: "text",
  },
  required: ["length"],
  defaults: {
    ...Object.fromEntries(classes.map((name) => [name, true])),
    ...Object.fromEntries(classes.map((name) => [minima[name], 0])),
  },
  problems: (inputs) => {
    const least = classes.reduce((sum, name) => sum + numberOf(inputs[minima[name]]), 0);
    const failures: CheckFailure[] = [];
    if (typeof inputs["length"] === "number" && inputs["length"] < least) {
      failures.push({ property: "length", reason: `must be at least ${least}, the sum of the minima` });
    }
    if (classesOf(inputs).length === 0) {
      failures.push({ property: "", reason: `one of ${classes.join(", ")} has to be true` });
    }
    return failures;
  },
};

export const randomTypes: Readonly<Record<string, RandomType>> = {
  "random:index/randomPassword:RandomPassword": {
    ...textInputs,
    made: ["result", "bcryptHash"],
    secret: ["result", "bcryptHash"],
    make: async (inputs) => {
      const result = textOf(inputs);
      const bcryptHash = await hash(result, bcryptCost);
      // Never the value: ids are not encrypted.
      return { id: "none", outputs: { result, bcryptHash, __meta: schemaVersion(3) } };
    },
  },
  "random:index/randomString:RandomString": {
    ...textInputs,
    made: ["result"],
    secret: [],
    make: (inputs) => {
      const result = textOf(inputs);
      return Promise.resolve({ id: result, outputs: { result, __meta: schemaVersion(2) } });
    },
  },
  "random:index/randomId:RandomId": {
    inputs: { keepers: "texts", byteLength: "positive", prefix: "text" },
    required: ["byteLength"],
    defaults: {},
    made: ["hex", "dec", "b64Std", "b64Url"],
    secret: [],
    make: ({ byteLength, prefix }) => {
      const bytes = randomBytes(numberOf(byteLength));
      const before = typeof prefix === "string" ? prefix : "";
      const hex = bytes.toString("hex");
      const b64Url = bytes.toString("base64url");
      const outputs = {
        hex: before + hex,
        dec: before + BigInt(`0x${hex}`).toString(),
        b64Std: before + bytes.toString("base64"),
        b64Url: before + b64Url,
      };
      return Promise.resolve({ id: b64Url, outputs });
    },
  },
  "random:index/randomUuid:RandomUuid": {
    inputs: { keepers: "texts" },
    required: [],
    defaults: {},
    made: ["result"],
    secret: [],
    make: () => {
      const result = randomUUID();
      return Promise.resolve({ id: result, outputs: { result } });
    },
  },
};

/** The inputs with what is left out filled in. */
export function withDefaults(type: RandomType, inputs: PropertyMap): PropertyMap {
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null));
  if (!("numeric" in type.inputs)) return { ...type.defaults, ...given };
  const numeric = given["numeric"] ?? given["number"] ?? true;
  return { ...type.defaults, ...given, numeric, number: numeric };
}

function textOf(inputs: PropertyMap): string {
  const { overrideSpecial } = inputs;
  return randomText({
    length: numberOf(inputs["length"]),
    classes: classesOf(inputs),
    atLeast: Object.fromEntries(classes.map((name) => [name, numberOf(inputs[minima[name]])])),
    ...(typeof overrideSpecial === "string" && overrideSpecial !== "" ? { special: overrideSpecial } : {}),
  });
}

/** An unknown one counts: only a value that is known can be wrong. */
function classesOf(inputs: PropertyMap): readonly CharacterClass[] {
  return classes.filter((name) => inputs[name] === true || inputs[name] instanceof Unknown);
}

function numberOf(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}

/** Tells the real provider which form of the state this is, so that it does not convert it after an import. */
function schemaVersion(version: number): string {
  return JSON.stringify({ schema_version: String(version) });
}
