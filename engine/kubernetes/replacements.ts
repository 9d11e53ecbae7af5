/**
 * What a change of an object means a new object for: what Pulumi's Kubernetes provider says, so that both engines plan
 * the same. What the API server refuses beyond it is in kubernetes/fixed-fields.ts. Pure.
 */
import { groupKind, type KubernetesObject } from "../../kubernetes/objects.ts";
import { scopeOf } from "../../kubernetes/scopes.ts";
import { difference, type Difference } from "../diff.ts";
import { formatPath, parsePath, touches } from "../paths.ts";
import type { ProviderDiff } from "../provider.ts";
import { isMap, type PropertyMap } from "../values.ts";
import { text } from "./objects.ts";

/** Settings of the provider that say whether data is changed in place. */
export interface Mutability {
  readonly enableConfigMapMutable: boolean;
  readonly enableSecretMutable: boolean;
}

const containerFields = (
  "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext stdin " +
  "stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir"
)
  .split(" ")
  .flatMap((field) => [`spec.containers[*].${field}`, `spec.initContainers[*].${field}`]);

const podFields = (
  "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID " +
  "hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates " +
  "restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace " +
  "subdomain terminationGracePeriodSeconds volumes"
)
  .split(" ")
  .map((field) => `spec.${field}`);

const volumeSources = (
  "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs hostPath " +
  "iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume"
)
  .split(" ")
  .map((source) => `spec.${source}`);

/** Of pulumi-kubernetes, provider/pkg/provider/diff.go, `forceNew`; each names what is at the path and below it. */
const forceNew: Readonly<Record<string, readonly string[]>> = {
  "Deployment.apps": ["spec.selector"],
  "DaemonSet.apps": ["spec.selector"],
  "StatefulSet.apps": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "Job.batch": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "RoleBinding.rbac.authorization.k8s.io": ["roleRef"],
  "ClusterRoleBinding.rbac.authorization.k8s.io": ["roleRef"],
  "StorageClass.storage.k8s.io": ["parameters", "provisioner"],
  PersistentVolume: volumeSources,
  PersistentVolumeClaim: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  Pod: [...podFields, ...containerFields],
  ResourceQuota: ["spec.scopes"],
  Service: ["spec.clusterIP"],
};

const identity = ["metadata.name", "metadata.namespace"];

/**
 * Changes between two sets of inputs of one resource, and which of them mean a new object.
 *
 * @param namespaces that the object is in and is to be in, where its inputs name none.
 */
export function compare(
  given: PropertyMap,
  asked: PropertyMap,
  mutability: Mutability,
  namespaces: { readonly old: string; readonly new: string } = { old: "default", new: "default" },
): ProviderDiff {
  const [olds, news] = [withNamespace(given, namespaces.old), withNamespace(asked, namespaces.new)];
  const changes = difference(olds, news);
  const patterns = [...identity, ...forcing(news, mutability)].map(parsePath);
  const replaces = changes.filter(({ path }) => patterns.some((pattern) => touches(path, pattern))).map(reasonOf);
  return {
    changed: changes.length > 0,
    replaces,
    deleteBeforeReplace: replaces.length > 0 && isSameObject(olds, news),
  };
}

/** As `forceNewProperties` of the same file has it. */
function forcing(news: PropertyMap, { enableConfigMapMutable, enableSecretMutable }: Mutability): readonly string[] {
  const kind = groupKind(objectOf(news));
  const sealed = news["immutable"] === true;
  if (kind === "Secret") return ["type", ...(enableSecretMutable && !sealed ? [] : ["stringData", "data"])];
  if (kind === "ConfigMap") return enableConfigMapMutable && !sealed ? [] : ["binaryData", "data"];
  return forceNew[kind] ?? [];
}

function reasonOf({ path }: Difference): ProviderDiff["replaces"][number] {
  const isIdentity = identity.some((each) => touches(path, parsePath(each)));
  const reason = isIdentity ? "an object cannot be renamed or moved" : "Pulumi's provider replaces for this field";
  return { path: formatPath(path), reason };
}

/** With the namespace that the object is in, so that one that is spelled out is no change. */
function withNamespace(inputs: PropertyMap, otherwise: string): PropertyMap {
  const { metadata } = inputs;
  if (!isMap(metadata)) return inputs;
  const { namespace = otherwise, ...rest } = metadata;
  return { ...inputs, metadata: scopeOf(objectOf(inputs), []) === "Cluster" ? rest : { ...rest, namespace } };
}

function objectOf(inputs: PropertyMap): Pick<KubernetesObject, "apiVersion" | "kind"> {
  return { apiVersion: text(inputs["apiVersion"]), kind: text(inputs["kind"]) };
}

function isSameObject(olds: PropertyMap, news: PropertyMap): boolean {
  const name = ({ metadata }: PropertyMap) =>
    isMap(metadata) ? [metadata["namespace"], metadata["name"]] : [undefined];
  const [left, right] = [name(olds), name(news)];
  return left.every((part, index) => part === right[index]);
}
