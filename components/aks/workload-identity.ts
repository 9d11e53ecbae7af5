import { RoleDefinition } from "@pulumi/azure-native/authorization/roleDefinition.js";
import { FederatedIdentityCredential } from "@pulumi/azure-native/managedidentity/federatedIdentityCredential.js";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomUuid } from "@pulumi/random/randomUuid.js";
import type {
  BucketAccess,
  IdentityBinding,
  ServiceAccountRef,
  WorkloadIdentity,
} from "../contracts/workload-identity.ts";
import { blobCondition, prefixProblems } from "./blob-condition.ts";
import { placeOf, type Place } from "./place.ts";
import { grantRole } from "./roles.ts";

const TYPE = "kubeflow:aks:AksWorkloadIdentity";
const BOUND = "kubeflow:aks:BoundIdentity";

export interface AksWorkloadIdentityArgs extends Place {
  readonly subscriptionId: string;
  /** Who the cluster's tokens are from. */
  readonly issuerUrl: pulumi.Input<string>;
  readonly containerId: pulumi.Input<string>;
  readonly resourceGroupId: pulumi.Input<string>;
  /** Azure's provider: who binds has the cluster's. @default - that of whoever binds */
  readonly provider?: pulumi.ProviderResource;
  /** What the container is reached by. */
  readonly dependsOn: readonly pulumi.Resource[];
}

export interface FederationArgs extends Place {
  readonly issuerUrl: pulumi.Input<string>;
  /** At most 20: Azure takes no more for one identity. */
  readonly serviceAccounts: readonly ServiceAccountRef[];
}

/** An identity of Azure's that service accounts of the cluster act as. */
export function createFederatedIdentity(
  name: string,
  args: FederationArgs,
  opts: pulumi.CustomResourceOptions,
): { readonly identity: UserAssignedIdentity; readonly credentials: readonly FederatedIdentityCredential[] } {
  const identity = new UserAssignedIdentity(name, placeOf(args), opts);
  const credentials: FederatedIdentityCredential[] = [];
  for (const { namespace, name: serviceAccount } of args.serviceAccounts) {
    const credential = new FederatedIdentityCredential(
      `${name}-${namespace}-${serviceAccount}`,
      {
        resourceGroupName: args.resourceGroupName,
        resourceName: identity.name,
        federatedIdentityCredentialResourceName: `${namespace}-${serviceAccount}`,
        issuer: args.issuerUrl,
        subject: `system:serviceaccount:${namespace}:${serviceAccount}`,
        audiences: ["api://AzureADTokenExchange"],
      },
      // Azure changes one credential of an identity at a time.
      { ...opts, dependsOn: [...credentials] },
    );
    credentials.push(credential);
  }
  return { identity, credentials };
}

/**
 * Keyless access of service accounts to the artifacts: an identity for each, which may touch blobs under its prefixes.
 *
 * ```ts
 * const identity = new AksWorkloadIdentity("identity", { ...place, issuerUrl, containerId, ... });
 * identity.bind("team-a", { namespace: "team-a", name: "default-editor" }, [{ prefix: "team-a/", permission: "read-write" }], {});
 * ```
 */
export class AksWorkloadIdentity extends pulumi.ComponentResource implements WorkloadIdentity {
  private readonly writer: RoleDefinition;
  private readonly args: AksWorkloadIdentityArgs;

  constructor(name: string, args: AksWorkloadIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    this.args = args;
    // Azure's own role for this may also delete the container.
    const id = new RandomUuid(`${name}-blob-writer`, {}, { parent: this });
    this.writer = new RoleDefinition(
      `${name}-blob-writer`,
      {
        roleDefinitionId: id.result,
        scope: args.resourceGroupId,
        assignableScopes: [args.resourceGroupId],
        roleName: pulumi.interpolate`Blob writer in ${args.resourceGroupName}`,
        description: "Reads, writes and deletes blobs, and nothing else",
        roleType: "CustomRole",
        permissions: [
          {
            actions: [],
            dataActions: ["read", "write", "delete", "add/action"].map(
              (action) => `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${action}`,
            ),
          },
        ],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }

  bind(
    name: string,
    serviceAccount: ServiceAccountRef,
    access: readonly BucketAccess[],
    opts: pulumi.ComponentResourceOptions,
  ): IdentityBinding {
    const problems = prefixProblems(access);
    if (problems.length > 0) throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, this, true);
    const { subscriptionId, issuerUrl, containerId: scope, provider } = this.args;
    const providers = provider === undefined ? {} : { providers: [provider] };
    const bound = new pulumi.ComponentResource(BOUND, name, {}, { ...opts, ...providers });
    const { identity, credentials } = createFederatedIdentity(
      name,
      { ...placeOf(this.args), issuerUrl, serviceAccounts: [serviceAccount] },
      { parent: bound },
    );
    const permissions = [
      { permission: "read", role: "blobDataReader" },
      { permission: "read-write", role: this.writer.id },
    ] as const;
    const grants = permissions.flatMap(({ permission, role }) => {
      const prefixes = access.filter((item) => item.permission === permission).map(({ prefix }) => prefix);
      if (prefixes.length === 0) return [];
      const grant = {
        ...{ subscriptionId, role, scope, principalId: identity.principalId },
        ...blobCondition(permission, prefixes),
      };
      return [grantRole(`${name}-${permission}`, grant, { parent: bound })];
    });
    return {
      serviceAccountAnnotations: { "azure.workload.identity/client-id": identity.clientId },
      podLabels: { "azure.workload.identity/use": "true" },
      ready: [...credentials, ...grants, ...this.args.dependsOn],
    };
  }
}
