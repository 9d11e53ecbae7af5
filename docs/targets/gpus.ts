/** What each cloud takes of GPU pools, found by asking the rules that check a stack. */
import { gpuPoolProblems as aksProblems } from "../../components/aks/gpu-rules.ts";
import { machinesFor as aksMachines } from "../../components/aks/gpu-machines.ts";
import { gpuModels as eksModels } from "../../components/eks/gpu-machines.ts";
import { poolProblems as eksProblems } from "../../components/eks/gpu-rules.ts";
import { machinesFor as gkeMachines } from "../../components/gke/gpu-machines.ts";
import { gpuPoolProblems as gkeProblems } from "../../components/gke/gpu-rules.ts";
import { cloudSettings, gpuKinds, type GpuKind, type GpuPoolSettings } from "../../components/shared/cloud-settings.ts";

interface Cloud {
  readonly name: "GKE" | "EKS" | "AKS";
  readonly zone: string;
  readonly reservation: string;
  readonly accepts: (pool: GpuPoolSettings) => boolean;
  /** Names of the machines that have so many. */
  readonly machines: (gpu: GpuKind, gpusPerNode: number) => readonly string[];
}

const clouds: readonly Cloud[] = [
  {
    name: "GKE",
    zone: "us-central1-a",
    reservation: "reserved",
    accepts: (pool) =>
      gkeProblems([pool], { region: "us-central1", kubernetesVersion: "1.35.2", highBandwidthNetworking: false })
        .length === 0,
    machines: (gpu, gpusPerNode) => gkeMachines({ gpu, gpusPerNode }).map(({ machineType }) => machineType),
  },
  {
    name: "EKS",
    zone: "us-east-1a",
    reservation: "cr-0123456789abcdef0",
    accepts: (pool) => eksProblems({ zones: ["us-east-1a"], cpuPools: [], gpuPools: [pool] }).length === 0,
    machines: (gpu, gpusPerNode) =>
      eksModels[gpu].machines.filter(({ gpus }) => gpus === gpusPerNode).map(({ type }) => type),
  },
  {
    name: "AKS",
    zone: "1",
    reservation:
      "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/gpus/providers/Microsoft.Compute/" +
      "capacityReservationGroups/reserved",
    accepts: (pool) => aksProblems({ gpuPools: [pool], zones: ["1"] }).length === 0,
    machines: (gpu, gpusPerNode) => aksMachines({ gpu, gpusPerNode }).map(({ vmSize }) => vmSize),
  },
];

const counts = [1, 2, 4, 8];
const capacities = ["on-demand", "spot", "reservation", "flex-start", "queued", "capacity-block"] as const;
const [slices, memories] = [
  [1, 2, 3, 4, 7],
  [5, 10, 12, 18, 20, 23, 24, 30, 35, 40, 45, 47, 48, 60, 71, 80, 90, 94, 96, 141, 180],
];
const migProfiles = slices.flatMap((part) => memories.map((memory) => `${String(part)}g.${String(memory)}gb`));

/** Which machine a pool gets by itself, by GPU and number per node. */
export function machineTable(): string {
  const rows = gpuKinds.flatMap((gpu) =>
    counts.flatMap((gpusPerNode) => {
      const names = clouds.map(({ machines }) => machines(gpu, gpusPerNode));
      if (names.every(({ length }) => length === 0)) return [];
      return [row(`\`${gpu}\``, gpusPerNode, ...names.map(([smallest]) => (smallest ? `\`${smallest}\`` : "-")))];
    }),
  );
  return table(["GPU", "per node", ...clouds.map(({ name }) => name)], rows);
}

/** How a GPU can be bought and shared, by cloud. */
export function capabilityTable(): string {
  const rows = gpuKinds.map((gpu) =>
    row(`\`${gpu}\``, ...clouds.flatMap((cloud) => [capacitiesOf(cloud, gpu), sharingOf(cloud, gpu)])),
  );
  const columns = clouds.flatMap(({ name }) => [`${name} capacity`, `${name} sharing`]);
  return table(["GPU", ...columns], rows);
}

function capacitiesOf(cloud: Cloud, gpu: GpuKind): string {
  return listed(capacities.filter((capacity) => takes(cloud, gpu, { capacity })));
}

function sharingOf(cloud: Cloud, gpu: GpuKind): string {
  const shared = (["time-slicing", "mps"] as const).filter((sharing) =>
    takes(cloud, gpu, { sharing, clientsPerGpu: 2 }),
  );
  const profiles = migProfiles.filter((migProfile) => takes(cloud, gpu, { sharing: "mig", migProfile }));
  return listed([...shared, ...profiles.map((profile) => `mig ${profile}`)]);
}

/** Whether there is a pool like this that the cloud takes, with any number of GPUs and any way of buying them. */
function takes(cloud: Cloud, gpu: GpuKind, wish: Partial<GpuPoolSettings>): boolean {
  const ways = wish.capacity === undefined ? capacities : [wish.capacity];
  return ways.some((capacity) =>
    counts.some((gpusPerNode) => {
      const isReserved = capacity === "reservation" || capacity === "capacity-block";
      const reservation = isReserved ? { reservation: cloud.reservation } : {};
      const pool = { name: "pool", gpu, gpusPerNode, max: 1, zones: [cloud.zone], capacity, ...reservation, ...wish };
      return cloudSettings.gpuPools.parse([pool]).every(cloud.accepts);
    }),
  );
}

const listed = (items: readonly string[]): string => (items.length === 0 ? "-" : items.join(", "));
const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

function table(columns: readonly string[], rows: readonly string[]): string {
  return `${row(...columns)}\n${row(...columns.map(() => "---"))}\n${rows.join("\n")}\n`;
}
