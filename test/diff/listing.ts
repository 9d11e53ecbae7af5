/** Listings of resources as `kf preview --resources` has them. */
import type { PlannedResource } from "../../cli/operation.ts";
import { compareListings, type ResourceChange } from "../../cli/diff/compare.ts";
import { replacementRules } from "../../cli/diff/replacements.ts";
import type { ReportValue } from "../../engine/report.ts";

export type Inputs = Readonly<Record<string, ReportValue>>;

export function planned(type: string, name: string, inputs: Inputs, options: Partial<PlannedResource> = {}) {
  const resource: PlannedResource = {
    urn: `urn:pulumi:dev::kubeflow::kubeflow:index:Part$${type}::${name}`,
    ...{ type, inputs, dependencies: [] },
    ...options,
  };
  return resource;
}

/** A Kubernetes object as a resource: its type and name are those of the object. */
export function object(apiVersion: string, kind: string, name: string, rest: Inputs = {}): PlannedResource {
  const [own = name, namespace] = name.split("/").toReversed();
  const metadata = { name: own, ...(namespace === undefined ? {} : { namespace }) };
  const { metadata: more = {}, ...others } = rest;
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
  return planned(type, name, {
    ...{ apiVersion, kind },
    metadata: { ...metadata, ...(more as Inputs) },
    ...others,
  });
}

export const rules = await replacementRules(["gcp:a:B", "aws:a:B", "azure-native:a:B", "azuread:a:B"]);

export function compared(
  before: readonly PlannedResource[],
  after: readonly PlannedResource[],
): readonly ResourceChange[] {
  return compareListings(before, after, rules);
}
