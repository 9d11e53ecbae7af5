import { Network } from "@pulumi/gcp/compute/network.js";
import { Router } from "@pulumi/gcp/compute/router.js";
import { RouterNat } from "@pulumi/gcp/compute/routerNat.js";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork.js";
import * as pulumi from "@pulumi/pulumi";

const TYPE = "kubeflow:gke:GkeNetwork";

export interface GkeNetworkArgs {
  readonly region: string;
  readonly nodeRange: string;
  readonly podRange: string;
  readonly serviceRange: string;
  /** APIs that have to be on. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * The network of a cluster whose nodes have no public address: one subnetwork with ranges for pods and services, a way
 * out by NAT, private access to Google's APIs, and flow logs.
 *
 * Cost: the NAT's hours and traffic; the flow logs.
 */
export class GkeNetwork extends pulumi.ComponentResource {
  readonly network: Network;
  readonly subnetwork: Subnetwork;
  readonly podRangeName = "pods";
  readonly serviceRangeName = "services";
  /** Without it nodes pull no image from outside Google: they wait for it, and go before it. */
  readonly nat: RouterNat;

  constructor(name: string, args: GkeNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { region } = args;
    this.network = new Network(
      name,
      { autoCreateSubnetworks: false, routingMode: "REGIONAL" },
      { parent: this, dependsOn: [...args.dependsOn] },
    );
    this.subnetwork = new Subnetwork(
      `${name}-nodes`,
      {
        network: this.network.id,
        region,
        ipCidrRange: args.nodeRange,
        secondaryIpRanges: [
          { rangeName: this.podRangeName, ipCidrRange: args.podRange },
          { rangeName: this.serviceRangeName, ipCidrRange: args.serviceRange },
        ],
        privateIpGoogleAccess: true,
        logConfig: { aggregationInterval: "INTERVAL_5_MIN", flowSampling: 0.5, metadata: "INCLUDE_ALL_METADATA" },
      },
      { parent: this },
    );
    const router = new Router(`${name}-router`, { network: this.network.id, region }, { parent: this });
    this.nat = new RouterNat(
      `${name}-nat`,
      {
        router: router.name,
        region,
        natIpAllocateOption: "AUTO_ONLY",
        sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
        // A node that pulls big images opens many connections to one host. Excludes endpoint-independent mapping.
        enableDynamicPortAllocation: true,
        enableEndpointIndependentMapping: false,
        minPortsPerVm: 128,
        maxPortsPerVm: 8192,
        logConfig: { enable: true, filter: "ERRORS_ONLY" },
      },
      // Of the network before the subnetwork: the ranges have to be there for the NAT to take them.
      { parent: this, dependsOn: [this.subnetwork] },
    );
    this.registerOutputs({});
  }
}
