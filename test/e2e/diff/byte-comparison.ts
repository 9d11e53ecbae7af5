/** What differs between two renders by a comparison of bytes, and what of it destroys something: without `kf diff`'s code. */
import type { PlannedResource } from "../../../cli/operation.ts";

/** A resource as one text: keys sorted, and nothing else done to it. */
function bytes({ inputs, protect, retainOnDelete }: PlannedResource): string {
  const sorted = (_key: string, value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify([inputs, protect ?? false, retainOnDelete ?? false], sorted);
}

/** URNs of what is not the same on both sides. */
export function differing(before: readonly PlannedResource[], after: readonly PlannedResource[]): readonly string[] {
  const [olds, news] = [before, after].map((listing) => new Map(listing.map((each) => [each.urn, bytes(each)])));
  const urns = [...new Set([...(olds?.keys() ?? []), ...(news?.keys() ?? [])])];
  return urns.filter((urn) => olds?.get(urn) !== news?.get(urn)).sort();
}

const holdsData =
  /:(PersistentVolumeClaim|PersistentVolume|StatefulSet|Namespace|Profile|CustomResourceDefinition)$|:(Bucket|StorageAccount|BlobContainer|DatabaseInstance|Key|CryptoKey|Vault|FileSystem|UserPool|ManagedZone|Zone|Repository|Registry)$|rds\/instance:Instance$|dbformysql:(Server|Database)$|filestore\/instance:Instance$/;
const cluster = /:(Cluster|ManagedCluster)$/;
/** A name for what is in it; nothing of its own is anywhere. */
const component = /^kubeflow:(?!index:)/;

/** Fields without which an object of the type is another one, from the documents of the clouds and of Kubernetes. */
const fixed: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^kubernetes:core\/v1:PersistentVolumeClaim$/, ["spec.storageClassName", "spec.accessModes"]],
  [/^kubernetes:apps\/v1:StatefulSet$/, ["spec.serviceName", "spec.selector", "spec.volumeClaimTemplates"]],
  [/^gcp:container\/cluster:Cluster$/, ["name", "location", "network"]],
  [/^aws:eks\/cluster:Cluster$/, ["name", "roleArn"]],
  [/^azure-native:containerservice:ManagedCluster$/, ["resourceName", "location", "resourceGroupName"]],
  [/^gcp:storage\/bucket:Bucket$/, ["name", "location"]],
  [/^aws:s3\/bucket:Bucket$/, ["bucket"]],
  [/^azure-native:storage:StorageAccount$/, ["accountName", "resourceGroupName", "location"]],
  [/^gcp:sql\/databaseInstance:DatabaseInstance$/, ["name", "region"]],
  [/^aws:rds\/instance:Instance$/, ["identifier", "kmsKeyId", "dbSubnetGroupName"]],
  [/^azure-native:dbformysql:Server$/, ["serverName", "location"]],
];

const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

/** URNs of clusters, and of what holds data, that are gone, made anew, or protected no more. */
export function destroyed(before: readonly PlannedResource[], after: readonly PlannedResource[]): readonly string[] {
  const news = new Map(after.map((each) => [each.urn, each]));
  return before
    .filter(({ type }) => !component.test(type))
    .filter((old) => {
      const next = news.get(old.urn);
      const counts = holdsData.test(old.type) || (cluster.test(old.type) && !old.type.startsWith("kubernetes:"));
      if (next === undefined) return counts;
      if (old.protect === true && next.protect !== true) return true;
      const fields = fixed.find(([type]) => type.test(old.type))?.[1] ?? [];
      return fields.some((field) => JSON.stringify(at(old.inputs, field)) !== JSON.stringify(at(next.inputs, field)));
    })
    .map(({ urn }) => urn);
}
