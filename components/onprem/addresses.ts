/** Ranges of IP addresses as MetalLB takes them: `192.168.10.0/28`, `192.168.10.20-192.168.10.40`, and IPv6 alike. Pure. */
import { isIPv4, isIPv6 } from "node:net";

export interface AddressRange {
  readonly family: 4 | 6;
  /** Both ends are part of it. */
  readonly first: bigint;
  readonly last: bigint;
}

/** @returns undefined for what is no range. */
export function parseRange(text: string): AddressRange | undefined {
  const [from = "", to, ...more] = text.split("-").map((part) => part.trim());
  if (more.length > 0) return undefined;
  if (to === undefined) return parseCidr(from);
  const [first, last] = [parseAddress(from), parseAddress(to)];
  if (first === undefined || last === undefined || first.family !== last.family || first.first > last.first)
    return undefined;
  return { family: first.family, first: first.first, last: last.first };
}

export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** One address as a range. */
export function parseAddress(text: string): AddressRange | undefined {
  if (isIPv4(text)) return alone(4, valueOf(text.split(".").map(Number), 8n));
  // A zone (`%eth0`) is a node's own.
  if (!isIPv6(text) || text.includes("%")) return undefined;
  return alone(6, valueOf(groupsOf(text), 16n));
}

const alone = (family: 4 | 6, value: bigint): AddressRange => ({ family, first: value, last: value });

function parseCidr(text: string): AddressRange | undefined {
  const [address = "", prefix = "", ...more] = text.split("/");
  const parsed = parseAddress(address);
  if (parsed === undefined || more.length > 0 || !/^\d{1,3}$/.test(prefix)) return undefined;
  const bits = parsed.family === 4 ? 32 : 128;
  if (Number(prefix) > bits) return undefined;
  const size = 1n << BigInt(bits - Number(prefix));
  const first = parsed.first - (parsed.first % size);
  return { family: parsed.family, first, last: first + size - 1n };
}

/** The eight groups of an IPv6 address. */
function groupsOf(text: string): readonly number[] {
  // Its end may be written as IPv4.
  const [, head = "", octets] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [undefined, text];
  const end = octets?.split(".").map(Number) ?? [];
  const [a = 0, b = 0, c = 0, d = 0] = end;
  const whole = octets === undefined ? text : `${head}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  const [left = [], right] = whole
    .split("::")
    .map((side) => (side === "" ? [] : side.split(":").map((group) => parseInt(group, 16))));
  return right === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function valueOf(parts: readonly number[], bits: bigint): bigint {
  return parts.reduce((sum, part) => (sum << bits) + BigInt(part), 0n);
}
