/** Plans of both sides -> the report. Pure. */
import { nameOfUrn, stackType } from "../../engine/urn.ts";
import type { Violation } from "../../policy/evaluate.ts";
import { canonicalJson, sha256 } from "../../release/json.ts";
import type { PlannedResource } from "../operation.ts";
import { describeUrn } from "../report.ts";
import { compareListings, type ResourceChange } from "./compare.ts";
import type { StackPlan } from "./plans.ts";
import type { ReplacementRules } from "./replacements.ts";
import type { Change, ChangeOp, DiffReport, Finding, GraphNode, PolicyChange, StackDiff } from "./report.ts";

/** A stack at both sides; a side without it has no plan. */
export interface StackPair extends Pick<StackDiff, "stack" | "target" | "environment" | "cost" | "gpus"> {
  readonly before: StackPlan | undefined;
  readonly after: StackPlan | undefined;
}

/** What there is to say of a change. */
export type FindingsOf = (change: ResourceChange) => readonly Finding[];

export function assemble(
  pairs: readonly StackPair[],
  replacesOf: ReplacementRules,
  findingsOf: FindingsOf,
): Pick<DiffReport, "stacks" | "changes" | "graph" | "unaffected"> {
  const compared = pairs.map((pair) => ({ pair, changes: changesOf(pair, replacesOf) }));
  const stacks = compared.map(({ pair, changes }) => describeStack(pair, changes));
  const isAffected = (stack: StackDiff): boolean =>
    stack.failure !== undefined ||
    stack.is !== "changed" ||
    Object.values(stack.summary).some((count) => count > 0) ||
    stack.policies.added.length + stack.policies.resolved.length > 0 ||
    canonicalJson(stack.cost.before ?? null) !== canonicalJson(stack.cost.after ?? null) ||
    canonicalJson(stack.gpus.before) !== canonicalJson(stack.gpus.after);
  const affected = stacks.filter(isAffected);
  const names = new Set(affected.map(({ stack }) => stack));
  const identified = compared.flatMap(({ pair, changes }) =>
    changes.map((change) => ({ stack: pair.stack, urn: change.urn, change: identify(change, findingsOf(change)) })),
  );
  return {
    stacks: affected,
    unaffected: stacks.filter(({ stack }) => !names.has(stack)).map(({ stack }) => stack),
    changes: merged(identified),
    graph: graphOf(
      compared.map(({ pair }) => pair).filter(({ stack }) => names.has(stack)),
      identified,
    ),
  };
}

function changesOf({ before, after }: StackPair, replacesOf: ReplacementRules): readonly ResourceChange[] {
  if (isFailure(before) || isFailure(after)) return [];
  return compareListings(before?.resources ?? [], after?.resources ?? [], replacesOf);
}

const isFailure = (plan: StackPlan | undefined): plan is Extract<StackPlan, { readonly failure: string }> =>
  plan !== undefined && "failure" in plan;

function describeStack(pair: StackPair, changes: readonly ResourceChange[]): StackDiff {
  const { stack, target, environment, before, after, cost, gpus } = pair;
  const failure = isFailure(after)
    ? ({ at: "head", message: after.failure } as const)
    : isFailure(before)
      ? ({ at: "base", message: before.failure } as const)
      : undefined;
  const count = (op: ChangeOp): number => changes.filter((change) => change.op === op).length;
  return {
    ...{ stack, target, environment, cost, gpus },
    ...(failure === undefined ? {} : { failure }),
    is: before === undefined ? "new" : after === undefined ? "removed" : "changed",
    summary: { create: count("create"), change: count("change"), replace: count("replace"), delete: count("delete") },
    policies: failure === undefined ? policyChanges(before, after) : { added: [], resolved: [] },
  };
}

function policyChanges(before: StackPlan | undefined, after: StackPlan | undefined): StackDiff["policies"] {
  const [olds, news] = [before, after].map((plan) =>
    plan === undefined || isFailure(plan) ? [] : plan.policies.map(policyChange),
  );
  const missingIn = (list: readonly PolicyChange[] = [], other: readonly PolicyChange[] = []) => {
    const known = new Set(other.map((each) => JSON.stringify(each)));
    return list.filter((each) => !known.has(JSON.stringify(each)));
  };
  return { added: missingIn(news, olds), resolved: missingIn(olds, news) };
}

