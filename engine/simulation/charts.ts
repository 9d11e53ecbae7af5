/** Helm charts as a simulated cluster knows them: the kinds that each brings, for what is made of those kinds later. */
import type { PropertyMap } from "../values.ts";

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Cluster" | "Namespaced";
}

const karpenter: readonly Kind[] = [
  { group: "karpenter.sh", version: "v1", kind: "NodePool", plural: "nodepools", scope: "Cluster" },
  { group: "karpenter.sh", version: "v1", kind: "NodeClaim", plural: "nodeclaims", scope: "Cluster" },
  { group: "karpenter.k8s.aws", version: "v1", kind: "EC2NodeClass", plural: "ec2nodeclasses", scope: "Cluster" },
];

const charts: Readonly<Record<string, readonly Kind[]>> = {
  karpenter,
  "karpenter-crd": karpenter,
  "gpu-operator": [],
  "aws-efa-k8s-device-plugin": [],
  velero: [],
};

/** Why nothing is known of a chart; undefined when something is. */
export function chartProblem(chart: string): string | undefined {
  const name = nameOf(chart);
  if (Object.hasOwn(charts, name)) return undefined;
  return (
    `the simulated cluster does not know the Helm chart ${name}; it knows: ${Object.keys(charts).join(", ")}. ` +
    "Write down in engine/simulation/charts.ts which kinds it brings"
  );
}

/** The kinds of a chart; none of one that is not known. */
export function crdsOfChart(chart: string): readonly PropertyMap[] {
  return (charts[nameOf(chart)] ?? []).map(crd);
}

/** `oci://registry/path/name` or `name`. */
const nameOf = (chart: string): string => chart.split("/").at(-1) ?? chart;

function crd({ group, version, kind, plural, scope }: Kind): PropertyMap {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}
