/** What `kf drift` finds, as plain data: the JSON that it prints. */
import { masked } from "../../engine/diff.ts";
import type { Looked } from "../../engine/look.ts";
import type { FieldManager } from "../../engine/provider.ts";
import type { ReportValue } from "../../engine/report.ts";
import { typeOfUrn } from "../../engine/urn.ts";
import type { RequestStats } from "../../kubernetes/stats.ts";

export interface ObjectName {
  /** `Deployment/kubeflow/ml-pipeline`, `Namespace/kubeflow`: what `--fix` takes. */
  readonly name: string;
  readonly urn: string;
}

export interface DriftedField {
  /** In Pulumi's notation, e.g. `spec.replicas`. */
  readonly path: string;
  /** Absent: not to be there. */
  readonly expected?: ReportValue;
  /** Absent: not there. Secrets are `"[secret]"`. */
  readonly live?: ReportValue;
  /** Whose the field is now; none where it was taken out, which nobody records. */
  readonly managers: readonly FieldManager[];
}

export interface Drift extends ObjectName {
  readonly is: "gone" | "changed";
  /** Of what is gone none. */
  readonly fields: readonly DriftedField[];
  /** Who else has set fields of the object, the latest first. */
  readonly writers: readonly FieldManager[];
}

export interface DriftReport {
  readonly stack: string;
  /** ISO time of the look. */
  readonly at: string;
  /** How many objects were looked at. */
  readonly objects: number;
  readonly drifts: readonly Drift[];
  /** Objects that could not be looked at. */
  readonly unread: readonly (ObjectName & { readonly error: string })[];
  /** Of what was looked at in part only. */
  readonly notes: readonly (ObjectName & { readonly note: string })[];
  /** Requests by verb and status, e.g. `{"GET 200": 688}`. */
  readonly requests: RequestStats;
}

/** Exit codes of `kf drift`, for a cron. 2 is wrong usage, as everywhere. */
export const exitCodes = { none: 0, failed: 1, drift: 3 } as const;

/** A look that is not whole tells nothing for certain, so it has failed, whatever else it found. */
export function exitCodeOf({ drifts, unread }: DriftReport): number {
  if (unread.length > 0) return exitCodes.failed;
  return drifts.length > 0 ? exitCodes.drift : exitCodes.none;
}

export function reportOf(stack: string, looked: readonly Looked[], requests: RequestStats): DriftReport {
  const drifts: Drift[] = [];
  const unread: DriftReport["unread"][number][] = [];
  const notes: DriftReport["notes"][number][] = [];
  for (const each of looked) {
    const { sight } = each;
    const name = objectName(each);
    if ("error" in sight) {
      unread.push({ ...name, error: sight.error });
      continue;
    }
    const { is, differences, writers, note } = sight;
    if (note !== undefined) notes.push({ ...name, note });
    if (is === "gone") drifts.push({ ...name, is, fields: [], writers });
    else if (differences.length > 0) {
      const fields = differences.map(({ path, expected, live, managers }) => ({
        path,
        ...(expected === undefined ? {} : { expected: masked(expected) }),
        ...(live === undefined ? {} : { live: masked(live) }),
        managers,
      }));
      drifts.push({ ...name, is: "changed", fields, writers });
    }
  }
  return { stack, at: new Date().toISOString(), objects: looked.length, drifts, unread, notes, requests };
}

/** As a person names the object. A CRD is a resource of our own provider's. */
export function objectName({ resource: { urn, id } }: Looked): ObjectName {
  const type = typeOfUrn(urn);
  const kind = type.startsWith("kubernetes:") ? (type.split(":").at(-1) ?? type) : "CustomResourceDefinition";
  return { name: `${kind}/${id}`, urn };
}