const policyChange = ({ rule, enforcement, urn, message }: Violation): PolicyChange => ({
  ...{ rule, enforcement, resource: describeUrn(urn), message },
});

const idLength = 12;

/** A change without the stack that it is in. */
function identify(change: ResourceChange, findings: readonly Finding[]): Omit<Change, "stacks"> {
  const { op, type, name, diffs, replaceReasons, before, after } = change;
  const inputs = op === "create" ? after?.inputs : op === "delete" ? before?.inputs : undefined;
  const content = {
    ...{ op, type, name, diffs, replaceReasons, findings },
    ...(inputs === undefined ? {} : { inputs }),
  };
  return { id: sha256(canonicalJson(content)).slice(0, idLength), ...content };
}

interface Identified {
  readonly stack: string;
  readonly urn: string;
  readonly change: Omit<Change, "stacks">;
}

const levels: readonly Finding["level"][] = ["danger", "warning", "info"];
const ops: readonly ChangeOp[] = ["delete", "replace", "change", "create"];

/** The same of several stacks once, what a reviewer must not miss first. */
function merged(identified: readonly Identified[]): readonly Change[] {
  const rank = ({ op, findings }: Change): number => {
    const level = levels.findIndex((each) => findings.some((finding) => finding.level === each));
    return (level < 0 ? levels.length : level) * ops.length + ops.indexOf(op);
  };
  return [...Map.groupBy(identified, ({ change }) => change.id).values()]
    .flatMap((group) => {
      const [first] = group;
      return first === undefined ? [] : [{ ...first.change, stacks: [...new Set(group.map(({ stack }) => stack))] }];
    })
    .sort((a, b) => rank(a) - rank(b) || (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
}

/** Without stack and project: the same resource of two stacks is one. */
const nodeId = (urn: string): string => urn.split("::").slice(2).join("::");

function graphOf(pairs: readonly StackPair[], identified: readonly Identified[]): readonly GraphNode[] {
  const changed = new Map(identified.map(({ stack, urn, change }) => [`${stack} ${nodeId(urn)}`, change]));
  const nodes = new Map<string, GraphNode>();
  for (const { stack, before, after } of pairs) {
    for (const resource of resourcesOf(before, after)) {
      const id = nodeId(resource.urn);
      const change = changed.get(`${stack} ${id}`);
      const known = nodes.get(id);
      nodes.set(id, known === undefined ? node(id, resource, stack, change) : joined(known, stack, change));
    }
  }
  const isThere = (id: string): boolean => nodes.has(id);
  return [...nodes.values()].map(({ parent, ...rest }) => ({
    ...rest,
    ...(parent !== undefined && isThere(parent) ? { parent } : {}),
    dependsOn: rest.dependsOn.filter(isThere),
  }));
}

/** Those of now, and those that are gone. The stack itself is in every picture, and says nothing. */
function resourcesOf(before: StackPlan | undefined, after: StackPlan | undefined): readonly PlannedResource[] {
  const [olds, news] = [before, after].map((plan) => (plan === undefined || isFailure(plan) ? [] : plan.resources));
  const known = new Set(news?.map(({ urn }) => urn));
  return [...(news ?? []), ...(olds ?? []).filter(({ urn }) => !known.has(urn))].filter(
    ({ type }) => type !== stackType,
  );
}

function node(
  id: string,
  { urn, type, parent, dependencies }: PlannedResource,
  stack: string,
  change: Identified["change"] | undefined,
): GraphNode {
  return {
    ...{ id, type, name: nameOfUrn(urn), stacks: [stack] },
    ...(parent === undefined ? {} : { parent: nodeId(parent) }),
    dependsOn: dependencies.map(nodeId),
    ...(change === undefined ? { op: "same" } : { op: change.op, change: change.id }),
  };
}

/** Changed in one stack: changed in the picture. */
function joined(known: GraphNode, stack: string, change: Identified["change"] | undefined): GraphNode {
  const stacks = [...known.stacks, stack];
  return change === undefined || known.change !== undefined
    ? { ...known, stacks }
    : { ...known, stacks, op: change.op, change: change.id };
}
