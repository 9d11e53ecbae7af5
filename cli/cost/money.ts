/** What every estimate reckons with. */
export const hoursPerMonth = 730;

/** To whole cents, so that a table adds up. */
export function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}

/** `12,345.60`, with as many digits more as a small price needs. */
export function usd(amount: number, digits = 2): string {
  return amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digits });
}
