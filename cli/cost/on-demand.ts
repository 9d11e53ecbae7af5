/** Parts that are bought in the ordinary way. */
import type { Part } from "./parts.ts";
import type { Unit } from "./prices.ts";

const part =
  (unit: Unit) =>
  (what: string, key: string, floor: number, ceiling = floor): Part => ({
    what,
    priced: { key, unit, capacity: "on-demand" },
    floor,
    ceiling,
  });

/** So many of it all the time. */
export const hourly = part("hour");

/** So many GiB. */
export const stored = part("GiB-month");

/** As much as is used. */
export function storedByUse(what: string, key: string): Part {
  return { what, priced: { key, unit: "GiB-month", capacity: "on-demand" }, floor: undefined, ceiling: undefined };
}
