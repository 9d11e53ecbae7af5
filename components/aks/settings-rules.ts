/** What Azure refuses although every setting by itself is right. Pure. */
import { longestPrefix, overlaps, prefixOf } from "./address-plan.ts";
import { gpuPoolProblems, ownPools } from "./gpu-rules.ts";
import type { AksSettings } from "./settings.ts";

/** Every problem, as a person reads it. */
export function settingsProblems(settings: AksSettings): readonly string[] {
  return [
    ...rangeProblems(settings),
    ...poolProblems(settings),
    ...diskProblems(settings),
    ...gpuPoolProblems(settings),
    ...otherProblems(settings),
  ];
}

function rangeProblems({ networkRange, podRange, serviceRange }: AksSettings): readonly string[] {
  const ranges = Object.entries({ networkRange, podRange, serviceRange });
  const clashes = ranges.flatMap(([key, range], index) =>
    ranges
      .slice(index + 1)
      .filter(([, other]) => overlaps(range, other))
      .map(
        ([otherKey, other]) =>
          `kubeflow:aks.${key}: ${JSON.stringify(range)}; allowed: a range apart from kubeflow:aks.${otherKey} (${other}). ` +
          "AKS refuses ranges that overlap. Move one of them",
      ),
  );
  const prefix = prefixOf(networkRange);
  const isSmall =
    prefix > longestPrefix
      ? [
          `kubeflow:aks.networkRange: ${JSON.stringify(networkRange)}; allowed: /${String(longestPrefix)} or larger. ` +
            "The control plane's subnet takes no less than /28. Take a larger range",
        ]
      : [];
  return [...clashes, ...isSmall];
}

function poolProblems({ cpuPools, gpuPools, zones }: AksSettings): readonly string[] {
  const taken: ReadonlySet<string> = new Set(Object.values(ownPools));
  const cpuNames = new Set(cpuPools.map(({ name }) => name));
  const named = [
    ...cpuPools.map((pool, index) => ({
      path: `cpuPools[${String(index)}]`,
      name: pool.name,
      clash: taken.has(pool.name),
    })),
    ...gpuPools.map((pool, index) => ({
      path: `gpuPools[${String(index)}]`,
      name: pool.name,
      clash: taken.has(pool.name) || cpuNames.has(pool.name),
    })),
  ];
  const clashes = named
    .filter(({ clash }) => clash)
    .map(
      ({ path, name }) =>
        `kubeflow:aks.${path}.name: ${JSON.stringify(name)}; allowed: a name that no other pool has, and none of ` +
        `${[...taken].join(", ")}. Rename the pool`,
    );
  const elsewhere = cpuPools.flatMap(({ zones: own = [] }, index) => {
    if (own.every((zone) => zones.some((known) => known === zone))) return [];
    return [
      `kubeflow:aks.cpuPools[${String(index)}].zones: ${JSON.stringify(own)}; allowed: ${zones.join(", ")}. ` +
        "A pool is in zones of the cluster. Take some of these, or add to kubeflow:aks.zones",
    ];
  });
  return [...clashes, ...elsewhere];
}

/** AKS's own limit; the settings have that of other clouds. */
const largestDiskGiB = 2048;

function diskProblems({ systemPool, cpuPools, gpuPools }: AksSettings): readonly string[] {
  const pools = [
    { path: "systemPool", diskGiB: systemPool.diskGiB },
    ...cpuPools.map(({ diskGiB }, index) => ({ path: `cpuPools[${String(index)}]`, diskGiB })),
    ...gpuPools.map(({ diskGiB }, index) => ({ path: `gpuPools[${String(index)}]`, diskGiB })),
  ];
  return pools
    .filter(({ diskGiB }) => diskGiB > largestDiskGiB)
    .map(
      ({ path, diskGiB }) =>
        `kubeflow:aks.${path}.diskGiB: ${String(diskGiB)}; allowed: at most ${String(largestDiskGiB)}. ` +
        "AKS has no larger system disk. Take a smaller one",
    );
}

function otherProblems({ zones, database }: AksSettings): readonly string[] {
  if (!database.highlyAvailable || (zones.length > 1 && database.size !== "small")) return [];
  return [
    "kubeflow:aks.database.highlyAvailable: true; allowed: false, for a database of size small or a cluster of one zone. " +
      "The standby is in another zone, and machines of size small have none. Take a larger size and more zones",
  ];
}
