import assert from "node:assert/strict";
import fc from "fast-check";
import { divide, overlaps, rangeOf, rangeProblems } from "../../../components/eks/subnets.ts";

const zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];

describe("EKS subnets", () => {
  it("divides a network into parts that do not overlap, each inside it and none smaller than AWS allows", () => {
    const network = fc
      .record({ prefix: fc.integer({ min: 16, max: 19 }), block: fc.nat(2 ** 16 - 1), count: fc.constantFrom(2, 3) })
      .map(({ prefix, block, count }) => {
        const low = (block % 2 ** (prefix - 8)) * 2 ** (24 - prefix);
        return { range: `10.${Math.floor(low / 256)}.${low % 256}.0/${prefix}`, count };
      });
    fc.assert(
      fc.property(network, ({ range, count }) => {
        assert.deepEqual(rangeProblems(range), []);
        const parts = divide(range, zones.slice(0, count)).flatMap(({ zone, ...subnets }) => {
          assert.ok(zones.includes(zone));
          return Object.values(subnets);
        });
        assert.equal(parts.length, count * 4);
        const whole = rangeOf(range);
        const ranges = parts.map(rangeOf);
        for (const [index, part] of ranges.entries()) {
          assert.ok(part.first >= whole.first && part.first + part.size <= whole.first + whole.size, parts[index]);
          assert.ok(part.size >= 16 && part.first % part.size === 0, parts[index]);
          for (const other of ranges.slice(index + 1))
            assert.ok(!overlaps(part, other), `${range}: ${parts.join(" ")}`);
        }
      }),
    );
  });

  it("says what is wrong with a range that it cannot divide", () => {
    assert.match(rangeProblems("10.0.0.0/20").join(), /\/16 to \/19/);
    assert.match(rangeProblems("10.0.0.0/15").join(), /\/16 to \/19/);
    assert.match(rangeProblems("10.0.1.0/16").join(), /10\.0\.0\.0\/16/);
    assert.match(rangeProblems("172.20.0.0/18").join(), /outside 172\.20\.0\.0\/16/);
    assert.throws(() => divide("10.0.0.0/24", zones));
  });
});
