/** What is wrong with a GKE cluster although every setting by itself is right. Pure. */
import type { GkeSettings } from "./settings.ts";
import { gpuPoolProblems } from "./gpu-rules.ts";

/** What the settings are looked at together with. */
export interface SettingsContext {
  readonly kubernetesVersion: string;
  readonly hasOauthClientSecret: boolean;
}

/** Every problem, with its path, value, what is allowed and what to do. */
export function gkeProblems(settings: GkeSettings, context: SettingsContext): readonly string[] {
  const { region, highBandwidthNetworking } = settings;
  const { kubernetesVersion } = context;
  return [
    ...zoneProblems(settings),
    ...rangeProblems(settings),
    ...poolNameProblems(settings),
    ...labelProblems(settings),
    ...neededTogether(settings, context),
    ...gpuPoolProblems(settings.gpuPools, { region, highBandwidthNetworking, kubernetesVersion }),
  ];
}

function zoneProblems({ region, zones, cpuPools }: GkeSettings): readonly string[] {
  const lists = [
    { path: "zones", zones },
    ...cpuPools.map((pool, index) => ({ path: `cpuPools[${String(index)}].zones`, zones: pool.zones ?? [] })),
  ];
  return lists.flatMap(({ path, zones: named }) => {
    const elsewhere = named.filter((zone) => !zone.startsWith(`${region}-`));
    const problems = elsewhere.map((zone) => said(path, zone, `zones of ${region}`, "Take zones of the region"));
    if (new Set(named).size === named.length) return problems;
    return [...problems, said(path, named, "each zone once", "Take the second one out")];
  });
}

/** The ranges of a network must not overlap, and hold as many nodes as the pools may come to. */
function rangeProblems(settings: GkeSettings): readonly string[] {
  const ranges = (["networkRange", "podRange", "serviceRange"] as const).map((key) => ({
    key,
    text: settings[key],
    ...addressesOf(settings[key]),
  }));
  const problems = ranges.flatMap((range, index) =>
    ranges
      .slice(0, index)
      .filter((other) => range.first <= other.last && other.first <= range.last)
      .map((other) => said(range.key, range.text, `a range apart from ${other.key} ${other.text}`, "Move one of them")),
  );
  const { systemPool, cpuPools, gpuPools } = settings;
  const nodes = [systemPool, ...cpuPools, ...gpuPools].reduce((sum, { max }) => sum + max, 0);
  const room = Math.floor(sizeOf(settings.podRange) / addressesPerNode);
  if (nodes > room) {
    const remedy = `The pools may come to ${String(nodes)} nodes, and it holds ${String(room)}. Take a wider one, or lower max`;
    problems.push(said("podRange", settings.podRange, "a /24 for each node", remedy));
  }
  // Four of every range are Google's own; the database has one.
  if (nodes + 5 > sizeOf(settings.networkRange)) {
    const remedy = `The pools may come to ${String(nodes)} nodes. Take a wider one, or lower max`;
    problems.push(said("networkRange", settings.networkRange, "an address for each node", remedy));
  }
  return problems;
}

/** GKE gives a node twice the addresses of its at most 110 pods, rounded up. */
const addressesPerNode = 256;

const sizeOf = (cidr: string): number => 2 ** (32 - Number(cidr.split("/")[1]));

function addressesOf(cidr: string): { readonly first: number; readonly last: number } {
  const [address = ""] = cidr.split("/");
  const size = sizeOf(cidr);
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Math.floor(value / size) * size;
  return { first, last: first + size - 1 };
}

function poolNameProblems({ cpuPools, gpuPools }: GkeSettings): readonly string[] {
  const taken = new Set(["system"]);
  const named = [
    ...cpuPools.map(({ name }, index) => ({ path: `cpuPools[${String(index)}].name`, name })),
    ...gpuPools.map(({ name }, index) => ({ path: `gpuPools[${String(index)}].name`, name })),
  ];
  return named.flatMap(({ path, name }) => {
    const isFree = !taken.has(name);
    taken.add(name);
    return isFree ? [] : [said(path, name, "a name that no other pool has", "Rename it")];
  });
}

function labelProblems({ labels, cpuPools, gpuPools }: GkeSettings): readonly string[] {
  const own = Object.entries(labels)
    .filter(([key, value]) => !/^[a-z][a-z0-9_-]{0,62}$/.test(key) || !/^[a-z0-9_-]{0,63}$/.test(value))
    .map(([key, value]) => said(`labels.${key}`, value, "a-z, 0-9, _ and -, at most 63", "Google Cloud refuses it"));
  const ofNodes = [
    ...cpuPools.map(({ labels }, index) => ({ path: `cpuPools[${String(index)}].labels`, labels })),
    ...gpuPools.map(({ labels }, index) => ({ path: `gpuPools[${String(index)}].labels`, labels })),
  ].flatMap(({ path, labels }) =>
    Object.entries(labels)
      .filter(([key]) => /^(.*\.)?(kubernetes\.io|k8s\.io|cloud\.google\.com)\//.test(key))
      .map(([key, value]) =>
        said(`${path}["${key}"]`, value, "a key of your own domain", "GKE keeps these keys to itself. Rename it"),
      ),
  );
  return [...own, ...ofNodes];
}

/** Of notification channels, that a budget can have. */
const mostBudgetEmails = 5;

function neededTogether(settings: GkeSettings, { hasOauthClientSecret }: SettingsContext): readonly string[] {
  const problems: string[] = [];
  if (settings.budget !== undefined && settings.billingAccount === undefined) {
    problems.push(
      said("billingAccount", undefined, "a billing account", "The budget is set on it. Name it, or take budget out"),
    );
  }
  const emails = settings.budget?.emails ?? [];
  if (emails.length > mostBudgetEmails) {
    const allowed = `at most ${String(mostBudgetEmails)}`;
    problems.push(
      said("budget.emails", emails, allowed, "Google tells no more. Take some out, or take the address of a group"),
    );
  }
  if (settings.requestQuota && settings.quotaContact === undefined) {
    problems.push(
      said(
        "quotaContact",
        undefined,
        "an address",
        "Google asks somebody about the quota. Name them, or take requestQuota out",
      ),
    );
  }
  if (settings.oauthClientId !== undefined && !hasOauthClientSecret) {
    problems.push(
      "kubeflow:oauthClientSecret: not set; allowed: the secret of the client kubeflow:gke.oauthClientId. " +
        "Set it with: pulumi config set --secret oauthClientSecret",
    );
  }
  if (settings.oauthClientId === undefined && hasOauthClientSecret) {
    problems.push(
      said("oauthClientId", undefined, "the id of the client whose secret is set", "Set it beside the secret"),
    );
  }
  return problems;
}

function said(path: string, value: unknown, allowed: string, remedy: string): string {
  const shown = value === undefined ? "not set" : JSON.stringify(value);
  return `kubeflow:gke.${path}: ${shown}; allowed: ${allowed}. ${remedy}`;
}
