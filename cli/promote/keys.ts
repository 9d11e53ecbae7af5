/**
 * What of a stack's configuration a promotion takes along, and what stays the environment's own. A test holds the table
 * against the schema (stacks/config.ts): a new key has to be put into it.
 */

interface KeyRule {
  /** Without `kubeflow:`. A key as a whole, or every member of a map by itself; a list's members are those of its items. */
  readonly key: string;
  readonly belongsTo: "release" | "environment";
  readonly reason: string;
}

const release = (key: string, reason: string): KeyRule => ({ key, belongsTo: "release", reason });
const environment = (key: string, reason: string): KeyRule => ({ key, belongsTo: "environment", reason });

export const keyRules: readonly KeyRule[] = [
  environment("target", "which cluster a stack is for is what makes it another environment"),
  environment("environment", "its name, and how strict policies are"),
  release("release", "the release itself: the lock has the digests of all sources, charts and renders"),
  release("crds", "which form of the CRDs was tried"),
  release("charts.name", "which charts are installed; their digests are in the lock"),
  release("charts.release", "what a chart is installed as"),
  release("charts.namespace", "where a chart is installed"),
  environment(
    "charts.values",
    "hosts, sizes and secrets of the environment; a chart that is new to it starts with the values that were tried",
  ),
  environment("kubernetesVersion", "of the cluster's API: clusters are upgraded by themselves"),
  environment("adminEmail", "who logs in first"),
  environment("rotate", "credentials are an environment's own, and made anew when it needs them to be"),
  environment("kubeconfig", "the cluster, and a secret"),
  environment("context", "the cluster"),
  environment("clusterIdentifier", "the cluster"),
  environment("simulated", "of one run, set by kf"),
  release("components.preset", "which components are installed"),
  release("components.with", "which components are installed"),
  release("components.without", "which components are installed"),
  environment("components.size", "replicas and resources: production is larger"),
  environment("login", "who may log in, at which issuer, with which secrets"),
  environment(
    "edge",
    "names, certificates, addresses and how the entrance is kept; never those of a laxer environment",
  ),
  environment("tenants", "people, quotas and data of the environment"),
  environment("storage", "where the environment's data is: a change of it moves data"),
  release("serving.mode", "decides which components serve models, and what models may ask for"),
  environment("serving.domain", "a name of the environment"),
  environment("serving.tls", "follows the environment's names and certificates"),
  environment("serving.scaleToZero", "how many replicas stand idle is a matter of size and cost"),
  environment("serving.resources", "a size: production is larger"),
  environment("serving.concurrency", "a size: it follows the GPUs that there are"),
  environment("serving.maxReplicas", "a size: it follows the GPUs that there are"),
  environment("backup", "where copies go, how often and for how long is the environment's own risk"),
  environment("secrets", "secrets never leave their environment"),
  environment("onprem", "the cluster: machines, addresses, storage classes"),
  environment("gke", "the cluster: zones, pools, domains, protection"),
  environment("eks", "the cluster: zones, pools, domains, protection"),
  environment("aks", "the cluster: zones, pools, domains, protection"),
  environment("prices", "what the environment's owner pays"),
  environment("oauthClientSecret", "a secret of the environment's login"),
  environment("promotion", "how long a release has to have run before it may come here, and from where"),
];

/** Full paths of the keys that are promoted one by one, `kubeflow:components` and `preset`; charts are merged by themselves. */
export const promotedPaths: readonly (readonly [key: string, ...members: string[]])[] = keyRules.flatMap(
  ({ key, belongsTo }) => {
    const [first = key, ...members] = key.split(".");
    return belongsTo === "release" && first !== "release" && first !== "charts"
      ? [[`kubeflow:${first}`, ...members] as const]
      : [];
  },
);
