/** How the range of a network is divided. Pure. */

export interface ZoneSubnets {
  readonly zone: string;
  /** Load balancers and NAT. */
  readonly public: string;
  /** Nodes and pods. */
  readonly private: string;
  /** The control plane's own interfaces; no way out. */
  readonly intra: string;
  readonly database: string;
}

/** Where Services get their addresses: a range of its own, which no network may overlap. */
export const serviceRange = "172.20.0.0/16";

/** AWS's largest network, and the smallest whose public parts still hold a load balancer. */
const prefixes = { shortest: 16, longest: 19 };

export interface Range {
  readonly first: number;
  readonly size: number;
}

/**
 * Three of four quarters are for nodes and pods, one per zone. The fourth has a small block per zone for load balancers,
 * one for databases, and AWS's smallest for the control plane.
 *
 * @throws when `rangeProblems` has something to say.
 */
export function divide(range: string, zones: readonly string[]): readonly ZoneSubnets[] {
  const [problem] = rangeProblems(range);
  if (problem !== undefined || zones.length > 3) throw new Error(problem ?? "at most three zones");
  const { first, prefix } = parse(range);
  const quarter = 2 ** (30 - prefix);
  const block = 2 ** (24 - prefix);
  const rest = first + 3 * quarter;
  return zones.map((zone, index) => ({
    zone,
    private: show(first + index * quarter, prefix + 2),
    public: show(rest + index * block, prefix + 8),
    database: show(rest + (4 + index) * block, prefix + 8),
    intra: show(rest + 8 * block + index * 16, 28),
  }));
}

/** Why a range cannot be divided; empty when it can. */
export function rangeProblems(range: string): readonly string[] {
  const { first, prefix } = parse(range);
  if (prefix < prefixes.shortest || prefix > prefixes.longest) {
    return [`a range of /${prefixes.shortest} to /${prefixes.longest}`];
  }
  if (first % 2 ** (32 - prefix) !== 0) {
    return [`the first address of the range, ${show(first - (first % 2 ** (32 - prefix)), prefix)}`];
  }
  return overlaps(rangeOf(range), rangeOf(serviceRange)) ? [`a range outside ${serviceRange}, which is Services'`] : [];
}

export function overlaps(one: Range, other: Range): boolean {
  return one.first < other.first + other.size && other.first < one.first + one.size;
}

export function rangeOf(range: string): Range {
  const { first, prefix } = parse(range);
  return { first, size: 2 ** (32 - prefix) };
}

function parse(range: string): { readonly first: number; readonly prefix: number } {
  const [address = "", prefix = ""] = range.split("/");
  const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return { first, prefix: Number(prefix) };
}

function show(address: number, prefix: number): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return `${octets.join(".")}/${String(prefix)}`;
}
