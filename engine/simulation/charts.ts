/** Helm charts as a simulated cluster knows them: the kinds that each brings, for what is made of those kinds later. */
import { UserError } from "../../shared/errors.ts";
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
};

/** @throws UserError for a chart that nobody has written down. */
export function crdsOfChart(chart: string): readonly PropertyMap[] {
  const name = chart.split("/").at(-1) ?? chart;
  const kinds = Object.hasOwn(charts, name) ? charts[name] : undefined;
  if (kinds !== undefined) return kinds.map(crd);
  throw new UserError(
    `the simulated cluster does not know the Helm chart ${name}; it knows: ${Object.keys(charts).join(", ")}. ` +
      "Write down in engine/simulation/charts.ts which kinds it brings",
  );
}

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
