/** Changes of a stack's file as people make them, some of which destroy something. */

/** A stack's file; keys without `kubeflow:`. */
export type Config = Record<string, unknown>;

/** Changes the configuration; undefined where it has nothing of the kind. @param n any number from 0 on. */
type Mutation = (config: Config, n: number) => string | undefined;

function mapAt(config: Config, ...path: readonly string[]): Config | undefined {
  let value: unknown = config;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Config)[key];
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Config) : undefined;
}

const listAt = (config: Config | undefined, key: string): Config[] | undefined => {
  const value = config?.[key];
  return Array.isArray(value) && value.length > 0 ? (value as Config[]) : undefined;
};

const cloudOf = (config: Config): Config | undefined =>
  ["gke", "eks", "aks"].map((key) => mapAt(config, key)).find(Boolean);
const clusterOf = (config: Config): Config | undefined => cloudOf(config) ?? mapAt(config, "onprem");

/** Another one of some values, in turn. */
function other<T>(values: readonly T[], now: unknown, n: number): T | undefined {
  const rest = values.filter((value) => value !== now);
  return rest[n % rest.length];
}

const set = (map: Config | undefined, key: string, value: unknown): string | undefined => {
  if (map === undefined || value === undefined || JSON.stringify(map[key]) === JSON.stringify(value)) return undefined;
  map[key] = value;
  return `${key} = ${JSON.stringify(value)}`;
};

const profiles = (config: Config) => listAt(mapAt(config, "tenants"), "profiles");

export const mutations: Readonly<Record<string, Mutation>> = {
  "replicas of models": (config, n) => set(mapAt(config, "serving", "maxReplicas"), "default", 1 + (n % 30)),
  culling: (config, n) => set(mapAt(config, "tenants", "culling"), "idleMinutes", 60 + (n % 1000)),
  "a quota": (config, n) => set(mapAt(profiles(config)?.[0] ?? {}, "quota"), "gpus", 1 + (n % 50)),
  "another member": (config, n) =>
    set(profiles(config)?.[0], "members", [
      { user: `user-${String(n)}@example.com`, role: n % 2 === 0 ? "edit" : "view" },
    ]),
  "another owner": (config, n) => set(profiles(config)?.[0], "owner", `owner-${String(n)}@example.com`),
  "one more tenant": (config, n) => {
    const list = profiles(config);
    list?.push({ name: `team-${String(n)}`, owner: `lead-${String(n)}@example.com` });
    return list && `team-${String(n)}`;
  },
  "a tenant less": (config) => {
    const list = profiles(config);
    return list && list.length > 1 ? `without ${JSON.stringify(list.pop())}` : undefined;
  },
  "a tenant renamed": (config, n) => set(profiles(config)?.at(-1), "name", `renamed-${String(n)}`),
  "another host": (config, n) => set(mapAt(config, "edge"), "hosts", [`*.models-${String(n)}.example.com`]),
  "another domain": (config, n) => set(clusterOf(config), "domain", `kubeflow-${String(n)}.example.com`),
  "another size": (config, n) =>
    set(
      mapAt(config, "components"),
      "size",
      other(["small", "medium", "large"], mapAt(config, "components")?.["size"], n),
    ),
  "another environment": (config, n) =>
    set(config, "environment", other(["dev", "staging", "prod"], config["environment"], n)),
  "another first user": (config, n) => set(config, "adminEmail", `admin-${String(n)}@example.com`),
  "whole CRDs": (config) => set(config, "crds", "full"),
  "another Kubernetes": (config, n) =>
    set(config, "kubernetesVersion", other(["1.34.4", "1.34.5", "1.35.0", "1.35.1"], config["kubernetesVersion"], n)),
  "a rotated credential": (config, n) => set(config, "rotate", { "pipelines-database": String(n) }),
  "another cluster name": (config, n) =>
    cloudOf(config) === undefined ? undefined : set(cloudOf(config), "clusterName", `other-${String(n % 1000)}`),
  "other protection": (config, n) =>
    set(cloudOf(config), "protection", other(["none", "standard", "strict"], cloudOf(config)?.["protection"], n)),
  "a larger pool": (config, n) => set(listAt(cloudOf(config), "cpuPools")?.[0], "max", 5 + (n % 50)),
  "more GPUs": (config, n) => set(listAt(cloudOf(config), "gpuPools")?.[0], "max", 5 + (n % 10)),
  "a GPU pool less": (config) => {
    const list = listAt(clusterOf(config), "gpuPools");
    return list && `without ${JSON.stringify(list.shift())}`;
  },
  "a larger boot disk": (config, n) => set(mapAt(cloudOf(config) ?? {}, "systemPool"), "diskGiB", 100 + (n % 100)),
  labels: (config, n) => set(cloudOf(config), "labels", { team: `team-${String(n)}` }),
  "old versions of artifacts": (config, n) => set(cloudOf(config), "artifacts", { noncurrentDays: 10 + (n % 80) }),
  "another database": (config, n) =>
    set(cloudOf(config), "database", { size: n % 2 === 0 ? "medium" : "large", backupDays: 1 + (n % 30) }),
  "open to everybody": (config) => set(cloudOf(config), "authorizedNetworks", ["0.0.0.0/0"]),
  "another storage class": (config, n) =>
    set(mapAt(config, "onprem"), "storage", { defaultClass: `class-${String(n)}`, sharedClass: `shared-${String(n)}` }),
  "at a port of the nodes": (config) => set(mapAt(config, "onprem"), "ingress", { kind: "node-port" }),
};
