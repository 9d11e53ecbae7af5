/** From the inputs of Pulumi's Google types, which are Terraform's, to the requests that Google is sent. */
import { isMap, type PropertyMap, type Value } from "../../../engine/values.ts";
import type { CloudResource } from "../recorded-stack.ts";
import type { Request } from "./discovery.ts";

/** Where an input goes: a path from where it would be by its own name. */
export type Move = string | Turn;

interface Turn {
  /** @default - as it would be by its own name */
  readonly to?: string;
  /** What Terraform gives another form. Undefined: nothing is sent. */
  readonly as?: (value: Value) => Value | undefined;
  /** What the API wants, where its document does not say so. */
  readonly wants?: RegExp;
}

export interface GcpType {
  /** `container.v1` */
  readonly document: string;
  /** `projects.locations.clusters.create` */
  readonly method: string;
  /** Of the path and the query, with inputs, or settings of the provider, in braces. These inputs are not in the body. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Where in the body all inputs are. @default - the body itself */
  readonly body?: string;
  /** By dotted path, without indices, those whose place in the API is not their name. */
  readonly moves?: Readonly<Record<string, Move>>;
  /** Inputs that are in no request, and why. */
  readonly dropped?: Readonly<Record<string, string>>;
  /** What the document calls deprecated, by path, and why it is given. */
  readonly deprecated?: Readonly<Record<string, string>>;
}

export interface GcpRequest extends Request {
  /** What is wrong by the table itself. */
  readonly problems: readonly string[];
  /** The entries of `moves` and `dropped` that were needed. */
  readonly used: readonly string[];
}

/** The request that creates a resource. An input that the API does not know stays in under its own name. */
export function requestOf(type: GcpType, { inputs, provider }: CloudResource): GcpRequest {
  const builder = new Builder(type);
  const taken = new Set<string>(["project"]);
  const parameters = Object.entries(type.parameters).map(([parameter, template]) => {
    const filled = template.replace(/\{(\w+)\}/g, (_, input: string) => {
      taken.add(input);
      return textOf(inputs[input] ?? provider[input]);
    });
    return [parameter, filled] as const;
  });
  const rest = Object.entries(inputs).filter(([input]) => !taken.has(input));
  const start = type.body?.split(".") ?? [];
  builder.placeAll(Object.fromEntries(rest), "", start);
  return {
    parameters: Object.fromEntries(parameters),
    body: builder.body,
    problems: builder.problems,
    used: builder.used,
  };
}

/** Empty is no path of any method. */
function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

class Builder {
  readonly problems: string[] = [];
  readonly used: string[] = [];
  private readonly type: GcpType;
  private readonly root: Branch = new Map();

  constructor(type: GcpType) {
    this.type = type;
  }

  get body(): PropertyMap {
    const grown = grow(this.root);
    return isMap(grown) ? grown : {};
  }

  /** @param from the path of the inputs, without indices. @param to the place in the body. */
  placeAll(inputs: PropertyMap, from: string, to: readonly string[]): void {
    for (const [key, value] of Object.entries(inputs))
      this.placeOne(value, from === "" ? key : `${from}.${key}`, key, to);
  }

  private placeOne(given: Value, from: string, key: string, parent: readonly string[]): void {
    const { moves = {}, dropped = {} } = this.type;
    const move = moves[from];
    if (move !== undefined || from in dropped) this.used.push(from);
    if (from in dropped) return;
    const { to = key, as, wants }: Turn = typeof move === "string" ? { to: move } : (move ?? {});
    if (wants !== undefined && !(typeof given === "string" && wants.test(given))) {
      this.problems.push(`${from}: ${JSON.stringify(given)} does not match ${wants.source}`);
    }
    const value = as === undefined ? given : as(given);
    if (value === undefined) return;
    // A key of a map is no path, whatever is in it.
    const steps = move === undefined ? [key] : to.split(".").filter((step) => step !== "");
    this.place(value, from, [...parent, ...steps]);
  }

  private place(value: Value, from: string, to: readonly string[]): void {
    if (isMap(value)) {
      this.set(to, new Map());
      this.placeAll(value, from, to);
    } else if (Array.isArray(value)) {
      this.set(to, new Map([[isListMark, null]]));
      (value as readonly Value[]).forEach((item, index) => this.place(item, from, [...to, String(index)]));
    } else {
      this.set(to, value);
    }
  }

  /** What is there already, by another input's move, stays. */
  private set(path: readonly string[], value: Branch | Value): void {
    let at = this.root;
    const last = path.at(-1);
    if (last === undefined) return;
    for (const part of path.slice(0, -1)) {
      const next = at.get(part);
      const branch: Branch = isBranch(next) ? next : new Map<string, Branch | Value>();
      at.set(part, branch);
      at = branch;
    }
    if (!(isBranch(at.get(last)) && isBranch(value))) at.set(last, value);
  }
}

/** A map or a list that is being filled in. */
type Branch = Map<string, Branch | Value>;
const isListMark = "[]";

const isBranch = (value: Branch | Value | undefined): value is Branch => value instanceof Map;

function grow(branch: Branch): Value {
  const items = [...branch].filter(([key]) => key !== isListMark);
  const values = items.map(([key, value]) => [key, isBranch(value) ? grow(value) : value] as const);
  const isList = branch.has(isListMark) || (items.length > 0 && items.every(([key]) => /^\d+$/.test(key)));
  return isList ? values.map(([, value]) => value) : Object.fromEntries(values);
}
