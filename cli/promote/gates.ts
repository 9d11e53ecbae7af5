/** What a promotion has to pass. Each gate is a function of facts, and says what it has seen. */
import type { Violation } from "../../policy/evaluate.ts";
import { describeUrn } from "../report.ts";
import { chainOf, predecessorOf, rankOf, type Member } from "./chain.ts";
import type { Destruction } from "./destructive.ts";
import type { StackUpdate } from "./updates.ts";
import type { waivable } from "./waivable.ts";

type GateName = (typeof waivable)[number] | "last-up" | "lock" | "plan" | "policies" | "destructive";

export interface GateResult {
  readonly gate: GateName;
  readonly result: "passed" | "refused" | "waived";
  /** What was seen. */
  readonly evidence: string;
  /** Why it was let through all the same. */
  readonly reason?: string;
}

export type Waivers = Readonly<Partial<Record<GateName, string>>>;

const passed = (gate: GateName, evidence: string): GateResult => ({ gate, result: "passed", evidence });
const refused = (gate: GateName, evidence: string): GateResult => ({ gate, result: "refused", evidence });

/** A gate that refuses is waived by a reason that somebody gave for it. */
export function withWaiver(result: GateResult, waivers: Waivers): GateResult {
  const reason = waivers[result.gate];
  return result.result === "refused" && reason !== undefined ? { ...result, result: "waived", reason } : result;
}

/** FROM is the environment before TO. */
export function orderGate(from: Member, to: Member, all: readonly Member[]): GateResult {
  const before = predecessorOf(to, all);
  if (before?.stack === from.stack) return passed("order", `${from.stack} is the environment before ${to.stack}`);
  const instead = before === undefined ? "nothing is before it" : `before it is ${before.stack}`;
  const skipped = chainOf(from) === chainOf(to) && before !== undefined && rankOf(before) > rankOf(from);
  return refused(
    "order",
    skipped
      ? `${before.stack} is skipped: it is between ${from.stack} and ${to.stack}`
      : `${from.stack} is not the environment before ${to.stack}: ${instead}`,
  );
}

/** FROM's last `up` came to its end. */
export function lastUpGate(from: string, updates: readonly StackUpdate[] | undefined): GateResult {
  if (updates === undefined) {
    const how = `${from}: its state is the Pulumi CLI's, and there is no pulumi on PATH to ask for it`;
    return refused("last-up", `${how}; install it, or --engine offline for a stack that kf has brought up by itself`);
  }
  const last = updates.filter(({ kind }) => kind === "update" || kind === "destroy").at(-1);
  if (last === undefined) return refused("last-up", `${from} was never brought up: kf up ${from}`);
  if (last.kind === "destroy") return refused("last-up", `${from} was destroyed at ${last.started}: kf up ${from}`);
  if (last.result === "succeeded")
    return passed("last-up", `the last up of ${from} succeeded at ${String(last.ended)}`);
  const what = last.result === "failed" ? `failed at ${String(last.ended)}` : "has not ended: it runs, or was killed";
  return refused("last-up", `the up of ${from} that began at ${last.started} ${what}: kf up ${from}`);
}

export interface LockFacts {
  /** Of the release part: as it was brought up last (undefined: not told), and as FROM's files are now. */
  readonly part: { readonly running: string | undefined; readonly files: string };
  /** Of everything rendered: what the stack's output says, and what its files render to. */
  readonly render: { readonly running: string | undefined; readonly files: string };
}

/** What runs in FROM is what its files say: that is what TO would get. */
export function lockGate(from: string, { part, render }: LockFacts): GateResult {
  const short = (digest: string | undefined): string => digest?.slice(0, 12) ?? "nothing";
  if (render.running !== render.files) {
    const seen = `${short(render.running)} runs in ${from}, and its files render to ${short(render.files)}`;
    return refused("lock", `${seen}: kf up ${from}`);
  }
  if (part.running !== undefined && part.running !== part.files)
    return refused("lock", `the options of ${from} were changed after its last up: kf up ${from}`);
  return passed("lock", `${short(render.files)} is what runs in ${from} and what its files render to`);
}

