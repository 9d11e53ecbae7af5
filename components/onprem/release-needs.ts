/** Which Istio and cert-manager a Kubeflow release works with, where the cluster has them already. Pure. */
import semver from "semver";

interface Needs {
  readonly istio: string;
  readonly certManager: string;
}

/**
 * Minor versions that upstream puts together and tests. 26.03: images of Istio 1.28.0, CRDs of 1.29.0, cert-manager
 * 1.19.4. 1.11.0: Istio 1.28.0, cert-manager 1.16.1.
 */
const needsOf: Readonly<Record<string, Needs>> = {
  "26.03": { istio: ">=1.28.0 <1.30.0", certManager: ">=1.19.0 <1.20.0" },
  "1.11.0": { istio: ">=1.28.0 <1.29.0", certManager: ">=1.16.0 <1.17.0" },
};

export const checkedReleases = Object.keys(needsOf);

/** The range that a version is outside of; undefined when it is inside, and for releases of which nothing is known. */
export function unmetNeed(release: string, part: keyof Needs, version: string | undefined): string | undefined {
  const range = needsOf[release]?.[part];
  if (range === undefined || version === undefined || semver.satisfies(version, range)) return undefined;
  return range;
}
