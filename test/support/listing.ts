/** Everything that a cluster holds, by kubectl: what an install added and what a destroy left can be compared. */
import { execa } from "execa";
import { ensureTool } from "../../tools/tools.ts";

/** `deployments.apps kubeflow/ml-pipeline` and the like. */
export type Listing = ReadonlySet<string>;

/** Made and renamed by Kubernetes at any time: they say nothing about who left what behind. */
const volatile = /^(events|leases|endpointslices|endpoints|componentstatuses|controllerrevisions|apiservices)(\.|$)/;

async function kubectl(kubeconfig: string, ...args: readonly string[]): Promise<string> {
  const tool = await ensureTool("kubectl", () => undefined);
  const { stdout } = await execa(tool, ["--kubeconfig", kubeconfig, ...args], { maxBuffer: 500_000_000 });
  return stdout;
}

/** Names of all objects of all listable types, but for those that Kubernetes itself makes at any time. */
export async function listEverything(kubeconfig: string): Promise<Listing> {
  const types = (await kubectl(kubeconfig, "api-resources", "--verbs=list", "--no-headers", "-o", "name"))
    .split("\n")
    .filter((type) => type !== "" && !volatile.test(type));
  const found = new Set<string>();
  const format = '{range .items[*]}{.kind}.{.apiVersion} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}';
  const lines = await kubectl(
    kubeconfig,
    "get",
    types.join(","),
    "-A",
    "--ignore-not-found",
    "-o",
    `jsonpath=${format}`,
  );
  for (const line of lines.split("\n")) {
    // Generated names, another one each time; what they belong to is listed.
    if (line !== "" && !/^(Pod\.v1|ReplicaSet\.apps|IPAddress\.networking)/.test(line)) found.add(line);
  }
  return found;
}

/** Workloads that are not ready and claims that are not bound. */
export async function notReady(kubeconfig: string): Promise<readonly string[]> {
  const { items } = JSON.parse(
    await kubectl(kubeconfig, "get", "deployments,statefulsets,daemonsets,persistentvolumeclaims", "-A", "-o", "json"),
  ) as { readonly items: readonly Live[] };
  return items
    .filter((item) => !isReady(item))
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
}

interface Live {
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly replicas?: number };
  readonly status: Readonly<Record<string, unknown>>;
}

function isReady({ kind, spec, status }: Live): boolean {
  if (kind === "PersistentVolumeClaim") return status["phase"] === "Bound";
  if (kind === "DaemonSet") return status["numberReady"] === status["desiredNumberScheduled"];
  return (status["readyReplicas"] ?? 0) === (spec.replicas ?? 1);
}
