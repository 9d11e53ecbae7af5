/** Conditions that narrow access to a container to prefixes. Pure. */
import type { BucketAccess } from "../contracts/workload-identity.ts";

const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";

/**
 * The condition under which a role assignment allows something, in the language of Azure's conditions; none for the whole
 * container. An action that no clause is about is allowed, so there is a clause for every action of the roles.
 * https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples
 */
export function blobCondition(
  permission: BucketAccess["permission"],
  prefixes: readonly string[],
): { readonly condition?: string } {
  if (prefixes.includes("")) return {};
  const named = (attribute: string): string =>
    prefixes.map((prefix) => `${attribute} StringStartsWith '${prefix}'`).join(" OR ");
  const path = named(`@Resource[${blobs}:path]`);
  const isList = `ActionMatches{'${blobs}/read'} AND SubOperationMatches{'Blob.List'}`;
  const isRead = `ActionMatches{'${blobs}/read'} AND NOT SubOperationMatches{'Blob.List'}`;
  const writes = permission === "read" ? [] : ["write", "delete", "add/action"];
  const clauses = [
    [isRead, path],
    // A list has no blob yet, but asks for a prefix.
    [isList, named(`@Request[${blobs}:prefix]`)],
    ...writes.map((action) => [`ActionMatches{'${blobs}/${action}'}`, path]),
  ];
  return { condition: clauses.map(([action = "", what = ""]) => `((!(${action})) OR (${what}))`).join(" AND ") };
}

/** What would not mean what it says inside a condition. */
export function prefixProblems(access: readonly BucketAccess[]): readonly string[] {
  return access
    .filter(({ prefix }) => !/^([A-Za-z0-9._-]+\/)*$/.test(prefix))
    .map(
      ({ prefix }) =>
        `prefix ${JSON.stringify(prefix)}; allowed: parts of A-Z, a-z, 0-9, ., _ and -, each with a / at its end. Rename it`,
    );
}
