import type { KubernetesObject } from "../kubernetes/objects.ts";

/** A CustomResourceDefinition of a rendered release. Its body is large, so it stays in the cache under its digest. */
export interface RenderedCrd {
  /** `notebooks.kubeflow.org` */
  readonly name: string;
  /** sha256 (hex) of the body's canonical JSON: the name of the file in the cache's `crds` folder. */
  readonly digest: string;
  readonly group: string;
  readonly kind: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly versions: readonly string[];
  /** The Service behind a conversion webhook. */
  readonly conversionService?: { readonly namespace: string; readonly name: string };
}

/** What a release comes to: every object that is to be registered, and where it came from. */
export interface RenderedRelease {
  /** `26.03` */
  readonly name: string;
  /** sha256 (hex) over every object and CRD: two renders with one digest are byte for byte the same. */
  readonly digest: string;
  /** Of our own writing, for a machine without network and mirror: never installed on a real cluster. */
  readonly sample: boolean;
  readonly crds: readonly RenderedCrd[];
  /** Everything but the CRDs, in the renderer's order. */
  readonly objects: readonly KubernetesObject[];
  /**
   * The component (`pipelines`, `katib`, `istio-install`, ...) of each object and CRD, by `objectKey`. A component is one
   * entry of the lock's list: a name and a kustomization of the source (the entries of `example/kustomization.yaml`),
   * built on its own. The sum of those builds is the build of `example` but for one object, which `fixes.ts` mends
   * anyway (research, section 5), and two of them can run at once.
   */
  readonly componentOf: Readonly<Record<string, string>>;
  /** What the install hooks of the charts beside the release ask for, and the platform's concerns. */
  readonly phases?: readonly Phases[];
}

/**
 * What comes before and after the rest, by `objectKey`: a chart's install hooks, or objects that would leave a gap otherwise.
 * Those of one phase go one after the other, in this order.
 */
export interface Phases {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Every object that this is about: of a chart all, hooks included. */
  readonly all: readonly string[];
}

/** `lean` drops the `description` texts of the schemas and nothing else. */
export type CrdStyle = "lean" | "full";

/** Called as work goes on: `fetch kubeflow 26.03`, `render 675 objects`. */
export type Progress = (message: string) => void;
