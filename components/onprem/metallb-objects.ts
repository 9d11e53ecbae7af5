/** What MetalLB is told: values of its chart, and its own objects. Pure. */
import type { OnpremSettings } from "./settings.ts";

type Metallb = NonNullable<OnpremSettings["metallb"]>;

export const namespace = "metallb-system";

/** Part of every object's name, of which the network's own MetalLB objects may have others. */
const announcement = "kubeflow";

export interface MetallbObject {
  /** Part of its logical name, unique. */
  readonly key: string;
  /** Keys of those that have to be there before. */
  readonly needs: readonly string[];
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: Readonly<Record<string, unknown>>;
  };
}

/** Values of the chart `metallb`. */
export function metallbValues({ announce }: Metallb) {
  // FRR speaks BGP, on every node; without it there is nothing for it to do.
  return { frrk8s: { enabled: announce === "bgp" } };
}

/** Pools before what announces them: an announcement of no known pool is one of all. */
export function metallbObjects(settings: Metallb): readonly MetallbObject[] {
  const { pools, announce, interfaces, peers } = settings;
  const addressPools = pools.map(({ name, addresses, autoAssign }) => ({
    key: `pool-${name}`,
    needs: [],
    // An address that ends with 0 or 255 confuses old network gear.
    object: object("v1beta1", "IPAddressPool", name, { addresses, autoAssign, avoidBuggyIPs: true }),
  }));
  const needs = addressPools.map(({ key }) => key);
  const ipAddressPools = pools.map(({ name }) => name);
  if (announce === "l2") {
    const spec = { ipAddressPools, ...(interfaces.length === 0 ? {} : { interfaces }) };
    return [
      ...addressPools,
      { key: "announcement", needs, object: object("v1beta1", "L2Advertisement", announcement, spec) },
    ];
  }
  const routers = peers.map(({ address, asn, myAsn, port, multiHop }) => {
    const name = `router-${address.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${String(port)}`;
    const spec = { myASN: myAsn, peerASN: asn, peerAddress: address, peerPort: port, ebgpMultiHop: multiHop };
    return { key: name, needs: [], object: object("v1beta2", "BGPPeer", name, spec) };
  });
  const advertisement = object("v1beta1", "BGPAdvertisement", announcement, { ipAddressPools });
  return [...addressPools, ...routers, { key: "announcement", needs, object: advertisement }];
}

function object(version: string, kind: string, name: string, spec: Readonly<Record<string, unknown>>) {
  return { apiVersion: `metallb.io/${version}`, kind, metadata: { name, namespace }, spec };
}
