/** Address ranges, held against Node's own `net.BlockList`. */
import assert from "node:assert/strict";
import { BlockList, isIP, isIPv6 } from "node:net";
import fc from "fast-check";
import { overlaps, parseAddress, parseRange } from "../../../components/onprem/addresses.ts";

/** As MetalLB takes it. */
interface Written {
  readonly text: string;
  readonly contains: (address: string) => boolean;
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIPv6(address) ? "ipv6" : "ipv4");

function subnet(address: string, prefix: number): Written {
  const list = new BlockList();
  list.addSubnet(address, prefix, familyOf(address));
  return { text: `${address}/${String(prefix)}`, contains: (other) => list.check(other, familyOf(other)) };
}

const subnets = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => subnet(address, prefix)),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, prefix]) => subnet(address, prefix)),
);
const addresses = fc.oneof(fc.ipV4(), fc.ipV6());

function holds(text: string, address: string): boolean {
  const [range, one] = [parseRange(text), parseAddress(address)];
  assert.ok(range, `${text} is a range`);
  assert.ok(one, `${address} is an address`);
  return overlaps(range, one);
}

describe("ranges of addresses", () => {
  // An IPv4 address inside of IPv6 is one of both families to Node, and of one to MetalLB.
  const isMapped = (text: string): boolean => /^(0*:)*:?(0*:)*ffff:/i.test(text);

  it("hold the addresses of a subnet, and no other", () => {
    fc.assert(
      fc.property(subnets, addresses, (range, address) => {
        fc.pre(!isMapped(address) && !isMapped(range.text));
        const [base = ""] = range.text.split("/");
        assert.equal(holds(range.text, base), true);
        if (isIP(base) === isIP(address)) assert.equal(holds(range.text, address), range.contains(address));
        else assert.equal(holds(range.text, address), false);
      }),
      { numRuns: 1000 },
    );
  });

  it("hold both of their ends, whichever way they are written", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), (one, other) => {
        const [a, b] = [parseAddress(one), parseAddress(other)];
        assert.ok(a && b);
        const [low, high] = a.first <= b.first ? [one, other] : [other, one];
        assert.ok(holds(`${low}-${high}`, one) && holds(`${low} - ${high}`, other));
        if (one !== other) assert.equal(parseRange(`${high}-${low}`), undefined);
      }),
    );
  });

  it("are nothing else than that", () => {
    const wrong = [
      "",
      "kubeflow",
      "10.0.0.1",
      "10.0.0.0/33",
      "10.0.0.0/-1",
      "10.0.0.0/8/8",
      "10.0.0.256/24",
      "fe80::/129",
    ];
    const mixed = ["10.0.0.1-::1", "10.0.0.1-10.0.0.2-10.0.0.3", "fe80::1%eth0/64", "10.0.0.1-"];
    for (const text of [...wrong, ...mixed]) assert.equal(parseRange(text), undefined, text);
  });

  it("know IPv6 by its value, not its spelling", () => {
    assert.deepEqual(parseAddress("2001:db8::1"), parseAddress("2001:0DB8:0:0:0:0:0:1"));
    assert.deepEqual(parseAddress("::ffff:10.0.0.1"), parseAddress("::ffff:a00:1"));
    assert.equal(parseAddress("::")?.first, 0n);
    assert.equal(parseRange("2001:db8::/32")?.last, (0x2001_0db9n << 96n) - 1n);
  });
});
