/** Kubernetes quantities, as far as requests and limits use them. Pure. */

const multiples: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** In cores. */
export function cpuOf(quantity: string | number): number {
  const text = String(quantity);
  return text.endsWith("m") ? Number(text.slice(0, -1)) / 1000 : Number(text);
}

/** In bytes. */
export function memoryOf(quantity: string | number): number {
  const [, number = "", unit = ""] = /^([0-9.]+)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  const multiple = multiples[unit];
  if (number === "" || multiple === undefined) throw new Error(`${String(quantity)} is no quantity of memory`);
  return Number(number) * multiple;
}

/** `1500m` for 1.5 cores. */
export function cpu(cores: number): string {
  return `${String(Math.ceil(cores * 1000))}m`;
}

/** `1536Mi` for 1.5 GiB. */
export function memory(bytes: number): string {
  return `${String(Math.ceil(bytes / 2 ** 20))}Mi`;
}
