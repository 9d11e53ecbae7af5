/** `kf cost --compare`: on each cloud the cheapest machines that have some GPUs. */
import type { GpuKind } from "../../components/shared/cloud-settings.ts";
import { gpuKinds } from "../../components/shared/cloud-settings.ts";
import { UserError } from "../../shared/errors.ts";
import { facts } from "./facts.ts";
import { cents, hoursPerMonth } from "./money.ts";
import type { GpuMachinePrice } from "./parts.ts";
import {
  clouds,
  distinctSources,
  pricedRegions,
  PriceList,
  referenceRegion,
  type Cloud,
  type PriceSource,
} from "./prices.ts";

/** How many GPUs of which kind. */
export type GpuDemand = ReadonlyMap<GpuKind, number>;

/** A machine with its GPUs, by the hour. */
export interface Offer {
  readonly machineType: string;
  readonly gpus: number;
  /** Of one GPU. */
  readonly gpuMemoryGiB: number;
  readonly hourlyUsd: number;
}

export interface Choice {
  readonly gpu: GpuKind;
  readonly wanted: number;
  /** Undefined when there is none; `reason` says why. */
  readonly machines:
    readonly { readonly machineType: string; readonly count: number; readonly gpus: number }[] | undefined;
  readonly gpus: number;
  /** Of all GPUs together. */
  readonly gpuMemoryGiB: number;
  readonly monthlyUsd: number | undefined;
  readonly sources: readonly PriceSource[];
  readonly reason?: string;
  /** Machines that would do too, but have no price here. */
  readonly unpriced: readonly string[];
}

export interface CloudComparison {
  readonly cloud: Cloud;
  readonly title: string;
  readonly region: string;
  readonly choices: readonly Choice[];
  /** Undefined unless the cloud has all that is wanted. */
  readonly monthlyUsd: number | undefined;
}

const maxGpus = 10_000;

/**
 * @param text `l4=4,h100=8`
 * @throws UserError (wrong usage)
 */
export function parseDemand(text: string): GpuDemand {
  const demand = new Map<GpuKind, number>();
  for (const part of text.split(",")) {
    const [name = "", number = "", ...rest] = part.trim().split("=");
    const gpu = gpuKinds.find((kind) => kind === name);
    if (gpu === undefined) {
      throw wrong(`--compare: unknown GPU ${JSON.stringify(name)}; known: ${gpuKinds.join(", ")}`);
    }
    const count = Number(number);
    if (rest.length > 0 || !/^\d+$/.test(number) || count < 1 || count > maxGpus) {
      throw wrong(
        `--compare: ${JSON.stringify(part)}; allowed: ${gpu}=COUNT, a whole number from 1 to ${String(maxGpus)}`,
      );
    }
    if (demand.has(gpu)) throw wrong(`--compare: ${gpu} is there twice; say it once`);
    demand.set(gpu, count);
  }
  return demand;
}

/**
 * @param regions at most one of each cloud; the others are compared in their region of reference.
 * @throws UserError (wrong usage) for a region that no cloud has prices of, or two of one cloud.
 */
export function compare(demand: GpuDemand, regions: readonly string[]): readonly CloudComparison[] {
  const chosen = new Map<Cloud, string>();
  for (const region of regions) {
    const cloud = clouds.find((candidate) => pricedRegions(candidate).includes(region));
    if (cloud === undefined) {
      const known = clouds.map((candidate) => `${candidate}: ${pricedRegions(candidate).join(", ")}`);
      throw wrong(`--region: no prices of ${JSON.stringify(region)}; known:\n  ${known.join("\n  ")}`);
    }
    const other = chosen.get(cloud);
    if (other !== undefined) throw wrong(`--region: ${other} and ${region} are both of ${cloud}; name one`);
    chosen.set(cloud, region);
  }
  return clouds.map((cloud) => compareOn(cloud, chosen.get(cloud) ?? referenceRegion(cloud), demand));
}

function compareOn(cloud: Cloud, region: string, demand: GpuDemand): CloudComparison {
  const prices = new PriceList(cloud, region);
  const choices = [...demand].map(([gpu, wanted]) => choose(cloud, prices, gpu, wanted));
  const total = choices.reduce<number | undefined>(
    (sum, { monthlyUsd }) => (sum === undefined || monthlyUsd === undefined ? undefined : sum + monthlyUsd),
    0,
  );
  return { cloud, region, title: prices.title, choices, monthlyUsd: total === undefined ? undefined : cents(total) };
}

