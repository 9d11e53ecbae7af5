/** What MetalLB could not announce. Pure. */
import { overlaps, parseAddress, parseRange, type AddressRange } from "./addresses.ts";
import { said } from "./problem.ts";
import { ingressKindOf } from "./profiles.ts";
import type { OnpremSettings } from "./settings.ts";

type Metallb = NonNullable<OnpremSettings["metallb"]>;

interface Entry {
  readonly path: string;
  readonly text: string;
  readonly range: AddressRange | undefined;
}

export function addressProblems(settings: OnpremSettings): readonly string[] {
  const { metallb } = settings;
  if (metallb === undefined) return gatewayProblems(settings, []);
  const entries = entriesOf(metallb);
  return [
    ...entries.filter(({ range }) => range === undefined).map(notARange),
    ...overlapProblems(entries),
    ...nameProblems(metallb),
    ...announcementProblems(metallb),
    ...gatewayProblems(settings, entries),
  ];
}

function entriesOf({ pools }: Metallb): readonly Entry[] {
  return pools.flatMap(({ addresses }, pool) =>
    addresses.map((text, index) => {
      const path = `metallb.pools[${String(pool)}].addresses[${String(index)}]`;
      return { path, text, range: parseRange(text) };
    }),
  );
}

function notARange({ path, text }: Entry): string {
  const allowed = "a range such as 192.168.10.0/28 or 192.168.10.20-192.168.10.40, IPv4 or IPv6";
  return said(path, text, allowed, "Write the lower address first, and both of one kind");
}

function overlapProblems(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ path, text, range }, index) => {
    const other = entries
      .slice(0, index)
      .find((earlier) => range !== undefined && earlier.range !== undefined && overlaps(range, earlier.range));
    if (other === undefined) return [];
    const allowed = `a range apart from ${other.path} ${other.text}`;
    return [said(path, text, allowed, "MetalLB takes an address once. Move one of them")];
  });
}

function nameProblems({ pools }: Metallb): readonly string[] {
  return pools.flatMap(({ name }, index) =>
    pools.slice(0, index).some((earlier) => earlier.name === name)
      ? [said(`metallb.pools[${String(index)}].name`, name, "a name of its own", "Another pool has it. Take another")]
      : [],
  );
}

const isSamePeer = (a: Metallb["peers"][number], b: Metallb["peers"][number]): boolean =>
  a.address === b.address && a.port === b.port;

function announcementProblems({ announce, peers, interfaces }: Metallb): readonly string[] {
  return [
    ...(announce === "bgp" && peers.length === 0
      ? [said("metallb.peers", peers, "one router or more", "With announce bgp, routers are told. Name them")]
      : []),
    ...(announce === "l2" && peers.length > 0
      ? [said("metallb.peers", peers, "[]", "With announce l2 nobody is told. Take them out, or set announce to bgp")]
      : []),
    ...peers.flatMap((peer, index) =>
      peers.slice(0, index).some((earlier) => isSamePeer(earlier, peer))
        ? [said(`metallb.peers[${String(index)}]`, peer.address, "each router once", "Take the second one out")]
        : [],
    ),
    ...(announce === "bgp" && interfaces.length > 0
      ? [said("metallb.interfaces", interfaces, "[]", "They are for announce l2. Take them out")]
      : []),
  ];
}

function gatewayProblems(settings: OnpremSettings, entries: readonly Entry[]): readonly string[] {
  const { address } = settings.ingress;
  if (address === undefined) return [];
  if (ingressKindOf(settings) !== "metallb") {
    const remedy = "Only MetalLB is told which. For another load balancer use kubeflow:onprem.ingress.annotations";
    return [said("ingress.address", address, "not set", remedy)];
  }
  const wanted = parseAddress(address);
  const isInside = entries.some(({ range }) => wanted && range && overlaps(range, wanted));
  if (isInside) return [];
  const allowed = `an address out of ${entries.map(({ text }) => text).join(", ")}`;
  return [
    said("ingress.address", address, allowed, "MetalLB gives what its pools have. Take another, or widen a pool"),
  ];
}
