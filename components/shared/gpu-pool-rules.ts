/** What the clouds with one machine type per GPU pool refuse alike, and how a refusal is told. Pure. */
import type { GpuPoolSettings } from "./cloud-settings.ts";

export interface Refusal {
  readonly key: keyof GpuPoolSettings;
  readonly allowed: string;
  /** Why the cloud refuses it, and what to do. */
  readonly reason: string;
}

/** @param cluster facts of the cluster that the rule goes by. */
export type GpuPoolRule<Machine, Cluster> = (
  pool: GpuPoolSettings,
  machine: Machine,
  cluster: Cluster,
) => Refusal | undefined;

/** The machines with GPUs that a cloud has. */
export interface MachineCatalogue<Machine> {
  readonly cloud: string;
  /** By GPU model. */
  readonly machines: Readonly<Partial<Record<string, readonly Machine[]>>>;
  /** Those with as many GPUs as the pool asks for. */
  readonly machinesFor: (pool: GpuPoolSettings) => readonly Machine[];
  /** The one that the pool means. */
  readonly machineFor: (pool: GpuPoolSettings) => Machine | undefined;
  /** The cloud's own name of a machine. */
  readonly typeOf: (machine: Machine) => string;
}

/** What of a pool says how its GPUs are shared, wherever the pool is. */
type Sharing = Pick<GpuPoolSettings, "sharing"> & {
  readonly clientsPerGpu?: number | undefined;
  readonly migProfile?: string | undefined;
};

type SharingRefusal = Refusal & { readonly key: keyof Sharing };

const isShared = ({ sharing }: Sharing): boolean => sharing === "time-slicing" || sharing === "mps";

export const list = (values: Iterable<number | string>): string => [...new Set(values)].join(", ");

/** Of the ways to share a GPU, whatever the machine. */
export const sharingRules: readonly ((pool: Sharing) => SharingRefusal | undefined)[] = [
  (pool) => {
    if (!isShared(pool) || pool.clientsPerGpu !== undefined) return undefined;
    return { key: "clientsPerGpu", allowed: "2 to 48", reason: `Say how many pods share a GPU, for ${pool.sharing}` };
  },
  (pool) => {
    if (isShared(pool) || pool.clientsPerGpu === undefined) return undefined;
    const reason = `GPUs are not shared by pods with sharing ${pool.sharing}. Leave it out, or set sharing to time-slicing or mps`;
    return { key: "clientsPerGpu", allowed: "not set", reason };
  },
  ({ sharing, migProfile }) => {
    if (sharing === "mig" || migProfile === undefined) return undefined;
    const reason = `There are no slices with sharing ${sharing}. Leave it out, or set sharing to mig`;
    return { key: "migProfile", allowed: "not set", reason };
  },
];

/** @param profiles of the GPU: the slices that it can be cut into. */
export function uncuttable(
  { sharing, gpu }: Pick<GpuPoolSettings, "sharing"> & { readonly gpu: string },
  profiles: readonly string[],
): SharingRefusal | undefined {
  if (sharing !== "mig" || profiles.length > 0) return undefined;
  const reason = `A ${gpu} cannot be cut into slices. Share it, or take a GPU that can`;
  return { key: "sharing", allowed: "none, time-slicing, mps", reason };
}

/** A pool names a reservation if its capacity is one, and only then. @param what the cloud's own word for one. */
export function misnamedReservation(
  { capacity, reservation }: GpuPoolSettings,
  cloud: string,
  what: { readonly title: string; readonly form: string },
): Refusal | undefined {
  if (capacity === "reservation" && reservation === undefined) {
    const reason = `Nodes come out of a ${what.title} that is named. Name it, or take another capacity`;
    return { key: "reservation", allowed: what.form, reason };
  }
  if (capacity === "reservation" || reservation === undefined) return undefined;
  const reason = `${cloud} takes no reservation together with capacity ${capacity}. Leave it out, or set capacity to reservation`;
  return { key: "reservation", allowed: "not set", reason };
}

/**
 * Every refusal, as a person reads it; empty: the cloud takes the pools. Of a machine that does not exist there is no more
 * to say.
 * @param path of the list in the configuration.
 */
export function gpuPoolRefusals<Machine extends { readonly gpus: number }, Cluster>(
  path: string,
  pools: readonly GpuPoolSettings[],
  cluster: Cluster,
  catalogue: MachineCatalogue<Machine>,
  rules: readonly GpuPoolRule<Machine, Cluster>[],
): readonly string[] {
  return pools.flatMap((pool, index) => {
    const machine = catalogue.machineFor(pool);
    const found =
      machine === undefined ? [machineRefusal(pool, catalogue)] : rules.map((rule) => rule(pool, machine, cluster));
    return found.flatMap((refusal) => (refusal === undefined ? [] : [described(`${path}[${index}]`, pool, refusal)]));
  });
}

function machineRefusal<Machine extends { readonly gpus: number }>(
  pool: GpuPoolSettings,
  { cloud, machines, machinesFor, typeOf }: MachineCatalogue<Machine>,
): Refusal {
  const ofModel = machines[pool.gpu];
  if (ofModel === undefined) {
    const reason = `${cloud} has no machine with this GPU. Take another GPU, or another cloud for this pool`;
    return { key: "gpu", allowed: list(Object.keys(machines)), reason };
  }
  const ofCount = machinesFor(pool);
  if (ofCount.length === 0) {
    const reason = `No machine has so many ${pool.gpu}. Take another number, and more nodes or fewer`;
    return { key: "gpusPerNode", allowed: list(ofModel.map(({ gpus }) => gpus)), reason };
  }
  const reason = `This machine does not have ${String(pool.gpusPerNode)} ${pool.gpu}. Leave it out for the smallest`;
  return { key: "machineType", allowed: list(ofCount.map(typeOf)), reason };
}

function described(path: string, pool: GpuPoolSettings, { key, allowed, reason }: Refusal): string {
  const value = pool[key];
  const shown = value === undefined ? "not set" : JSON.stringify(value);
  return `${path}.${key}: ${shown}; allowed: ${allowed}. ${reason}`;
}
