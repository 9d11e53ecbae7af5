/** The price files of the project, `prices/<target>.yaml`, and how a price is found in them. Nothing is guessed. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { projectRoot } from "../../shared/paths.ts";

export const clouds = ["gke", "eks", "aks"] as const;
export type Cloud = (typeof clouds)[number];

export type Unit = "hour" | "GiB-month";

/** USD per unit by region; `anywhere` for a price that does not depend on it. */
const byRegion = z.record(z.string(), z.number().nonnegative());
const byMachine = z.record(z.string(), z.number().nonnegative());

const priceFile = z.strictObject({
  cloud: z.string(),
  referenceRegion: z.string(),
  sources: z.record(
    z.string(),
    z.strictObject({ asOf: z.iso.date(), where: z.string(), unverified: z.string().optional() }),
  ),
  items: z.record(
    z.string(),
    z.strictObject({ unit: z.enum(["hour", "GiB-month"]), source: z.string(), usd: byRegion }),
  ),
  machines: z.strictObject({
    source: z.string(),
    /** By region, then machine. */
    onDemand: z.record(z.string(), byMachine),
    spot: z.record(z.string(), byMachine).default({}),
    /** Machines without any on-demand price, and why. */
    none: z.record(z.string(), z.string()).default({}),
  }),
});

type PriceFile = z.infer<typeof priceFile>;
export type Capacity = "on-demand" | "spot" | "reservation" | "flex-start" | "queued" | "capacity-block";

/** Where a price comes from. */
export interface PriceSource {
  readonly asOf: string;
  readonly where: string;
  /** Why what it says is to be checked before it is relied on. */
  readonly unverified?: string;
}

export interface Price {
  readonly usd: number;
  /** `upper bound`: the on-demand price of something that is sold for less, by a price that is not known here. */
  readonly basis: "list" | "spot" | "upper bound" | "configured";
  /** Undefined for a configured price. */
  readonly source?: PriceSource;
}

export interface NoPrice {
  /** Why there is none. */
  readonly reason: string;
}

/** Prices in one region of one cloud, with those that a stack sets before them. */
export class PriceList {
  /** The cloud's name. */
  readonly title: string;
  readonly region: string;
  readonly #file: PriceFile;
  readonly #configured: Readonly<Record<string, number>>;
  readonly #used = new Set<string>();

  constructor(cloud: Cloud, region: string, configured: Readonly<Record<string, number>> = {}) {
    this.#file = readPriceFile(cloud);
    this.title = this.#file.cloud;
    this.region = region;
    this.#configured = configured;
  }

  /** What an hour of a machine costs. */
  machine(machineType: string, capacity: Capacity): Price | NoPrice {
    const { source, onDemand, spot } = this.#file.machines;
    const spotUsd = capacity === "spot" ? spot[this.region]?.[machineType] : undefined;
    const listed = onDemand[this.region]?.[machineType];
    return this.#bought(
      machineType,
      capacity,
      spotUsd === undefined ? undefined : this.#listed(spotUsd, "spot", source),
      () => (listed === undefined ? { reason: this.#whyNone(machineType) } : this.#listed(listed, "list", source)),
    );
  }

  /** What a unit of anything else costs. */
  item(key: string, unit: Unit, capacity: Capacity): Price | NoPrice {
    const entry = this.#file.items[key];
    if (entry !== undefined && entry.unit !== unit) {
      throw new Error(`the price file has ${key} per ${entry.unit}, asked for per ${unit}`);
    }
    return this.#bought(key, capacity, undefined, () => {
      if (entry === undefined) return { reason: `no price of ${key} is known` };
      const usd = entry.usd[this.region] ?? entry.usd["anywhere"];
      if (usd !== undefined) return this.#listed(usd, "list", entry.source);
      return { reason: `no price in ${this.region}, only in ${Object.keys(entry.usd).join(", ")}` };
    });
  }

  #bought(key: string, capacity: Capacity, spot: Price | undefined, list: () => Price | NoPrice): Price | NoPrice {
    const own = this.#ownPrice(priceKey(key, capacity));
    if (own !== undefined) return own;
    if (capacity === "capacity-block") return { reason: "what a capacity block costs is agreed when it is bought" };
    if (spot !== undefined) return spot;
    const price = this.#ownPrice(key) ?? list();
    // A reservation is billed at the on-demand price; the other ways cost less than that.
    const isBound = "usd" in price && capacity !== "on-demand" && capacity !== "reservation";
    return isBound ? { ...price, basis: "upper bound" } : price;
  }

  /** Keys of configured prices that were not asked for: most likely misspelt. */
  unusedKeys(): readonly string[] {
    return Object.keys(this.#configured).filter((key) => !this.#used.has(key));
  }

  #ownPrice(key: string): Price | undefined {
    const usd = this.#configured[key];
    if (usd === undefined) return undefined;
    this.#used.add(key);
    return { usd, basis: "configured" };
  }

  #listed(usd: number, basis: "list" | "spot", sourceKey: string): Price {
    const found = this.#file.sources[sourceKey];
    if (found === undefined) throw new Error(`the price file of ${this.title} has no source ${sourceKey}`);
    const { unverified, ...source } = found;
    return { usd, basis, source: { ...source, ...(unverified === undefined ? {} : { unverified }) } };
  }

  #whyNone(machineType: string): string {
    const { machines } = this.#file;
    const why = machines.none[machineType];
    if (why !== undefined) return why;
    const regions = Object.keys(machines.onDemand).filter((region) => machines.onDemand[region]?.[machineType]);
    if (regions.length === 0) return `no price of ${machineType} is known`;
    return `no price in ${this.region}, only in ${regions.join(", ")}`;
  }
}

/** The key of `kubeflow:prices` for something that is bought in some way. */
export function priceKey(key: string, capacity: Capacity): string {
  return capacity === "on-demand" ? key : `${key}/${capacity}`;
}

/** Each once. */
export function distinctSources(sources: readonly PriceSource[]): readonly PriceSource[] {
  return [...new Map(sources.map((source) => [source.where, source])).values()];
}

/** The region that prices are compared in when none is asked for. */
export function referenceRegion(cloud: Cloud): string {
  return readPriceFile(cloud).referenceRegion;
}

/** Regions that have prices of machines. */
export function pricedRegions(cloud: Cloud): readonly string[] {
  return Object.keys(readPriceFile(cloud).machines.onDemand);
}

const files = new Map<Cloud, PriceFile>();

function readPriceFile(cloud: Cloud): PriceFile {
  const known = files.get(cloud);
  if (known !== undefined) return known;
  const file = path.join(projectRoot, "prices", `${cloud}.yaml`);
  const checked = priceFile.safeParse(parse(readFileSync(file, "utf8")));
  if (!checked.success) throw new Error(`${file}: ${z.prettifyError(checked.error)}`);
  files.set(cloud, checked.data);
  return checked.data;
}
