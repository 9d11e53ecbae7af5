/** When GKE may upgrade and repair. Pure. */
import type { GkeSettings } from "./settings.ts";

const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
const codes = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"] as const;

/** A Sunday: the window counts from the day of the week that follows it. */
const firstSunday = Date.UTC(2026, 0, 4);
const hourMs = 3_600_000;

export interface MaintenancePolicy {
  readonly recurringWindow: { readonly startTime: string; readonly endTime: string; readonly recurrence: string };
}

/**
 * A weekly window. GKE refuses less than 48 hours in 32 days, which have four weeks for certain, so a window shorter
 * than twelve hours comes on the days after, too, until that is reached.
 */
export function maintenancePolicy({ day, startHour, hours }: GkeSettings["maintenance"]): MaintenancePolicy {
  const first = days.indexOf(day);
  const perWeek = Math.ceil(12 / hours);
  const byDay = Array.from({ length: perWeek }, (_, offset) => codes[(first + offset) % codes.length]);
  const start = firstSunday + (first * 24 + startHour) * hourMs;
  return {
    recurringWindow: {
      startTime: second(start),
      endTime: second(start + hours * hourMs),
      recurrence: `FREQ=WEEKLY;BYDAY=${byDay.join(",")}`,
    },
  };
}

/** GKE's notation has no fractions. */
function second(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}
