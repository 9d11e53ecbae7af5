/** The plan of a cluster that there is no kubeconfig for, yet, or that is not to be asked: stand-ins fill the gaps. */
import type { OperationKind } from "../engine/report.ts";
import type { StackConfig } from "../stacks/config.ts";
import { namedSecrets } from "../stacks/named-secrets.ts";

export interface Clusterless {
  /** What is added to the stack's configuration. */
  readonly config: Readonly<Record<string, string>>;
  /** So that no report of it can be taken for one of a real cluster. */
  readonly note: string;
}

/**
 * @param fromNothing the cluster is not asked even where there is a kubeconfig, nor is a sandbox.
 * @returns undefined where there is a kubeconfig, or none is needed; nothing but a preview does without.
 */
export function clusterlessPlan(
  kind: OperationKind,
  config: StackConfig,
  fromNothing = false,
): Clusterless | undefined {
  const { target, onprem, kubeconfig, context = "cluster", secrets } = config;
  const hasNone = target === "kubeconfig" && onprem !== undefined && kubeconfig === undefined;
  const isLeftOut = fromNothing && (target === "kubeconfig" || target === "sandbox");
  if (kind !== "preview" || (!hasNone && !isLeftOut)) return undefined;
  const missing = namedSecrets(config).filter((name) => secrets[name] === undefined);
  const standIns = Object.fromEntries(missing.map((name) => [name, "stand-in"]));
  return {
    config: {
      "kubeflow:kubeconfig": noCluster(context),
      ...(missing.length === 0 ? {} : { "kubeflow:secrets": JSON.stringify({ ...secrets, ...standIns }) }),
    },
    note:
      `offline plan: ${fromNothing ? "--from-nothing" : "kubeflow:kubeconfig is not set"}, so no cluster was asked, ` +
      "everything is planned as new, and what only " +
      `the cluster can tell is unknown${missing.length === 0 ? "" : `; stand-ins for the secrets ${missing.join(", ")}`}`,
  };
}

/** A kubeconfig of a cluster that cannot exist: nothing has a name that ends with `.invalid` (RFC 6761). */
function noCluster(name: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: "https://no-cluster.invalid:6443" } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}
