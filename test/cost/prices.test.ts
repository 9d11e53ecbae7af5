import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { facts } from "../../cli/cost/facts.ts";
import { clouds, pricedRegions, PriceList, referenceRegion } from "../../cli/cost/prices.ts";
import { gpuKinds } from "../../components/shared/cloud-settings.ts";
import { projectRoot } from "../../shared/paths.ts";

type ByRegion = Readonly<Record<string, Readonly<Record<string, number>>>>;

interface PriceFile {
  readonly sources: Readonly<Record<string, unknown>>;
  readonly items: Readonly<Record<string, { readonly source: string }>>;
  readonly machines: { readonly source: string; readonly onDemand: ByRegion; readonly spot?: ByRegion };
}

for (const cloud of clouds) {
  describe(`prices/${cloud}.yaml`, () => {
    let file: PriceFile;
    before(async () => {
      file = parse(await readFile(path.join(projectRoot, "prices", `${cloud}.yaml`), "utf8")) as PriceFile;
    });

    it("has a source for every figure, and no source for nothing", () => {
      const used = [file.machines.source, ...Object.values(file.items).map(({ source }) => source)];
      assert.deepEqual([...new Set(used)].sort(), Object.keys(file.sources).sort());
    });

    it("has no spot price above the on-demand price", () => {
      for (const [region, machines] of Object.entries(file.machines.spot ?? {})) {
        for (const [machine, usd] of Object.entries(machines)) {
          const onDemand = file.machines.onDemand[region]?.[machine];
          assert.ok(onDemand !== undefined && usd < onDemand, `${machine} in ${region}: ${String(usd)}`);
        }
      }
    });

    it("has no region that is far from the others: such a figure is a mistake of whoever wrote it down", () => {
      const machines = new Set(Object.values(file.machines.onDemand).flatMap((region) => Object.keys(region)));
      for (const machine of machines) {
        const all = Object.values(file.machines.onDemand).flatMap((region) => region[machine] ?? []);
        assert.ok(Math.max(...all) < 1.5 * Math.min(...all), `${machine}: ${all.join(", ")}`);
      }
    });

    it("has a price of every GPU machine that is sold on demand, in some region", () => {
      const prices = pricedRegions(cloud).map((region) => new PriceList(cloud, region));
      for (const gpu of gpuKinds) {
        for (const { machineType } of facts[cloud].onDemandMachines(gpu)) {
          assert.ok(
            prices.some((list) => "usd" in list.machine(machineType, "on-demand")),
            machineType,
          );
        }
      }
    });

    it("has machines in the region that clouds are compared in", () => {
      assert.ok(pricedRegions(cloud).includes(referenceRegion(cloud)));
    });
  });
}
