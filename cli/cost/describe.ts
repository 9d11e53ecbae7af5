/** How estimates and comparisons are printed for a person. */
import { styleText } from "node:util";
import Table from "cli-table3";
import type { Choice, CloudComparison } from "./compare.ts";
import type { CostAt, CostEstimate, CostItem, CostSum } from "./estimate.ts";
import { hoursPerMonth, usd } from "./money.ts";
import { distinctSources, type PriceSource } from "./prices.ts";

/** No lines between rows. */
const chars = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
const style = { head: [], border: [] };

const bases: Readonly<Record<CostItem["basis"], string>> = {
  list: "",
  spot: "spot, at the price of that day",
  "upper bound": "at most: the on-demand price",
  configured: "price set in the stack",
  none: "",
};

export function describeEstimate(stack: string, cost: CostEstimate): string {
  if (cost.cloud === "none") return `${stack}: ${cost.title}; no cloud bills it.\n`;
  const table = new Table({
    head: ["what", "billed as", "USD per unit", "floor", "USD a month", "ceiling", "USD a month", "note"],
    colAligns: ["left", "left", "right", "right", "right", "right", "right", "left"],
    ...{ chars, style },
  });
  for (const item of cost.items) {
    const { what, key, unit, unitUsd, floor, ceiling } = item;
    const price = unitUsd === undefined ? "no price" : `${usd(unitUsd, 6)} / ${unit}`;
    table.push([what, key, price, ...amount(floor, unit), ...amount(ceiling, unit), noteOf(item)]);
  }
  const unused = cost.unusedPrices.map((key) => `kubeflow:prices.${key}: nothing in this stack is billed so`);
  return lines([
    `${stack}: ${cost.title}, ${cost.region ?? ""}; ${String(hoursPerMonth)} hours a month`,
    table.toString(),
    sumLine("floor  ", "pools at min", cost.floor),
    sumLine("ceiling", "pools at max", cost.ceiling),
    ...budgetLines(cost),
    ...unpricedLines(cost.items),
    ...(unused.length === 0 ? [] : ["", "Prices that were set for nothing", ...indented(unused)]),
    ...sourceLines(cost.sources),
    `Not included: ${cost.notIncluded.join("; ")}.`,
  ]);
}

function amount(cost: CostAt | undefined, unit: CostItem["unit"]): readonly [string, string] {
  if (cost === undefined) return ["by use", ""];
  const { quantity, monthlyUsd } = cost;
  const shown = unit === "hour" ? String(quantity) : `${String(quantity)} GiB`;
  return [shown, monthlyUsd === undefined ? "?" : usd(monthlyUsd)];
}

function noteOf({ basis, source }: CostItem): string {
  return joined(bases[basis], isVerified(source) ? "" : "unverified");
}

const isVerified = (source: PriceSource | undefined): boolean => source?.unverified === undefined;

function sumLine(title: string, when: string, { monthlyUsd, itemsWithoutPrice, ...rest }: CostSum): string {
  const missing =
    itemsWithoutPrice === 0
      ? ""
      : `, without ${count(itemsWithoutPrice, "item")} that ${itemsWithoutPrice === 1 ? "has" : "have"} no price`;
  const { nodes, gpus, gpuMemoryGiB } = rest;
  const hardware = `${count(nodes, "node")}, ${count(gpus, "GPU")} with ${gib(gpuMemoryGiB)} GiB`;
  return `${styleText("bold", `${title}  ${usd(monthlyUsd)} USD a month`)}${missing} (${when}: ${hardware})`;
}

