import type { Alias } from "@pulumi/pulumi/proto/alias_pb.js";
import type { Goal } from "./goal.ts";
import { makeUrn, nameOfUrn, parseUrn, typeOfUrn } from "./urn.ts";

/**
 * The URNs that a resource may have had: what its aliases say, and what follows from its parent having been renamed.
 * @param parentAlias the URN under which the parent was found in state, when that is not its own.
 */
export function aliasUrns(goal: Goal, urn: string, parentAlias: string | undefined): ReadonlySet<string> {
  const own = goal.options.getAliasesList().map((alias) => resolveAlias(alias, goal, urn));
  const urns = new Set(own);
  if (goal.parent !== undefined && parentAlias !== undefined) {
    const parent = goal.parent;
    for (const alias of [urn, ...own])
      urns.add(inheritedAlias(typeOfUrn(alias), nameOfUrn(alias), nameOfUrn(parent), parentAlias));
  }
  urns.delete(urn);
  return urns;
}

function resolveAlias(alias: Alias, goal: Goal, urn: string): string {
  const spec = alias.getSpec();
  if (spec === undefined) return alias.getUrn();
  const current = parseUrn(urn);
  const given = (text: string, otherwise: string): string => (text === "" ? otherwise : text);
  const parent = spec.getNoparent() ? undefined : given(spec.getParenturn(), goal.parent ?? "");
  return makeUrn(
    given(spec.getStack(), current.stack),
    given(spec.getProject(), current.project),
    parent === "" ? undefined : parent,
    given(spec.getType(), goal.type),
    given(spec.getName(), goal.name),
  );
}

/** A child named after its parent (`web-port` below `web`) was named after the old parent before. */
function inheritedAlias(type: string, name: string, parentName: string, parentAlias: string): string {
  const { stack, project } = parseUrn(parentAlias);
  const oldName = name.startsWith(parentName) ? nameOfUrn(parentAlias) + name.slice(parentName.length) : name;
  return makeUrn(stack, project, parentAlias, type, oldName);
}
