/** What somebody may do in the cloud now and could not before. Pure. */
import { noWildcardIam } from "../../../policy/rules/iam.ts";
import { statementsOf } from "../../../policy/rules/iam-documents.ts";
import { at, itemsAt, jsonAt, textsAt, unknown, type Properties, type Value } from "../../../policy/values.ts";
import type { ResourceChange } from "../compare.ts";
import type { Finding } from "../report.ts";
import { few, newlyWrong, sidesOf } from "./sides.ts";

/** What by its very presence gives somebody a right; the text says which to whom. */
const grants: readonly (readonly [RegExp, (props: Properties) => string])[] = [
  [/^gcp:.*I(am|AM)(Member|Binding)$/, (props) => `${people(props)} may now do what ${shown(at(props, "role"))} may`],
  [
    /^aws:iam\/(role|user|group)PolicyAttachment:/,
    (props) => `${shown(at(props, "policyArn"))} is attached to ${shown(at(props, "role") ?? at(props, "user"))}`,
  ],
  [
    /^aws:eks\/accessPolicyAssociation:/,
    (props) => `${shown(at(props, "principalArn"))} has ${shown(at(props, "policyArn"))} in the cluster`,
  ],
  [/^aws:eks\/accessEntry:/, (props) => `${shown(at(props, "principalArn"))} may come into the cluster`],
  [
    /^aws:eks\/podIdentityAssociation:/,
    (props) =>
      `${shown(at(props, "namespace"))}/${shown(at(props, "serviceAccount"))} is ${shown(at(props, "roleArn"))}`,
  ],
  [
    /^azure-native:authorization:RoleAssignment$/,
    (props) =>
      `${shown(at(props, "principalId"))} has ${shown(at(props, "roleDefinitionId"))} on ${shown(at(props, "scope"))}`,
  ],
  [/^azure-native:managedidentity:FederatedIdentityCredential$/, (props) => `${shown(at(props, "subject"))} is let in`],
  [/^azuread:.*(AppRoleAssignment|GroupMember|DirectoryRoleAssignment)$/, () => "a member or a role is assigned"],
];

const documents = ["policy", "assumeRolePolicy", "keyPolicy", "accessPolicy"] as const;

export function iamFindings(change: ResourceChange): readonly Finding[] {
  const { op, type } = change;
  if (op === "delete" || type.startsWith("kubernetes:")) return [];
  const wide = newlyWrong(noWildcardIam, change);
  const sides = sidesOf(change);
  const grown = documents.flatMap((key) => grownIn(jsonAt(sides.before, key), jsonAt(sides.after, key)));
  const custom = roleDefinition(sides.before, sides.after);
  return [
    ...wide.map((message) => finding("danger", message)),
    ...(grown.length + custom.length === 0
      ? []
      : [
          finding(
            "warning",
            `${op === "create" ? "a new document allows" : "now allows"} ${few([...grown, ...custom])}`,
          ),
        ]),
    ...granted(type, sides.before, sides.after),
  ];
}

function granted(type: string, before: Properties, after: Properties): readonly Finding[] {
  const describe = grants.find(([pattern]) => pattern.test(type))?.[1];
  if (describe === undefined) return [];
  const text = describe(after);
  return Object.keys(before).length > 0 && describe(before) === text && !hasNewMembers(before, after)
    ? []
    : [finding("warning", text)];
}

const hasNewMembers = (before: Properties, after: Properties): boolean =>
  textsAt(after, "members").some((member) => !textsAt(before, "members").includes(member));

const people = (props: Properties): string =>
  at(props, "member") === undefined ? few(textsAt(props, "members")) : shown(at(props, "member"));

function shown(value: Value | undefined): string {
  if (value === unknown) return "(known after the apply)";
  return typeof value === "string" ? value : "nobody named";
}

/** `s3:GetObject on arn:...`, of whatever the new document allows and the old one does not. */
function grownIn(before: Properties | undefined, after: Properties | undefined): readonly string[] {
  if (after === undefined) return [];
  const olds = before === undefined ? [] : statementsOf(before);
  const news = statementsOf(after);
  const allowed = (statements: readonly Value[]): readonly Permission[] =>
    statements.filter((statement) => at(statement, "Effect") === "Allow").flatMap(permissionsOf);
  const known = allowed(olds);
  const more = allowed(news).filter((permission) => !known.some((old) => includes(old, permission)));
  const denials = (statements: readonly Value[]): readonly string[] =>
    statements.filter((statement) => at(statement, "Effect") === "Deny").map((statement) => JSON.stringify(statement));
  const gone = denials(olds).filter((denial) => !denials(news).includes(denial));
  return [...more.map(permissionText), ...gone.map(() => "what a Deny statement forbade")];
}

interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly principal: string;
  readonly condition: string;
}

function permissionsOf(statement: Value): readonly Permission[] {
  const resources = textsAt(statement, "Resource");
  const rest = {
    principal: JSON.stringify(at(statement, "Principal") ?? null),
    condition: JSON.stringify(at(statement, "Condition") ?? null),
  };
  const actions = at(statement, "NotAction") === undefined ? textsAt(statement, "Action") : ["everything but a few"];
  return actions.flatMap((action) =>
    (resources.length === 0 ? [""] : resources).map((resource) => ({ action, resource, ...rest })),
  );
}

const includes = (old: Permission, { action, resource, principal, condition }: Permission): boolean =>
  glob(old.action, action) &&
  glob(old.resource, resource) &&
  old.principal === principal &&
  (old.condition === condition || old.condition === "null");

function glob(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

function permissionText({ action, resource, principal }: Permission): string {
  const who = principal === "null" ? "" : ` for ${principal}`;
  return `${action}${resource === "" ? "" : ` on ${resource}`}${who}`;
}

/** Of a role that is defined here: actions that it did not have. */
function roleDefinition(before: Properties, after: Properties): readonly string[] {
  const actions = (props: Properties): readonly string[] => [
    ...textsAt(props, "permissions"),
    ...itemsAt(props, "permissions").flatMap((permission) =>
      ["actions", "dataActions"].flatMap((key) => textsAt(permission, key)),
    ),
  ];
  const known = actions(before);
  return actions(after).filter((action) => !known.some((old) => glob(old, action)));
}

const finding = (level: Finding["level"], message: string): Finding => ({ kind: "permissions-grew", level, message });
