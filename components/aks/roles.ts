/** Azure's own roles by what they allow here, and how one is given. */
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment.js";
import type * as pulumi from "@pulumi/pulumi";
import { RandomUuid } from "@pulumi/random/randomUuid.js";

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const roles = {
  acrPull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  aksClusterUser: "4abbcc35-e782-43d8-92f1-2c63f4dd3c43",
  aksRbacClusterAdmin: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
  blobDataContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  blobDataReader: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  dnsZoneContributor: "befefa01-2a29-4197-83a8-272ff33ce314",
  keyVaultContributor: "f25e0fa2-a7c8-4377-a976-54943a77a395",
  keyVaultCryptoServiceEncryptionUser: "e147488a-f6f5-4113-8e2d-b22465e65bf6",
  keyVaultCryptoUser: "12338af0-0e69-4776-bea7-57ae8d297424",
  managedIdentityOperator: "f1a07417-d97a-45cb-824c-7a7467783830",
  networkContributor: "4d97b98b-1d4f-4787-a291-c67834d212e7",
} as const;

export interface Grant {
  readonly subscriptionId: string;
  /** One of `roles`, or the id of a role definition of one's own. */
  readonly role: keyof typeof roles | pulumi.Output<string>;
  /** Id of the resource that the role is good for, and everything in it. */
  readonly scope: pulumi.Input<string>;
  /** Object id in Entra. */
  readonly principalId: pulumi.Input<string>;
  /** @default - a service principal, as every managed identity is */
  readonly principalType?: "ServicePrincipal" | "User" | "Group";
  /** Narrows what the role allows. */
  readonly condition?: string;
}

export function grantRole(name: string, grant: Grant, opts: pulumi.CustomResourceOptions): RoleAssignment {
  const { subscriptionId, role, scope, principalId, principalType = "ServicePrincipal", condition } = grant;
  const roleDefinitionId =
    typeof role === "string"
      ? `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roles[role]}`
      : role;
  // Azure refuses another assignment under the name of an old one, so every part of it makes a name of its own.
  const keepers = { scope, principalId, roleDefinitionId };
  const uuid = new RandomUuid(name, { keepers }, opts.parent === undefined ? {} : { parent: opts.parent });
  return new RoleAssignment(
    name,
    {
      roleAssignmentName: uuid.result,
      scope,
      principalId,
      // Without it Azure looks a new identity up before Entra knows it everywhere.
      principalType,
      roleDefinitionId,
      ...(condition === undefined ? {} : { condition, conditionVersion: "2.0" }),
    },
    opts,
  );
}
