/** Least privilege: nobody may do everything, and nobody unknown may do anything. */
import type { Check, Rule } from "../rule.ts";
import { at, isMap, itemsAt, jsonAt, textAt, textsAt, type Value } from "../values.ts";
import { allowsEverybody, statementsOf, wildcards } from "./iam-documents.ts";

/** A property of the resource that holds a document about what may be done. */
const document =
  (path: string, check: (statement: Value) => readonly string[]): Check =>
  ({ props }) => {
    const found = jsonAt(props, path);
    return found === undefined ? [] : statementsOf(found).flatMap(check);
  };

/** AWS's own policies that allow everything, or everything in IAM. */
const widePolicies = /:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|job-function\/SystemAdministrator)$/;
const attachment: Check = ({ props }) =>
  textsAt(props, "policyArn")
    .filter((arn) => widePolicies.test(arn))
    .map((arn) => `policyArn is ${arn}`);

/** Basic roles of GCP: thousands of permissions each, changed by Google at will. */
const basicRoles: ReadonlySet<string> = new Set(["roles/owner", "roles/editor"]);
const everybody: ReadonlySet<string> = new Set(["allUsers", "allAuthenticatedUsers"]);
const gcpBinding: Check = ({ type, props }) =>
  !/I(am|AM)(Member|Binding)$/.test(type)
    ? []
    : [
        ...textsAt(props, "role")
          .filter((role) => basicRoles.has(role))
          .map((role) => `role is ${role}`),
        ...[...textsAt(props, "member"), ...textsAt(props, "members")]
          .filter((member) => everybody.has(member))
          .map((member) => `the member ${member} is everybody`),
      ];
/** Azure's built-in roles that may do everything: the same ids in every tenant. */
const wideRoles: Readonly<Record<string, string>> = {
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
  "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
  "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
};
const wideScope = /^\/?(subscriptions\/[^/]+|providers\/Microsoft\.Management\/managementGroups\/[^/]+)?\/?$/i;
const roleAssignment: Check = ({ props }) => {
  const role = wideRoles[(textAt(props, "roleDefinitionId") ?? "").toLowerCase().split("/").at(-1) ?? ""];
  const scope = textAt(props, "scope");
  return role !== undefined && scope !== undefined && wideScope.test(scope) ? [`${role} on ${scope}`] : [];
};
const roleDefinition: Check = ({ props }) =>
  itemsAt(props, "permissions").flatMap((permission) =>
    ["actions", "dataActions"]
      .filter((key) => textsAt(permission, key).includes("*"))
      .map((key) => `permissions.${key} has *`),
  );

export const noWildcardIam: Rule = {
  name: "no-wildcard-iam",
  title: "No identity of the cloud may do everything, and nobody is let in without a name",
  remedy: "Name the actions and the resources that are needed, and who needs them",
  concern: "security",
  resources: {
    ...Object.fromEntries(
      ["policy:Policy", "rolePolicy:RolePolicy", "userPolicy:UserPolicy", "groupPolicy:GroupPolicy"].map((kind) => [
        `aws:iam/${kind}`,
        document("policy", wildcards),
      ]),
    ),
    "aws:iam/role:Role": (resource, settings) => [
      ...document("assumeRolePolicy", allowsEverybody)(resource, settings),
      ...itemsAt(resource.props, "inlinePolicies").flatMap((policy) =>
        isMap(policy) ? document("policy", wildcards)({ ...resource, props: policy }, settings) : [],
      ),
      ...textsAt(resource.props, "managedPolicyArns")
        .filter((arn) => widePolicies.test(arn))
        .map((arn) => `managedPolicyArns has ${arn}`),
    ],
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": attachment,
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": attachment,
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": attachment,
    // In the policy of a key or a queue, every resource means that one.
    "aws:kms/key:Key": document("policy", allowsEverybody),
    "aws:sqs/queue:Queue": document("policy", allowsEverybody),
    "aws:sqs/queuePolicy:QueuePolicy": document("policy", allowsEverybody),
    "azure-native:authorization:RoleAssignment": roleAssignment,
    "azure-native:authorization:RoleDefinition": roleDefinition,
  },
  // Every kind of resource of GCP has members and bindings of its own.
  packages: { gcp: gcpBinding },
};

/** What upstream's release ships, by kind and name, with the reason why it may. */
const knownRoles: Readonly<Record<string, string>> = {
  "ClusterRole dex": "Dex keeps its state in objects of its own group, dex.coreos.com",
  "ClusterRole knative-serving-namespaced-admin":
    "aggregated into `admin`: everything in the group serving.knative.dev",
  "ClusterRoleBinding profiles-cluster-rolebinding":
    "the profile controller hands out rights to the owners of profiles, so it has to have them all",
};

export const noWildcardClusterRole: Rule = {
  name: "no-wildcard-cluster-role",
  title: "No service account of the cluster may do everything, but for those of upstream that are known by name",
  remedy: "Name the verbs and resources, or bind a role of one namespace",
  concern: "security",
  packages: {
    kubernetes: ({ type, props }) => {
      const kind = type.split(":").at(-1) ?? "";
      if (`${kind} ${textAt(props, "metadata.name") ?? ""}` in knownRoles) return [];
      if (kind === "ClusterRole") {
        const wide = itemsAt(props, "rules").filter(
          (rule) => textsAt(rule, "verbs").includes("*") && textsAt(rule, "resources").includes("*"),
        );
        return wide.map((rule) => `a rule allows every verb on every resource of ${groups(rule)}`);
      }
      const isAdmin = kind === "ClusterRoleBinding" && at(props, "roleRef.name") === "cluster-admin";
      return isAdmin ? accountsOf(props).map((account) => `${account} is cluster-admin`) : [];
    },
  },
};

function groups(rule: Value): string {
  const named = textsAt(rule, "apiGroups").map((group) => (group === "" ? "the core group" : group));
  return named.includes("*") ? "every group" : named.join(", ");
}

/** Groups of people are administrators with a name, given by the cloud's own login. */
function accountsOf(binding: Value): readonly string[] {
  return itemsAt(binding, "subjects")
    .filter((subject) => at(subject, "kind") === "ServiceAccount" || everyone.has(textAt(subject, "name") ?? ""))
    .map((subject) => textAt(subject, "name") ?? "a service account");
}

const everyone: ReadonlySet<string> = new Set(["system:anonymous", "system:unauthenticated", "system:authenticated"]);