interface PricedOffer extends Offer {
  readonly sources: readonly PriceSource[];
}

function choose(cloud: Cloud, prices: PriceList, gpu: GpuKind, wanted: number): Choice {
  const priced = facts[cloud].onDemandMachines(gpu).map((machine) => offerOf(prices, machine));
  // A machine that comes with several numbers of GPUs is said once.
  const unpriced = [...new Set(priced.filter((offer) => typeof offer === "string"))];
  const best = cheapest(
    priced.filter((offer) => typeof offer !== "string"),
    wanted,
  );
  if (best === undefined) {
    const nothing = { gpus: 0, gpuMemoryGiB: 0, monthlyUsd: undefined };
    const reason = whyNone(cloud, gpu, unpriced);
    return { gpu, wanted, machines: undefined, ...nothing, sources: [], reason, unpriced };
  }
  const total = (of: (offer: Offer) => number): number =>
    [...best].reduce((sum, [offer, count]) => sum + of(offer) * count, 0);
  return {
    ...{ gpu, wanted, unpriced },
    machines: [...best].map(([{ machineType, gpus }, count]) => ({ machineType, count, gpus })),
    gpus: total(({ gpus }) => gpus),
    gpuMemoryGiB: total(({ gpus, gpuMemoryGiB }) => gpus * gpuMemoryGiB),
    monthlyUsd: cents(total(({ hourlyUsd }) => hourlyUsd) * hoursPerMonth),
    sources: distinctSources([...best.keys()].flatMap(({ sources }) => sources)),
  };
}

function whyNone(cloud: Cloud, gpu: GpuKind, unpriced: readonly string[]): string {
  if (!facts[cloud].has(gpu)) return `has no ${gpu}`;
  return unpriced.length === 0 ? `${gpu} is not sold on demand` : "no price";
}

/** The offer, or the name of the machine with the reason that it has no price. */
function offerOf(
  prices: PriceList,
  { machineType, gpus, gpuMemoryGiB, extras }: GpuMachinePrice,
): PricedOffer | string {
  const hourly = extras.filter(({ unit }) => unit === "hour");
  const parts = [
    { count: 1, price: prices.machine(machineType, "on-demand") },
    ...hourly.map(({ key, count }) => ({ count, price: prices.item(key, "hour", "on-demand") })),
  ];
  const sources: PriceSource[] = [];
  let hourlyUsd = 0;
  for (const { count, price } of parts) {
    if (!("usd" in price)) return `${machineType}: ${price.reason}`;
    hourlyUsd += count * price.usd;
    if (price.source !== undefined) sources.push(price.source);
  }
  return { machineType, gpus, gpuMemoryGiB, hourlyUsd, sources };
}

interface Sum {
  readonly usd: number;
  readonly machines: number;
}

/** Sums of the same prices in another order differ in their last digits. */
const sameUsd = 1e-9;

function isBetter(one: Sum, other: Sum): boolean {
  const less = other.usd - one.usd;
  return Math.abs(less) < sameUsd ? one.machines < other.machines : less > 0;
}

/**
 * The cheapest machines that have at least so many GPUs in all; of equally cheap ones the fewest. Undefined when there
 * are no offers.
 */
export function cheapest<O extends Offer>(offers: readonly O[], wanted: number): ReadonlyMap<O, number> | undefined {
  interface Step extends Sum {
    readonly last: O | undefined;
  }
  // By the number of GPUs that are still wanted: the best way to have them.
  const best: Step[] = [{ usd: 0, machines: 0, last: undefined }];
  const rest = (gpus: number, offer: O): number => Math.max(0, gpus - offer.gpus);
  for (let gpus = 1; gpus <= wanted; gpus += 1) {
    const steps = offers.flatMap((offer): readonly Step[] => {
      const before = best[rest(gpus, offer)];
      if (before === undefined) return [];
      return [{ usd: before.usd + offer.hourlyUsd, machines: before.machines + 1, last: offer }];
    });
    const [first, ...others] = steps;
    if (first === undefined) return undefined;
    best.push(others.reduce((a, b) => (isBetter(b, a) ? b : a), first));
  }
  const chosen = new Map<O, number>();
  for (let gpus = wanted; gpus > 0;) {
    const offer = best[gpus]?.last;
    if (offer === undefined) break;
    chosen.set(offer, (chosen.get(offer) ?? 0) + 1);
    gpus = rest(gpus, offer);
  }
  return chosen;
}

const wrong = (message: string): UserError => new UserError(message, { exitCode: 2 });
