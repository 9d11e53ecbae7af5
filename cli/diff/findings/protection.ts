/** What kept a resource from being lost, and does not any more. Pure. */
import { at, isMap, type Properties } from "../../../policy/values.ts";
import type { ResourceChange } from "../compare.ts";
import type { Finding } from "../report.ts";
import { few, sidesOf } from "./sides.ts";

/** Paths of switches that protect; of some, by being off. Each with what it is when nobody says. */
const switches: readonly {
  readonly path: string;
  readonly safe: boolean | string;
  readonly otherwise: boolean | string;
}[] = [
  ...["deletionProtection", "deletionProtectionEnabled", "settings.deletionProtectionEnabled"].map(on),
  ...["properties.enablePurgeProtection", "properties.enableSoftDelete", "enableDeletionProtection"].map(on),
  ...["forceDestroy", "skipFinalSnapshot", "forceDelete"].map((path) => ({ path, safe: false, otherwise: false })),
  { path: "versioning.enabled", safe: true, otherwise: false },
  { path: "versioningConfiguration.status", safe: "Enabled", otherwise: "Disabled" },
  { path: "spec.persistentVolumeReclaimPolicy", safe: "Retain", otherwise: "Delete" },
  { path: "reclaimPolicy", safe: "Retain", otherwise: "Delete" },
  { path: "publicAccessPrevention", safe: "enforced", otherwise: "inherited" },
];

function on(path: string): (typeof switches)[number] {
  return { path, safe: true, otherwise: false };
}

/** What is there for nothing but protection. */
const locks = /:(ManagementLock\w*|BackupVault|VaultLockConfiguration|BackupPlan|Schedule)$/;

export function protectionFindings(change: ResourceChange): readonly Finding[] {
  const { op, type, before, after } = change;
  if (op === "delete") {
    return locks.test(type) ? [danger("what kept other resources from being lost is deleted")] : [];
  }
  if (op === "create" || before === undefined || after === undefined) return [];
  const options = (["protect", "retainOnDelete"] as const).filter((option) => before[option] && !after[option]);
  const sides = sidesOf(change);
  const off = switches.filter((each) => isSafe(sides.before, each) && !isSafe(sides.after, each));
  const lost = [...options, ...off.map(({ path }) => path), ...lostFinalizers(sides.before, sides.after)];
  return lost.length === 0 ? [] : [danger(`no longer protected by ${few(lost)}`)];
}

function isSafe(props: Properties, { path, safe, otherwise }: (typeof switches)[number]): boolean {
  const value = at(props, path) ?? otherwise;
  // Some properties of AWS are booleans as text.
  return value === safe || value === String(safe);
}

function lostFinalizers(before: Properties, after: Properties): readonly string[] {
  const of = (props: Properties): readonly string[] => {
    const value = isMap(props["metadata"]) ? props["metadata"]["finalizers"] : undefined;
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  };
  const kept = new Set(of(after));
  return of(before)
    .filter((finalizer) => !kept.has(finalizer))
    .map((finalizer) => `the finalizer ${finalizer}`);
}

const danger = (message: string): Finding => ({ kind: "protection-removed", level: "danger", message });
