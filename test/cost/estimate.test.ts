import assert from "node:assert/strict";
import fc from "fast-check";
import { estimate, type CostEstimate, type CostItem } from "../../cli/cost/estimate.ts";
import { clouds } from "../../cli/cost/prices.ts";
import { UserError } from "../../shared/errors.ts";
import { parseStackConfig } from "../../stacks/config.ts";
import { stackOn } from "./support.ts";

function item(cost: CostEstimate, what: string): CostItem {
  const found = cost.items.filter((candidate) => candidate.what === what);
  assert.equal(found.length, 1, `${what} among ${cost.items.map((candidate) => candidate.what).join(", ")}`);
  const [only] = found;
  assert.ok(only);
  return only;
}

describe("what a stack costs", () => {
  it("is the sum of what it has, at 730 hours a month (GKE)", () => {
    const cost = estimate(
      stackOn("gke", {
        systemPool: { min: 2, max: 3, diskGiB: 100 },
        cpuPools: [{ name: "work", min: 0, max: 2, spot: true, diskGiB: 100 }],
        gpuPools: [{ name: "l4", gpu: "l4", gpusPerNode: 2, min: 1, max: 2, diskGiB: 200 }],
      }),
    );
    assert.deepEqual(
      cost.items.map(({ what, floor, ceiling }) => [what, floor?.monthlyUsd, ceiling?.monthlyUsd]),
      [
        ["system pool", 195.67, 293.5], // 2 and 3 x 0.13402 x 730
        ["pool work", 0, 234.84], // 2 x 0.16085 x 730
        ["pool l4", 1460.61, 2921.21], // 1 and 2 x 2.00083 x 730
        ["boot disks of nodes", 40, 90], // 400 and 900 GiB x 0.10
        ["control plane", 73, 73],
        ["NAT gateway, by node", 3.07, 7.15], // 3 and 7 x 0.0014 x 730
        ["load balancer", 7.3, 7.3],
        ["database endpoint", undefined, undefined],
        ["database", 98.62, 98.62], // 0.1351 x 730
        ["database storage", 3.4, 3.4], // 20 GiB x 0.17
        ["artifacts", undefined, undefined],
      ],
    );
    assert.deepEqual(cost.floor, {
      monthlyUsd: 1881.67,
      itemsWithoutPrice: 1,
      nodes: 3,
      gpus: 2,
      gpuMemoryGiB: 48,
    });
    assert.deepEqual(cost.ceiling, {
      monthlyUsd: 3729.02,
      itemsWithoutPrice: 1,
      nodes: 7,
      gpus: 4,
      gpuMemoryGiB: 96,
    });
  });

  it("counts NAT, endpoints and standbys by zone and setting (EKS)", () => {
    const settings = { natGateways: "per-zone", database: { highlyAvailable: true, storageGiB: 100 } };
    const cost = estimate(stackOn("eks", settings));
    assert.equal(item(cost, "NAT gateways").floor?.monthlyUsd, 65.7); // 2 x 0.045 x 730
    assert.equal(item(cost, "private endpoints, by zone").floor?.monthlyUsd, 160.6); // 11 APIs x 2 zones x 0.01 x 730
    assert.equal(item(cost, "database storage").floor?.monthlyUsd, 23); // 100 GiB x 2 x 0.115
    // MySQL 8.0 on 2 vCPU, twice, at 0.10 x 730.
    assert.equal(item(cost, "database: extended support, by vCPU").floor?.monthlyUsd, 292);
    const newer = estimate(stackOn("eks", { databaseVersion: "8.4", privateEndpoints: false }));
    const lines = newer.items.map(({ what }) => what);
    assert.ok(!lines.some((what) => /extended support|private endpoints/.test(what)), lines.join(", "));
  });

  it("has AKS's own pool beside the stack's", () => {
    const cost = estimate(stackOn("aks", { zones: ["1", "2"], systemPool: { min: 1, max: 1 } }));
    assert.deepEqual(item(cost, "AKS's own pool").ceiling, { quantity: 4, monthlyUsd: 329.96 }); // 4 x 0.113 x 730
    assert.equal(cost.ceiling.nodes, 5);
  });

  it("adds the GPUs that a machine is priced without", () => {
    const cost = estimate(stackOn("gke", { gpuPools: [{ name: "t4", gpu: "t4", gpusPerNode: 2, min: 1, max: 1 }] }));
    assert.equal(item(cost, "pool t4").floor?.monthlyUsd, 277.4); // n1-standard-8: 0.38 x 730
    assert.equal(item(cost, "pool t4: GPUs").floor?.monthlyUsd, 511); // 2 x 0.35 x 730
    assert.match(item(cost, "pool t4: GPUs").source?.unverified ?? "", /no page of Google's/);
  });

  it("is nothing where no cloud bills, whatever the budget", () => {
    for (const target of ["sandbox", "kubeconfig"]) {
      const cost = estimate(parseStackConfig("test", { "kubeflow:target": target }));
      assert.deepEqual([cost.cloud, cost.items.length, cost.ceiling.monthlyUsd], ["none", 0, 0]);
    }
  });

  it("is refused for a pool that the cloud has no machine for, by the pool's path", () => {
    const config = stackOn("eks", { gpuPools: [{ name: "l4", gpu: "l4", gpusPerNode: 3, max: 1 }] });
    assert.throws(
      () => estimate(config),
      (error) =>
        error instanceof UserError &&
        error.exitCode === 2 &&
        error.message.startsWith("kubeflow:eks.gpuPools[0]: 3 l4"),
    );
  });
});

describe("a price that is not known", () => {
  it("of another region is not taken for one of this", () => {
    const cost = estimate(stackOn("eks", { region: "eu-central-1", zones: ["eu-central-1a", "eu-central-1b"] }));
    const pool = item(cost, "system pool");
    assert.equal(pool.unitUsd, undefined);
    assert.equal(pool.floor?.monthlyUsd, undefined);
    assert.equal(pool.unpriced, "no price in eu-central-1, only in us-east-1");
    // The control plane costs the same anywhere.
    assert.equal(cost.floor.monthlyUsd, 73);
    assert.ok(cost.floor.itemsWithoutPrice > 3);
  });

  it("of spot machines is bounded by the on-demand price, and said to be", () => {
    const pools = { gpuPools: [{ name: "l4", gpu: "l4", max: 1, capacity: "spot" }] };
    const onAws = item(estimate(stackOn("eks", pools)), "pool l4");
    assert.deepEqual([onAws.unitUsd, onAws.basis], [0.8048, "upper bound"]);
    const onGoogle = item(estimate(stackOn("gke", pools)), "pool l4");
    assert.deepEqual([onGoogle.unitUsd, onGoogle.basis], [0.39734, "spot"]);
  });

  it("of a reservation is the on-demand price, and of a capacity block none", () => {
    const pool = { name: "h100", gpu: "h100", gpusPerNode: 8, max: 1, reservation: "cr-1" };
    const reserved = estimate(stackOn("eks", { gpuPools: [{ ...pool, capacity: "reservation" }] }));
    assert.deepEqual([item(reserved, "pool h100").unitUsd, item(reserved, "pool h100").basis], [55.04, "list"]);
    const block = estimate(stackOn("eks", { gpuPools: [{ ...pool, capacity: "capacity-block" }] }));
    assert.match(item(block, "pool h100").unpriced ?? "", /agreed when it is bought/);
  });

  it("of none of something leaves the floor whole", () => {
    const pool = { name: "h200", gpu: "h200", gpusPerNode: 8, max: 1, capacity: "flex-start" };
    const cost = estimate(stackOn("gke", { gpuPools: [pool] }));
    assert.deepEqual(item(cost, "pool h200").floor, { quantity: 0, monthlyUsd: 0 });
    assert.equal(item(cost, "pool h200").ceiling?.monthlyUsd, undefined);
    assert.match(item(cost, "pool h200").unpriced ?? "", /no on-demand price/);
  });
});

describe("prices set in the stack", () => {
  it("win over the list, for machines and for the rest, and fill what is missing", () => {
    const prices = {
      "g2-standard-4": 0.5,
      "g2-standard-4/spot": 0.1,
      "private-service-connect": 0.02,
      "control-plane": 0,
    };
    const gpuPools = [
      { name: "l4", gpu: "l4", min: 1, max: 1 },
      { name: "l4spot", gpu: "l4", min: 1, max: 1, capacity: "spot" },
    ];
    const cost = estimate(stackOn("gke", { gpuPools }, prices));
    assert.deepEqual(
      ["pool l4", "pool l4spot", "database endpoint", "control plane"].map(
        (what) => item(cost, what).floor?.monthlyUsd,
      ),
      [365, 73, 14.6, 0],
    );
    assert.equal(item(cost, "pool l4").basis, "configured");
    assert.equal(item(cost, "pool l4").source, undefined);
    assert.equal(cost.floor.itemsWithoutPrice, 0);
    assert.deepEqual(cost.unusedPrices, []);
  });

  it("are named when nothing in the stack is billed by them", () => {
    assert.deepEqual(estimate(stackOn("gke", {}, { "g2-standart-4": 1, "load-balancer": 1 })).unusedPrices, [
      "g2-standart-4",
    ]);
  });
});

describe("a budget", () => {
  it("is held against floor and ceiling", () => {
    const budget = { monthlyUsd: 1000, emails: ["team@example.com"] };
    const gpuPools = [{ name: "h100", gpu: "h100", gpusPerNode: 8, max: 1 }];
    assert.deepEqual(estimate(stackOn("gke", { budget, gpuPools })).budget, {
      monthlyUsd: 1000,
      floorExceeds: false,
      ceilingExceeds: true,
    });
    assert.equal(estimate(stackOn("gke")).budget, undefined);
  });
});

describe("the price of more", () => {
  const size = fc.record({ min: fc.nat(20), more: fc.nat(20) });
  const stack = fc.record({
    cloud: fc.constantFrom(...clouds),
    system: size,
    work: size,
    gpu: size,
    spot: fc.boolean(),
    available: fc.boolean(),
  });
  type Stack = typeof stack extends fc.Arbitrary<infer T> ? T : never;

  const costOf = (
    { cloud, system, work, gpu, spot, available }: Stack,
    extra: { readonly min: number; readonly max: number },
  ) => {
    const ends = ({ min, more }: Stack["gpu"]) => ({ min, max: Math.max(1, min + more) });
    const { min, max } = ends(gpu);
    return estimate(
      stackOn(cloud, {
        systemPool: { min: system.min + 1, max: system.min + 1 + system.more },
        cpuPools: [{ name: "work", ...ends(work), spot }],
        gpuPools: [
          { name: "t4", gpu: "t4", min: min + extra.min, max: max + extra.max, capacity: spot ? "spot" : "on-demand" },
        ],
        database: { highlyAvailable: available },
      }),
    );
  };

  it("is never less: the ceiling is at least the floor, and nodes add to both", () => {
    fc.assert(
      fc.property(stack, fc.nat(5), (given, nodes) => {
        const { floor, ceiling } = costOf(given, { min: 0, max: 0 });
        assert.ok(ceiling.monthlyUsd >= floor.monthlyUsd);
        assert.ok(ceiling.gpus >= floor.gpus && ceiling.nodes >= floor.nodes);
        const grown = costOf(given, { min: nodes, max: nodes });
        assert.ok(grown.floor.monthlyUsd >= floor.monthlyUsd);
        assert.ok(grown.ceiling.monthlyUsd >= ceiling.monthlyUsd);
        assert.equal(grown.ceiling.gpus, ceiling.gpus + nodes);
      }),
      { numRuns: 60 },
    );
  });

  it("adds up: the sums are those of the items, to the cent", () => {
    fc.assert(
      fc.property(stack, (given) => {
        const cost = costOf(given, { min: 0, max: 0 });
        for (const end of ["floor", "ceiling"] as const) {
          const cents = cost.items.reduce((sum, line) => sum + Math.round((line[end]?.monthlyUsd ?? 0) * 100), 0);
          assert.equal(Math.round(cost[end].monthlyUsd * 100), cents);
        }
      }),
      { numRuns: 60 },
    );
  });
});
