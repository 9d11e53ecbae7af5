/** What somebody may do in the cluster now and could not before. Pure. */
import { noWildcardClusterRole } from "../../../policy/rules/iam.ts";
import { at, itemsAt, textAt, textsAt, type Properties, type Value } from "../../../policy/values.ts";
import type { ResourceChange } from "../compare.ts";
import type { Finding } from "../report.ts";
import { few, kindOf, newlyWrong, sidesOf } from "./sides.ts";

/** One thing that may be done: a verb on a resource of a group, or on a path of the API. */
interface Grant {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty: whatever its name. */
  readonly name: string;
}

export function rbacFindings(change: ResourceChange): readonly Finding[] {
  const kind = kindOf(change);
  if (change.op === "delete" || kind === undefined) return [];
  if (kind === "Role" || kind === "ClusterRole") return roleFindings(change);
  return kind === "RoleBinding" || kind === "ClusterRoleBinding" ? bindingFindings(change) : [];
}

function roleFindings(change: ResourceChange): readonly Finding[] {
  const { before, after } = sidesOf(change);
  const olds = grantsOf(before);
  const grown = grantsOf(after).filter((grant) => !olds.some((old) => covers(old, grant)));
  const aggregated = aggregationOf(after).filter((label) => !aggregationOf(before).includes(label));
  const wide = newlyWrong(noWildcardClusterRole, change);
  return [
    ...wide.map((message) => finding("danger", message)),
    ...(grown.length === 0 || wide.length > 0 ? [] : [grownFinding(change, grown)]),
    ...(aggregated.length === 0
      ? []
      : [finding("warning", `its rules become part of other roles: ${few(aggregated)}`)]),
  ];
}

function grownFinding({ op }: ResourceChange, grown: readonly Grant[]): Finding {
  const said = few([...new Set(grown.map(describe))]);
  if (grown.some(isPowerful)) return finding("danger", `may now ${said}`);
  // A new role lets nobody do anything before it is bound.
  return op === "create" ? finding("info", `a new role that may ${said}`) : finding("warning", `may now ${said}`);
}

const describe = ({ verb, group, resource, name }: Grant): string =>
  `${verb} ${resource}${group === "" ? "" : `.${group}`}${name === "" ? "" : ` ${name}`}`;

/** Verbs with which a right makes others, and resources that hold or lead to credentials. */
const powerfulVerbs: ReadonlySet<string> = new Set(["*", "escalate", "bind", "impersonate"]);
const powerfulResources: ReadonlySet<string> = new Set([
  ...["*", "secrets", "pods/exec", "pods/attach", "serviceaccounts/token", "nodes/proxy"],
  ...["clusterrolebindings", "rolebindings", "mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
]);

/** Everything with one name only is not everything; verbs of one's own group of objects are not the cluster's. */
const isPowerful = ({ verb, group, resource, name }: Grant): boolean =>
  (powerfulVerbs.has(verb) && (verb !== "*" || group === "" || group === "*")) ||
  (powerfulResources.has(resource) && (name === "" || resource !== "secrets") && (resource !== "*" || group === "*"));

/** Every combination that the rules allow. A list that is not known allows nothing that can be told. */
function grantsOf(role: Properties): readonly Grant[] {
  return itemsAt(role, "rules").flatMap((rule) => {
    const names = textsAt(rule, "resourceNames");
    const paths = textsAt(rule, "nonResourceURLs");
    return textsAt(rule, "verbs").flatMap((verb) => [
      ...paths.map((resource) => ({ verb, group: "", resource, name: "" })),
      ...textsAt(rule, "apiGroups").flatMap((group) =>
        textsAt(rule, "resources").flatMap((resource) =>
          (names.length === 0 ? [""] : names).map((name) => ({ verb, group, resource, name })),
        ),
      ),
    ]);
  });
}

function covers(old: Grant, grant: Grant): boolean {
  const fits = (wide: string, narrow: string): boolean => wide === "*" || wide === narrow;
  const isPath = grant.resource.startsWith("/");
  const resource = isPath
    ? old.resource === grant.resource ||
      (old.resource.endsWith("*") && grant.resource.startsWith(old.resource.slice(0, -1)))
    : fits(old.resource, grant.resource) && !old.resource.startsWith("/");
  return (
    resource &&
    fits(old.verb, grant.verb) &&
    fits(old.group, grant.group) &&
    (old.name === "" || old.name === grant.name)
  );
}

/** `aggregate-to-admin`: the labels by which other roles take this one's rules in. */
function aggregationOf(role: Properties): readonly string[] {
  const labels = at(role, "metadata.labels");
  if (typeof labels !== "object" || labels === null || Array.isArray(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]) =>
    key.includes("/aggregate-to-") && value === "true" ? [key] : [],
  );
}

/** Groups that anyone is in. */
const everybody: ReadonlySet<string> = new Set([
  ...["system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts"],
]);

function bindingFindings(change: ResourceChange): readonly Finding[] {
  const { before, after } = sidesOf(change);
  const role = textAt(after, "roleRef.name") ?? "a role";
  const known =
    textAt(before, "roleRef.name") === role ? new Set(itemsAt(before, "subjects").map(subjectText)) : undefined;
  const added = itemsAt(after, "subjects").filter((subject) => known?.has(subjectText(subject)) !== true);
  if (added.length === 0) return [];
  const isWide = role === "cluster-admin" || added.some((subject) => everybody.has(textAt(subject, "name") ?? ""));
  return [finding(isWide ? "danger" : "warning", `${few(added.map(subjectText))} may now do what ${role} may`)];
}

function subjectText(subject: Value): string {
  const namespace = textAt(subject, "namespace");
  const name = textAt(subject, "name") ?? "";
  return `${textAt(subject, "kind") ?? ""} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

const finding = (level: Finding["level"], message: string): Finding => ({ kind: "permissions-grew", level, message });
