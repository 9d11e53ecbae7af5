/** Pods that get more of the node that they run on than they had. Pure. */
import { at, isMap, itemsAt, textAt, textsAt, type Properties, type Value } from "../../../policy/values.ts";
import type { ResourceChange } from "../compare.ts";
import type { Finding } from "../report.ts";
import { few, kindOf, sidesOf } from "./sides.ts";

export function podFindings(change: ResourceChange): readonly Finding[] {
  if (change.op === "delete" || kindOf(change) === undefined) return [];
  const { before, after } = sidesOf(change);
  const known = new Set(powersIn(before));
  const added = [...new Set(powersIn(after))].filter((power) => !known.has(power));
  if (added.length === 0) return [];
  return [{ kind: "permissions-grew", level: "danger", message: `its pods now have ${few(added)}` }];
}

/** Of every pod specification in the object, wherever it is. */
function powersIn(value: Value): readonly string[] {
  if (Array.isArray(value)) return (value as readonly Value[]).flatMap(powersIn);
  if (!isMap(value)) return [];
  const own = itemsAt(value, "containers").length > 0 ? powersOf(value) : [];
  return [...own, ...Object.values(value).flatMap(powersIn)];
}

function powersOf(spec: Properties): readonly string[] {
  const containers = ["containers", "initContainers"].flatMap((list) => itemsAt(spec, list));
  return [
    ...["hostNetwork", "hostPID", "hostIPC"].filter((key) => at(spec, key) === true),
    ...itemsAt(spec, "volumes").flatMap((volume) => {
      const path = textAt(volume, "hostPath.path");
      return path === undefined ? [] : [`the node's ${path}`];
    }),
    ...containers.flatMap((container) => [
      ...(at(container, "securityContext.privileged") === true ? ["a privileged container"] : []),
      ...textsAt(container, "securityContext.capabilities.add").map((capability) => `the capability ${capability}`),
    ]),
  ];
}
