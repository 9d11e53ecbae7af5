import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import { placeOf, type Place } from "./place.ts";
import { grantRole, type Grant } from "./roles.ts";

const TYPE = "kubeflow:aks:Identities";

export interface IdentitiesArgs extends Place {
  readonly subscriptionId: string;
  /** The network that the cluster puts load balancers, nodes and private endpoints into. */
  readonly networkId: pulumi.Input<string>;
  readonly vaultId: pulumi.Input<string>;
  /** The key of the cluster's secrets. */
  readonly keyId: pulumi.Input<string>;
  /** Ids of the capacity reservation groups that pools take their nodes from. */
  readonly reservations: readonly string[];
}

/**
 * Who the control plane and the kubelets act as, and what each may do.
 *
 * ```ts
 * const identities = new Identities("ids", { ...place, subscriptionId, networkId, vaultId, keyId, reservations: [] });
 * ```
 */
export class Identities extends pulumi.ComponentResource {
  readonly controlPlane: UserAssignedIdentity;
  readonly kubelet: UserAssignedIdentity;
  /** The cluster waits for it: it cannot be made without the permissions. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: IdentitiesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    this.controlPlane = new UserAssignedIdentity(`${name}-control-plane`, placeOf(args), { parent: this });
    this.kubelet = new UserAssignedIdentity(`${name}-kubelet`, placeOf(args), { parent: this });
    const grants: readonly (readonly [string, Pick<Grant, "role" | "scope">])[] = [
      ["network", { role: "networkContributor", scope: args.networkId }],
      ["kubelet", { role: "managedIdentityOperator", scope: this.kubelet.id }],
      ["key", { role: "keyVaultCryptoUser", scope: args.keyId }],
      // It asks the vault for a private link to itself; the role gives no access to keys or secrets.
      ["vault", { role: "keyVaultContributor", scope: args.vaultId }],
      ...args.reservations.map(
        (scope) => [`reservation-${scope.split("/").at(-1) ?? ""}`, { role: "contributor", scope }] as const,
      ),
    ];
    this.ready = grants.map(([purpose, grant]) =>
      grantRole(
        `${name}-${purpose}`,
        { ...grant, subscriptionId: args.subscriptionId, principalId: this.controlPlane.principalId },
        { parent: this },
      ),
    );
    this.registerOutputs({});
  }
}
