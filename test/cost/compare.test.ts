import assert from "node:assert/strict";
import fc from "fast-check";
import { cheapest, compare, parseDemand, type CloudComparison, type Offer } from "../../cli/cost/compare.ts";
import type { Cloud } from "../../cli/cost/prices.ts";
import { UserError } from "../../shared/errors.ts";

function on(cloud: Cloud, text: string, regions: readonly string[] = []): CloudComparison {
  const found = compare(parseDemand(text), regions).find((comparison) => comparison.cloud === cloud);
  assert.ok(found);
  return found;
}

/** Every number of machines of every kind, as far as one could want them. */
function byTryingAll(offers: readonly Offer[], wanted: number): number {
  const [first, ...rest] = offers;
  if (wanted <= 0) return 0;
  if (first === undefined) return Infinity;
  const most = Math.ceil(wanted / first.gpus);
  const ways = Array.from(
    { length: most + 1 },
    (_, count) => count * first.hourlyUsd + byTryingAll(rest, wanted - count * first.gpus),
  );
  return Math.min(...ways);
}

describe("the cheapest machines", () => {
  const offer = fc.record({ gpus: fc.constantFrom(1, 2, 4, 8), hourlyUsd: fc.integer({ min: 1, max: 100 }) });

  it("have enough GPUs, and cost what trying every combination finds", () => {
    fc.assert(
      fc.property(fc.array(offer, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 12 }), (drawn, wanted) => {
        const offers = drawn.map((one, index) => ({ ...one, machineType: `m${String(index)}`, gpuMemoryGiB: 16 }));
        const best = cheapest(offers, wanted);
        assert.ok(best);
        const gpus = [...best].reduce((sum, [{ gpus: each }, count]) => sum + each * count, 0);
        const usd = [...best].reduce((sum, [{ hourlyUsd }, count]) => sum + hourlyUsd * count, 0);
        assert.ok(gpus >= wanted);
        assert.equal(usd, byTryingAll(offers, wanted));
      }),
    );
  });

  it("are the fewest of those that cost the same", () => {
    const offers = [1, 4].map((gpus) => ({
      machineType: `of${String(gpus)}`,
      gpus,
      hourlyUsd: gpus * 0.1,
      gpuMemoryGiB: 1,
    }));
    assert.deepEqual(
      [...(cheapest(offers, 8) ?? [])].map(([{ machineType }, count]) => [machineType, count]),
      [["of4", 2]],
    );
  });

  it("are none where nothing is offered", () => {
    assert.equal(cheapest([], 1), undefined);
  });
});

describe("a comparison of clouds", () => {
  it("takes the cheapest for each kind of GPU, and sums them", () => {
    const aws = on("eks", "l4=4,h100=8");
    assert.deepEqual(
      aws.choices.map(({ machines }) => machines),
      [
        [{ machineType: "g6.xlarge", count: 4, gpus: 1 }],
        // 8 x p5.4xlarge cost the same.
        [{ machineType: "p5.48xlarge", count: 1, gpus: 8 }],
      ],
    );
    assert.equal(aws.monthlyUsd, 42529.22); // 4 x 0.8048 x 730 + 55.04 x 730
    assert.equal(aws.region, "us-east-1");
  });

  it("gives more GPUs than were asked for, where that costs less", () => {
    const [choice] = on("eks", "a100-80=1").choices;
    assert.deepEqual([choice?.gpus, choice?.gpuMemoryGiB], [8, 640]);
  });

  it("leaves out machines that nobody gets by the hour", () => {
    // Parts of an A3 host are sold as spot and flex-start only.
    const [choice] = on("gke", "h100=1").choices;
    assert.deepEqual(choice?.machines, [{ machineType: "a3-highgpu-8g", count: 1, gpus: 8 }]);
  });

  it("says which cloud has no such GPU, does not sell it, or has no price of it", () => {
    assert.equal(on("aks", "l4=1").choices[0]?.reason, "has no l4");
    assert.equal(on("gke", "h200=8").choices[0]?.reason, "h200 is not sold on demand");
    const eastus = on("aks", "h200=8", ["eastus"]);
    assert.equal(eastus.choices[0]?.reason, "no price");
    assert.match(eastus.choices[0].unpriced.join(), /Standard_ND96isr_H200_v5: no price in eastus, only in eastus2,/);
    assert.equal(eastus.monthlyUsd, undefined);
  });

  it("has no sum where a part is missing", () => {
    assert.equal(on("aks", "t4=1,l4=1").monthlyUsd, undefined);
  });

  it("takes the price of GPUs that are attached, and passes on that it is unverified", () => {
    const [choice] = on("gke", "t4=1").choices;
    assert.equal(choice?.monthlyUsd, 394.2); // (0.19 + 0.35) x 730
    assert.ok(choice.sources.some(({ unverified }) => unverified !== undefined));
  });

  it("is made in the regions that are asked for, one of each cloud", () => {
    const regions = ["europe-west4", "westeurope"];
    assert.deepEqual(
      compare(parseDemand("t4=1"), regions).map(({ region }) => region),
      ["europe-west4", "us-east-1", "westeurope"],
    );
  });

  const wrong: readonly (readonly [title: string, run: () => unknown, message: RegExp])[] = [
    ["an unknown GPU", () => parseDemand("l5=1"), /unknown GPU "l5"; known: t4, l4,/],
    ["no number", () => parseDemand("l4"), /"l4"; allowed: l4=COUNT/],
    ["none of a GPU", () => parseDemand("l4=0"), /a whole number from 1/],
    ["a number too large", () => parseDemand("l4=10001"), /from 1 to 10000/],
    ["a GPU twice", () => parseDemand("l4=1,l4=2"), /l4 is there twice/],
    ["nothing", () => parseDemand(""), /unknown GPU ""/],
    ["an unknown region", () => compare(parseDemand("l4=1"), ["moon-1"]), /"moon-1"; known:\n {2}gke: .*us-central1/],
    ["two regions of a cloud", () => compare(parseDemand("l4=1"), ["eastus", "westeurope"]), /are both of aks/],
  ];
  for (const [title, run, message] of wrong) {
    it(`refuses as wrong usage: ${title}`, () => {
      assert.throws(run, (error) => error instanceof UserError && error.exitCode === 2 && message.test(error.message));
    });
  }
});
