/** Resources of @pulumi/azuread as requests to Microsoft Graph, whose declarations say names and kinds, and little more. */
import { isMap, type PropertyMap, type Value } from "../../../engine/values.ts";
import type { CloudResource } from "../recorded-stack.ts";
import type { Translation } from "../requests.ts";
import { problemsOf } from "./schema.ts";
import { packageOf } from "./sdks.ts";

interface GraphType {
  readonly operation: string;
  readonly body: string;
  /** https://learn.microsoft.com/graph/api: declarations have all as optional. */
  readonly required: readonly string[];
  /** Inputs by what they are in the request, `.` for what is inside another. */
  readonly names: Readonly<Record<string, string>>;
  /** Inputs that are part of the URL, or steer the provider only. */
  readonly aside?: readonly string[];
  /** Values in the request's own form. */
  readonly values?: (name: string, value: Value) => Value;
}

const types: Readonly<Record<string, GraphType>> = {
  "azuread:index/application:Application": {
    operation: "POST /applications",
    body: "Application",
    required: ["displayName"],
    names: {
      displayName: "displayName",
      signInAudience: "signInAudience",
      "web.homepageUrl": "web.homePageUrl",
      "web.redirectUris": "web.redirectUris",
      "web.implicitGrant.accessTokenIssuanceEnabled": "web.implicitGrantSettings.enableAccessTokenIssuance",
      "web.implicitGrant.idTokenIssuanceEnabled": "web.implicitGrantSettings.enableIdTokenIssuance",
      "api.requestedAccessTokenVersion": "api.requestedAccessTokenVersion",
      groupMembershipClaims: "groupMembershipClaims",
      "optionalClaims.idTokens": "optionalClaims.idToken",
      requiredResourceAccesses: "requiredResourceAccess",
    },
    // The provider looks for one of the name before it makes one.
    aside: ["preventDuplicateNames"],
    values: (name, value) => {
      if (name === "groupMembershipClaims" && Array.isArray(value)) return value.join(",");
      return name === "requiredResourceAccess" ? renamed(value, { resourceAccesses: "resourceAccess" }) : value;
    },
  },
  "azuread:index/applicationPassword:ApplicationPassword": {
    operation: "POST /applications/{id}/addPassword",
    body: "PasswordCredential",
    required: [],
    names: { displayName: "displayName", endDate: "endDateTime" },
    aside: ["applicationId"],
  },
  "azuread:index/servicePrincipal:ServicePrincipal": {
    operation: "POST /servicePrincipals",
    body: "ServicePrincipal",
    required: ["appId"],
    names: { clientId: "appId", appRoleAssignmentRequired: "appRoleAssignmentRequired" },
  },
  "azuread:index/appRoleAssignment:AppRoleAssignment": {
    operation: "POST /servicePrincipals/{id}/appRoleAssignedTo",
    body: "AppRoleAssignment",
    required: ["appRoleId", "principalId", "resourceId"],
    names: { appRoleId: "appRoleId", principalObjectId: "principalId", resourceObjectId: "resourceId" },
  },
};

export const graphTypes: readonly string[] = Object.keys(types);
const graphPackage = import.meta.resolve("@microsoft/microsoft-graph-types/package.json");

/** @returns undefined for a type without a mapping. */
export function graphRequest({ type: token, inputs }: CloudResource): Translation | undefined {
  const type = types[token];
  if (type === undefined) return undefined;
  const { names, aside = [], required, values = (_: string, value: Value) => value } = type;
  const { source, declarations } = packageOf(graphPackage);
  const rest = Object.fromEntries(Object.entries(inputs).filter(([name]) => !aside.includes(name)));
  const leaves = leavesOf(rest, names);
  const body = leaves.reduce<PropertyMap>((all, { path, value }) => {
    const name = names[path];
    return name === undefined ? all : withLeaf(all, name.split("."), values(name, value));
  }, {});
  const schema = declarations.object(type.body);
  const missing = required.filter((name) => body[name] === undefined).map((name) => `${name}: is required`);
  return {
    calls: [{ operation: `${type.operation} (${source})`, problems: [...missing, ...problemsOf(schema, body, "")] }],
    lost: leaves.map(({ path }) => path).filter((path) => names[path] === undefined),
  };
}

interface Leaf {
  readonly path: string;
  readonly value: Value;
}

/** Values down to what has a name of its own in the request. */
function leavesOf(map: PropertyMap, names: Readonly<Record<string, string>>, before = ""): readonly Leaf[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const path = `${before}${key}`;
    return names[path] === undefined && isMap(value) ? leavesOf(value, names, `${path}.`) : [{ path, value }];
  });
}

function withLeaf(map: PropertyMap, [first = "", ...rest]: readonly string[], value: Value): PropertyMap {
  if (rest.length === 0) return { ...map, [first]: value };
  const inside = map[first];
  return { ...map, [first]: withLeaf(isMap(inside) ? inside : {}, rest, value) };
}

function renamed(value: Value, names: Readonly<Record<string, string>>): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => renamed(item, names));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [names[key] ?? key, item]));
}
