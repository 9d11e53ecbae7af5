/** Istio and cert-manager that the cluster's owner runs already: ours are left out. */
import { satisfies, valid } from "semver";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { ClusterTarget } from "../../contracts/cluster-target.ts";
import type { Addition } from "../customisation.ts";

type Existing = NonNullable<ClusterTarget["existing"]>;

interface Part {
  readonly title: string;
  /**
   * Versions that upstream's releases around ours run with: v1.11.0 has Istio 1.28 and cert-manager 1.16, 26.03 Istio
   * 1.28 with 1.29's CRDs and cert-manager 1.19, 26.03.1-rc.2 Istio 1.30 and cert-manager 1.20
   * (research/kubeflow-26.03.md section 4).
   */
  readonly accepted: string;
  /** Components that are left out, with their CRDs. */
  readonly components: readonly string[];
  /** What the owner has to see to. */
  readonly note: string;
}

const parts: Readonly<Record<keyof Existing, Part>> = {
  istio: {
    title: "Istio",
    accepted: ">=1.28.0 <1.31.0",
    components: ["istio-crds", "istio-namespace", "istio-install"],
    note:
      "the cluster's own Istio is used. It has to have: its root namespace istio-system; a gateway whose pods have the " +
      "labels app: istio-ingressgateway and istio: ingressgateway, and whose Service is istio-ingressgateway; and in its " +
      "meshConfig.extensionProviders the provider oauth2-proxy, without which nobody can log in: docs/components.md#existing-istio",
  },
  certManager: {
    title: "cert-manager",
    accepted: ">=1.16.0 <1.21.0",
    components: ["cert-manager"],
    note: "the cluster's own cert-manager is used: it issues the certificates of Kubeflow's webhooks",
  },
};

/** Issuers are configuration of ours, not part of cert-manager's installation. */
const ours: ReadonlySet<string> = new Set(["ClusterIssuer", "Issuer"]);

export interface Left {
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly components: ReadonlySet<string>;
  readonly keeps: (object: KubernetesObject) => boolean;
}

export function leftToOwner(existing: Existing = {}): Left {
  const given = (["istio", "certManager"] as const).flatMap((name) => {
    const version = existing[name];
    return version === undefined ? [] : [{ name, version, part: parts[name] }];
  });
  return {
    problems: given.flatMap(({ name, version, part }) => versionProblem(name, version, part)),
    notes: given.map(({ part }) => part.note),
    components: new Set(given.flatMap(({ part }) => part.components)),
    keeps: ({ kind }) => ours.has(kind),
  };
}

function versionProblem(name: string, version: string, { title, accepted }: Part): readonly string[] {
  const plain = version.replace(/^v/, "");
  const whole = /^\d+\.\d+$/.test(plain) ? `${plain}.0` : plain;
  if (valid(whole) !== null && satisfies(whole, accepted)) return [];
  return [
    `the target's existing.${name}: ${JSON.stringify(version)}; allowed: ${accepted}. Bring the cluster's ${title} to ` +
      "one of these, or take the entry out and let this stack install its own in a cluster that has none",
  ];
}

/**
 * Upstream's rule that nothing in the mesh is let in unless a policy says so sits in the root namespace. In somebody
 * else's mesh it would shut their workloads off, so each namespace of ours gets it instead.
 */
export function denyByNamespace(objects: readonly KubernetesObject[]): readonly Addition[] {
  return objects
    .filter(({ kind, metadata }) => kind === "Namespace" && metadata.labels?.["istio-injection"] === "enabled")
    .map(({ metadata: { name } }) => ({
      component: "kubeflow-istio-resources",
      object: {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata: { name: "deny-all", namespace: name },
        spec: {},
      },
    }));
}
