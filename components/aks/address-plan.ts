/** Which part of the network's range each subnet has. Pure. */

interface Range {
  readonly start: number;
  readonly prefix: number;
}

export interface AddressPlan {
  /** Half of the network: nodes, and the addresses that load balancers have inside it. */
  readonly nodes: string;
  readonly endpoints: string;
  readonly database: string;
  readonly apiServer: string;
}

/** How much smaller than the network its small subnets are; the control plane's takes no less than /28. */
const smaller = 8;
export const longestPrefix = 28 - smaller;

export function addressPlan(networkRange: string): AddressPlan {
  const { prefix } = parseRange(networkRange);
  const small = (index: number): string => part(networkRange, prefix + smaller, 2 ** (smaller - 1) + index);
  return { nodes: part(networkRange, prefix + 1, 0), endpoints: small(0), database: small(1), apiServer: small(2) };
}

/** The address of a range's n-th host. */
export function hostOf(range: string, index: number): string {
  return formatAddress(parseRange(range).start + index);
}

export function prefixOf(range: string): number {
  return parseRange(range).prefix;
}

export function overlaps(a: string, b: string): boolean {
  const [first, second] = [parseRange(a), parseRange(b)];
  return first.start < second.start + sizeOf(second) && second.start < first.start + sizeOf(first);
}

function part(range: string, prefix: number, index: number): string {
  const start = parseRange(range).start + index * 2 ** (32 - prefix);
  return `${formatAddress(start)}/${String(prefix)}`;
}

const sizeOf = ({ prefix }: Range): number => 2 ** (32 - prefix);

/** Of a text that the settings have checked. */
function parseRange(range: string): Range {
  const [address = "", prefix = ""] = range.split("/");
  const value = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(prefix));
  return { start: Math.floor(value / size) * size, prefix: Number(prefix) };
}

function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
