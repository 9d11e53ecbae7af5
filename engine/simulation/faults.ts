/** What can go wrong in a cloud, by order: `aws:eks/cluster:Cluster:create=quota-exceeded`. */
import { setTimeout as delay } from "node:timers/promises";
import { closest } from "fastest-levenshtein";
import { UserError } from "../../shared/errors.ts";
import type { ResourceRef } from "../provider.ts";
import { nameOfUrn } from "../urn.ts";
import { faultKinds, faultSyntax, faultyOperations } from "./fault-syntax.ts";
import type { SimulationTable } from "./table.ts";

type FaultyOperation = (typeof faultyOperations)[number];
type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  /** As it was asked for. */
  readonly text: string;
  readonly type: string;
  readonly operation: FaultyOperation;
  readonly kind: FaultKind;
  /** How many calls it hits. */
  readonly times: number;
}

/**
 * @param tables all that the stack's simulated clouds know.
 * @throws UserError (wrong usage) that lists what is allowed.
 */
export function parseFaults(texts: readonly string[], tables: readonly SimulationTable[]): readonly Fault[] {
  const types = tables.flatMap((table) => Object.keys(table)).sort();
  return texts.map((text) => parseFault(text, types));
}

function parseFault(text: string, types: readonly string[]): Fault {
  const refuse = (why: string): UserError =>
    new UserError(`--fault ${JSON.stringify(text)}: ${why}. Write ${faultSyntax}`, { exitCode: 2 });
  const match = /^(.+):([^:=]+)=([a-z-]+?)(?:x(\d+))?$/.exec(text);
  if (match === null) throw refuse("cannot be read");
  const [, type = "", operation, kind, times = "1"] = match;
  if (!types.includes(type)) {
    const near = types.length === 0 ? "" : `; did you mean ${closest(type, types)}?`;
    throw refuse(`the simulated cloud has no type ${type}${near} Allowed: ${types.join(", ")}`);
  }
  const knownOperation = faultyOperations.find((known) => known === operation);
  if (knownOperation === undefined)
    throw refuse(`${String(operation)} is no operation; allowed: ${faultyOperations.join(", ")}`);
  const knownKind = faultKinds.find((known) => known === kind);
  if (knownKind === undefined) throw refuse(`${String(kind)} is no kind of fault; allowed: ${faultKinds.join(", ")}`);
  if (Number(times) < 1) throw refuse("x0 would never happen; allowed: x1 and more");
  return { text, type, operation: knownOperation, kind: knownKind, times: Number(times) };
}

/** How often a call that may pass later is made in all, as the real providers do it. */
const attempts = 5;
const firstPauseMs = 200;
const slowMs = 3_000;

export interface FaultOptions {
  readonly progress?: (message: string) => void;
  /** @default - real time */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The faults of one run; each hits as many calls as it says and then no more. */
export class Faults {
  readonly #left: { readonly fault: Fault; times: number }[];
  readonly #progress: (message: string) => void;
  readonly #pause: (ms: number, signal: AbortSignal) => Promise<void>;

  constructor(faults: readonly Fault[], { progress, pause }: FaultOptions = {}) {
    this.#left = faults.map((fault) => ({ fault, times: fault.times }));
    this.#progress = progress ?? ((): void => undefined);
    this.#pause = pause ?? ((ms, signal) => delay(ms, undefined, { signal }));
  }

  /** Faults that hit nothing: there was no such call. */
  get unused(): readonly Fault[] {
    return this.#left.filter(({ fault, times }) => times === fault.times).map(({ fault }) => fault);
  }

  /** Makes a call to the cloud, with whatever goes wrong on the way. */
  async during<T>(
    operation: FaultyOperation,
    resource: ResourceRef,
    signal: AbortSignal,
    call: () => Promise<T>,
  ): Promise<T> {
    const what = `simulated ${operation} of ${resource.type} ${nameOfUrn(resource.urn)}`;
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      const kind = this.#next(resource.type, operation);
      switch (kind) {
        case undefined:
          return call();
        case "slow":
          this.#progress(`${what}: the cloud takes its time`);
          await this.#pause(slowMs, signal);
          return call();
        case "fails-half-way":
          await call();
          throw failure(what, kind, operation);
        case "quota-exceeded":
        case "capacity-missing":
          throw failure(what, kind, operation);
        case "throttling":
        case "not-found-yet": {
          if (attempt === attempts) throw failure(what, kind, operation);
          const ms = firstPauseMs * 2 ** (attempt - 1);
          this.#progress(`${what}: ${causes[kind]}, attempt ${attempt} of ${attempts}, again in ${ms / 1000} s`);
          await this.#pause(ms, signal);
        }
      }
    }
  }

  #next(type: string, operation: FaultyOperation): FaultKind | undefined {
    const next = this.#left.find(
      ({ fault, times }) => times > 0 && fault.type === type && fault.operation === operation,
    );
    if (next === undefined) return undefined;
    next.times -= 1;
    return next.fault.kind;
  }
}

const causes: Readonly<Record<Exclude<FaultKind, "slow">, string>> = {
  throttling: "the cloud throttles the calls of this account (429 Too Many Requests)",
  "not-found-yet": "what it refers to is not found yet (404), though it was just created",
  "quota-exceeded": "the quota of this account is used up (429 QuotaExceeded)",
  "capacity-missing": "the cloud has no capacity for it now (InsufficientCapacity)",
  "fails-half-way": "the connection broke after the cloud had taken the call",
};

const remedies: Readonly<Record<Exclude<FaultKind, "slow">, string>> = {
  throttling: "Run it again, with a lower --parallel if it goes on",
  "not-found-yet": "Run it again in a minute",
  "quota-exceeded": "Ask the cloud for a higher quota or make it smaller in the stack's file, then run it again",
  "capacity-missing": "Allow another zone, machine type or kind of capacity in the stack's file, or run it again later",
  "fails-half-way": "Run it again: it finds what is there and goes on from it",
};

function failure(what: string, kind: Exclude<FaultKind, "slow">, operation: FaultyOperation): UserError {
  const after = kind === "throttling" || kind === "not-found-yet" ? `, after ${attempts} attempts` : "";
  const state =
    kind === "fails-half-way"
      ? `, so it is ${operation === "delete" ? "gone" : "there"} and the stack's state does not know`
      : "";
  return new UserError(`${what}: ${causes[kind]}${after}${state}. ${remedies[kind]}`);
}