function budgetLines({ budget, floor, ceiling }: CostEstimate): readonly string[] {
  if (budget === undefined) return [];
  const against = (title: string, exceeds: boolean, { itemsWithoutPrice }: CostSum): string => {
    if (exceeds) return `the ${title} ${styleText("red", "exceeds")} it`;
    return itemsWithoutPrice === 0 ? `the ${title} is within it` : `the ${title} is within it as far as it has prices`;
  };
  const { monthlyUsd, floorExceeds, ceilingExceeds } = budget;
  return [
    `budget   ${usd(monthlyUsd)} USD a month: ${against("floor", floorExceeds, floor)}, ${against("ceiling", ceilingExceeds, ceiling)}`,
  ];
}

function unpricedLines(items: readonly CostItem[]): readonly string[] {
  const reasons = items.flatMap(({ what, key, unpriced }) =>
    unpriced === undefined ? [] : [`${what} (${key}): ${unpriced}`],
  );
  if (reasons.length === 0) return [];
  const remedy =
    "Set what you pay with kubeflow:prices, by the key in brackets: USD per hour, disks and storage per GiB and month.";
  return ["", "Without a price", ...indented(reasons), remedy];
}

/** For each cloud what to take, and what it costs. */
export function describeComparison(comparisons: readonly CloudComparison[]): string {
  const table = new Table({
    head: ["cloud", "region", "GPUs", "cheapest on demand", "GPU memory", "USD a month", "note"],
    colAligns: ["left", "left", "left", "left", "right", "right", "left"],
    ...{ chars, style },
  });
  for (const { title, region, choices, monthlyUsd } of comparisons) {
    for (const choice of choices) {
      const cost = choice.monthlyUsd === undefined ? "-" : usd(choice.monthlyUsd);
      const wanted = `${String(choice.wanted)} ${choice.gpu}`;
      const memory = choice.machines === undefined ? "-" : `${gib(choice.gpuMemoryGiB)} GiB`;
      table.push([title, region, wanted, machinesOf(choice), memory, cost, remarkOf(choice)]);
    }
    if (choices.length > 1) {
      const all = monthlyUsd === undefined ? "-" : styleText("bold", usd(monthlyUsd));
      table.push([title, region, "all", "", "", all, monthlyUsd === undefined ? "not all of it is to be had" : ""]);
    }
  }
  const unpriced = comparisons.flatMap(({ title, choices }) =>
    choices.flatMap((choice) => choice.unpriced.map((why) => `${title}: ${why}`)),
  );
  return lines([
    table.toString(),
    `On-demand machines only, ${String(hoursPerMonth)} hours a month: no disks, control plane, network or traffic.`,
    ...(unpriced.length === 0 ? [] : ["", "Left out, for want of a price", ...indented(unpriced)]),
    ...sourceLines(distinctSources(comparisons.flatMap(({ choices }) => choices.flatMap(({ sources }) => sources)))),
  ]);
}

function machinesOf({ machines }: Choice): string {
  return machines?.map(({ count, machineType }) => `${String(count)} x ${machineType}`).join(", ") ?? "-";
}

function remarkOf({ reason, sources, gpus, wanted }: Choice): string {
  const spare = gpus > wanted ? `${String(gpus)} GPUs` : "";
  return joined(reason ?? "", spare, sources.every(isVerified) ? "" : "unverified");
}

const joined = (...notes: readonly string[]): string => notes.filter((note) => note !== "").join("; ");

function sourceLines(sources: readonly PriceSource[]): readonly string[] {
  const shown = sources.map(
    ({ asOf, where, unverified }) =>
      `${asOf}  ${where}${unverified === undefined ? "" : ` (unverified: ${unverified})`}`,
  );
  return shown.length === 0 ? [] : ["", "Prices as of, and read in", ...indented(shown)];
}

/** AWS says 22.4 of an L4. */
const gib = (amount: number): string => amount.toLocaleString("en-US", { maximumFractionDigits: 1 });
const indented = (texts: readonly string[]): readonly string[] => texts.map((text) => `  ${text}`);
const lines = (texts: readonly string[]): string => `${texts.join("\n")}\n`;
const count = (number: number, noun: string): string => `${String(number)} ${noun}${number === 1 ? "" : "s"}`;
