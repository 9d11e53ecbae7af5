/** What a stack costs in a month: with its pools at their minimum (floor), and at their maximum (ceiling). */
import type { StackConfig } from "../../stacks/config.ts";
import { facts } from "./facts.ts";
import { cents, hoursPerMonth } from "./money.ts";
import { partsOf, type StackParts } from "./nodes.ts";
import { distinctSources, PriceList, priceKey, type Cloud, type Price, type PriceSource, type Unit } from "./prices.ts";
import type { Part } from "./parts.ts";

export interface CostAt {
  /** Machines, GiB, ...: as many as there are at once. */
  readonly quantity: number;
  /** Undefined without a price, unless there are none of it. */
  readonly monthlyUsd: number | undefined;
}

export interface CostItem {
  readonly what: string;
  /** The key of `kubeflow:prices` that sets its price. */
  readonly key: string;
  readonly unit: Unit;
  readonly unitUsd: number | undefined;
  /** Undefined: by use, which nothing in the configuration tells; in no sum. */
  readonly floor: CostAt | undefined;
  readonly ceiling: CostAt | undefined;
  readonly basis: Price["basis"] | "none";
  /** Undefined for a configured price, and where there is none. */
  readonly source?: PriceSource;
  /** Why there is no price. */
  readonly unpriced?: string;
}

export interface CostSum {
  readonly monthlyUsd: number;
  /** What is in the cluster but not in the sum, for want of a price. */
  readonly itemsWithoutPrice: number;
  readonly nodes: number;
  readonly gpus: number;
  readonly gpuMemoryGiB: number;
}

export interface CostEstimate {
  /** `none`: nobody bills a sandbox, and what machines of one's own cost is not known here. */
  readonly cloud: Cloud | "none";
  readonly title: string;
  readonly region: string | undefined;
  readonly currency: "USD";
  readonly hoursPerMonth: number;
  readonly items: readonly CostItem[];
  readonly floor: CostSum;
  readonly ceiling: CostSum;
  readonly sources: readonly PriceSource[];
  readonly budget:
    { readonly monthlyUsd: number; readonly floorExceeds: boolean; readonly ceilingExceeds: boolean } | undefined;
  /** Keys of `kubeflow:prices` that nothing in the stack is billed by. */
  readonly unusedPrices: readonly string[];
  readonly notIncluded: readonly string[];
}

const notIncluded = [
  "traffic, and requests to storage and registries",
  "volumes that workloads claim, Filestore, EFS and Azure Files",
  "logs, metrics, keys, DNS, backups, images in registries",
  "taxes, discounts, free tiers, committed use",
] as const;

/**
 * @throws UserError (wrong usage) for a pool that the cloud has no machine for.
 */
export function estimate(config: StackConfig): CostEstimate {
  const { target, prices } = config;
  if (target === "gke" && config.gke !== undefined)
    return priced(target, partsOf(facts.gke, target, config.gke), prices);
  if (target === "eks" && config.eks !== undefined)
    return priced(target, partsOf(facts.eks, target, config.eks), prices);
  if (target === "aks" && config.aks !== undefined)
    return priced(target, partsOf(facts.aks, target, config.aks), prices);
  return ownMachines(target, prices);
}

function priced(cloud: Cloud, stack: StackParts, configured: Readonly<Record<string, number>>): CostEstimate {
  const prices = new PriceList(cloud, stack.region, configured);
  // What a stack never has would only lengthen the list.
  const items = stack.parts.filter(({ ceiling }) => ceiling !== 0).map((part) => itemOf(part, prices));
  const floor = sumOf(items, "floor", stack);
  const ceiling = sumOf(items, "ceiling", stack);
  const budget = stack.budgetUsd;
  return {
    cloud,
    title: prices.title,
    region: stack.region,
    currency: "USD",
    hoursPerMonth,
    items,
    floor,
    ceiling,
    sources: distinctSources(items.flatMap(({ source }) => (source === undefined ? [] : [source]))),
    budget:
      budget === undefined
        ? undefined
        : {
            monthlyUsd: budget,
            floorExceeds: floor.monthlyUsd > budget,
            ceilingExceeds: ceiling.monthlyUsd > budget,
          },
    unusedPrices: prices.unusedKeys(),
    notIncluded,
  };
}

function itemOf({ what, priced, floor, ceiling }: Part, prices: PriceList): CostItem {
  const isMachine = "machineType" in priced;
  const { capacity } = priced;
  const unit = isMachine ? "hour" : priced.unit;
  const price = isMachine ? prices.machine(priced.machineType, capacity) : prices.item(priced.key, unit, capacity);
  const isPriced = "usd" in price;
  const unitUsd = isPriced ? price.usd : undefined;
  const at = (quantity: number | undefined): CostAt | undefined => {
    if (quantity === undefined) return undefined;
    const units = unit === "hour" ? quantity * hoursPerMonth : quantity;
    // None of something costs nothing, whatever its price.
    return { quantity, monthlyUsd: quantity === 0 ? 0 : unitUsd === undefined ? undefined : cents(units * unitUsd) };
  };
  return {
    what,
    key: priceKey(isMachine ? priced.machineType : priced.key, capacity),
    ...{ unit, unitUsd, floor: at(floor), ceiling: at(ceiling) },
    basis: isPriced ? price.basis : "none",
    ...(isPriced && price.source !== undefined ? { source: price.source } : {}),
    ...(isPriced ? {} : { unpriced: price.reason }),
  };
}

function sumOf(items: readonly CostItem[], end: "floor" | "ceiling", stack: StackParts): CostSum {
  const costs = items.map((item) => item[end]).filter((cost) => cost !== undefined);
  return {
    monthlyUsd: cents(costs.reduce((sum, { monthlyUsd }) => sum + (monthlyUsd ?? 0), 0)),
    itemsWithoutPrice: costs.filter(({ monthlyUsd }) => monthlyUsd === undefined).length,
    nodes: stack.nodes[end],
    gpus: stack.gpus[end],
    gpuMemoryGiB: stack.gpuMemoryGiB[end],
  };
}

function ownMachines(target: StackConfig["target"], prices: StackConfig["prices"]): CostEstimate {
  const nothing = { monthlyUsd: 0, itemsWithoutPrice: 0, nodes: 0, gpus: 0, gpuMemoryGiB: 0 };
  return {
    cloud: "none",
    title: target === "sandbox" ? "a sandbox on this machine" : "a cluster that is there already",
    region: undefined,
    currency: "USD",
    hoursPerMonth,
    items: [],
    floor: nothing,
    ceiling: nothing,
    sources: [],
    budget: undefined,
    unusedPrices: Object.keys(prices),
    notIncluded,
  };
}
