import { PrivateDnsZoneGroup } from "@pulumi/azure-native/network/privateDnsZoneGroup.js";
import { PrivateEndpoint } from "@pulumi/azure-native/network/privateEndpoint.js";
import { PrivateZone } from "@pulumi/azure-native/privatedns/privateZone.js";
import { VirtualNetworkLink } from "@pulumi/azure-native/privatedns/virtualNetworkLink.js";
import * as pulumi from "@pulumi/pulumi";
import { placeOf, type Place } from "./place.ts";

const TYPE = "kubeflow:aks:PrivateLink";

/** A private zone's names resolve in one network only. */
export function createPrivateZone(
  name: string,
  args: Place & { readonly zoneName: string; readonly networkId: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): { readonly zone: PrivateZone; readonly link: VirtualNetworkLink } {
  const { resourceGroupName, tags } = args;
  // Zones are in no location.
  const common = { resourceGroupName, location: "global", tags };
  const zone = new PrivateZone(`${name}-zone`, { ...common, privateZoneName: args.zoneName }, opts);
  const link = new VirtualNetworkLink(
    `${name}-zone`,
    {
      ...common,
      privateZoneName: zone.name,
      virtualNetworkLinkName: "network",
      virtualNetwork: { id: args.networkId },
      registrationEnabled: false,
    },
    opts,
  );
  return { zone, link };
}

export interface PrivateLinkArgs extends Place {
  readonly networkId: pulumi.Input<string>;
  readonly subnetId: pulumi.Input<string>;
  /** Id of what is reached. */
  readonly targetId: pulumi.Input<string>;
  /** Which part of it, in Azure's words: `blob`, `registry`. */
  readonly part: string;
  /** The zone whose names lead to it: `privatelink.blob.core.windows.net`. */
  readonly zoneName: string;
}

/**
 * An address inside the network for something of Azure's, and the name that leads there.
 *
 * ```ts
 * new PrivateLink("blob", { ...place, networkId, subnetId, targetId: account.id, part: "blob", zoneName });
 * ```
 */
export class PrivateLink extends pulumi.ComponentResource {
  /** What reaches the target waits for it. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: PrivateLinkArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { zone, link } = createPrivateZone(name, args, { parent: this });
    const endpoint = new PrivateEndpoint(
      `${name}-endpoint`,
      {
        ...placeOf(args),
        subnet: { id: args.subnetId },
        privateLinkServiceConnections: [
          { name: args.part, privateLinkServiceId: args.targetId, groupIds: [args.part] },
        ],
      },
      { parent: this },
    );
    const names = new PrivateDnsZoneGroup(
      `${name}-names`,
      {
        resourceGroupName: args.resourceGroupName,
        privateEndpointName: endpoint.name,
        privateDnsZoneGroupName: "default",
        privateDnsZoneConfigs: [{ name: args.part, privateDnsZoneId: zone.id }],
      },
      { parent: this },
    );
    this.ready = [names, link];
    this.registerOutputs({});
  }
}