/** `notReady`: undefined when the cluster could not be asked, and `problem` says why. */
export interface Health {
  readonly asked: number;
  readonly notReady?: readonly string[];
  readonly problem?: string;
}

export function healthGate(from: string, { asked, notReady, problem }: Health): GateResult {
  if (notReady === undefined) return refused("health", `${from} could not be asked: ${problem ?? "no kubeconfig"}`);
  if (asked === 0) return refused("health", `${from} has no workload to be asked for its health`);
  if (notReady.length > 0) return refused("health", `not ready in ${from}: ${notReady.join("; ")}`);
  return passed("health", `all ${String(asked)} workloads of ${from} are ready`);
}

/** @param soakedHours how long FROM has run what is promoted, without another release between. */
export function soakGate(from: string, soakedHours: number | undefined, neededHours: number): GateResult {
  const needed = `${String(neededHours)} h are needed (kubeflow:promotion.soakHours)`;
  if (soakedHours === undefined) return refused("soak", `${from} does not run what is promoted; ${needed}`);
  const seen = `${from} has run it for ${soakedHours.toFixed(1)} h; ${needed}`;
  return soakedHours >= neededHours ? passed("soak", seen) : refused("soak", seen);
}

/** What would be done to TO. */
export interface PlanFacts {
  readonly failed: boolean;
  readonly errors: readonly string[];
  readonly policies: readonly Violation[];
  /** Of the policies that are mandatory in TO, as the engine tells them. */
  readonly summary: string;
  /** What TO holds is known here; else everything is planned as new. */
  readonly stateKnown: boolean;
}

export function planGate(to: string, { failed, errors, policies, summary }: PlanFacts): GateResult {
  const isPolicies = policies.some(({ enforcement }) => enforcement === "mandatory");
  if (failed && !isPolicies) return refused("plan", `${to} cannot be planned: ${errors.join("; ")}`);
  return passed("plan", summary);
}

export function policyGate(to: string, { policies }: PlanFacts): GateResult {
  const mandatory = policies.filter(({ enforcement }) => enforcement === "mandatory");
  const others = policies.length - mandatory.length;
  const rest = others === 0 ? "" : `, ${String(others)} violations of advisory ones`;
  if (mandatory.length === 0) return passed("policies", `no mandatory policy of ${to} is violated${rest}`);
  const names = [...new Set(mandatory.map(({ rule, urn }) => `${rule} (${describeUrn(urn)})`))].join(", ");
  return refused("policies", `violated in ${to}: ${names}`);
}

export function knownStateGate(to: string, { stateKnown }: PlanFacts): GateResult {
  if (stateKnown) return passed("known-state", `the plan is against the state of ${to}`);
  return refused(
    "known-state",
    `the state of ${to} is not here, so everything is planned as new, and what would be replaced or deleted is told by ` +
      "its files before and after, not by what runs",
  );
}

/** @param acknowledged URNs, or their names (`kubeflow/mysql-pv-claim`). */
export function destructiveGate(
  to: string,
  destroyed: readonly Destruction[],
  acknowledged: readonly string[],
): GateResult {
  const isAcknowledged = (urn: string): boolean =>
    acknowledged.some((name) => name === urn || name === urn.split("::").at(-1));
  const open = destroyed.filter(({ urn }) => !isAcknowledged(urn));
  if (open.length === 0) {
    const seen = destroyed.map(({ urn, message }) => `${describeUrn(urn)}: ${message}, acknowledged`).join("; ");
    return passed("destructive", seen === "" ? `nothing that holds data is replaced or deleted in ${to}` : seen);
  }
  const what = open.map(({ urn, message }) => `${describeUrn(urn)}: ${message} (--acknowledge ${urn})`).join("; ");
  return refused("destructive", what);
}
