/** What a person can switch on and off, and which components of a release that is. Pure: `kf` checks names against it. */

export interface CatalogueEntry {
  /** Components of the release, as its lock names them. */
  readonly components: readonly string[];
  /** Names that have to be there for this one to work. */
  readonly needs?: readonly ComponentName[];
  /** Names that have to be there when models are served by Knative, which is KServe's default. */
  readonly needsWhenServerless?: readonly ComponentName[];
  /** Starts of the links that the dashboard has to it and to its documentation. */
  readonly links?: readonly string[];
}

export const componentNames = [
  "dashboard",
  "notebooks",
  "volumes",
  "tensorboards",
  "pipelines",
  "katib",
  "trainer",
  "knative",
  "kserve",
  "models-web-app",
  "spark-operator",
  "model-registry",
] as const;

export type ComponentName = (typeof componentNames)[number];

const documentation = "https://www.kubeflow.org/docs/components";

/** Components that are in no entry are the base, or somebody's own: they always stay. */
export const catalogue: Readonly<Record<ComponentName, CatalogueEntry>> = {
  dashboard: { components: ["centraldashboard"] },
  notebooks: {
    components: ["jupyter-web-app", "notebook-controller"],
    links: ["/jupyter/", `${documentation}/notebooks/`],
  },
  // The viewer opens a volume's files in the browser: the web app is its only caller.
  volumes: { components: ["volumes-web-app", "pvcviewer-controller"], links: ["/volumes/"] },
  tensorboards: { components: ["tensorboard-controller", "tensorboards-web-app"], links: ["/tensorboards/"] },
  pipelines: { components: ["pipelines"], links: ["/pipeline/", `${documentation}/pipelines/`] },
  katib: { components: ["katib"], links: ["/katib/", `${documentation}/katib/`] },
  trainer: { components: ["trainer"], links: [`${documentation}/training/`, `${documentation}/trainer/`] },
  // Knative's local gateway selects the pods of the cluster-local gateway, which serves nothing else.
  knative: { components: ["knative-serving", "cluster-local-gateway"] },
  kserve: { components: ["kserve"], needsWhenServerless: ["knative"] },
  "models-web-app": { components: ["kserve-models-web-app"], needs: ["kserve"], links: ["/kserve-endpoints/"] },
  "spark-operator": { components: ["spark-operator"] },
  "model-registry": {
    components: ["model-registry", "model-registry-istio", "model-registry-ui"],
    links: ["/model-registry/"],
  },
};

export const presetNames = ["minimal", "standard", "full"] as const;
export type PresetName = (typeof presetNames)[number];

const minimal: readonly ComponentName[] = ["dashboard", "notebooks", "volumes", "pipelines"];
const standard: readonly ComponentName[] = [...minimal, "tensorboards", "katib", "trainer"];

export const presets: Readonly<Record<PresetName, readonly ComponentName[]>> = {
  /** To write and run pipelines on one small node: 2 CPU and 8 GiB by requests. */
  minimal,
  /** What a team trains with. */
  standard,
  /** Upstream's example: serving and Spark, too. It has no model registry. */
  full: componentNames.filter((name) => name !== "model-registry"),
};

/** The components of a release that names stand for. */
export function releaseComponentsOf(names: readonly ComponentName[]): readonly string[] {
  return names.flatMap((name) => catalogue[name].components);
}
