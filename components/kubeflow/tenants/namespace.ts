/** What a tenant is: its namespace, its profile, and what its containers ask for by default. Pure. */
import { parse } from "yaml";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { textAt } from "../../../release/order/references.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import { requestsUnderQuota, type TenantSettings } from "./settings.ts";

/** The label that Kubernetes' Pod Security admission goes by. */
const podSecurityLabel = "pod-security.kubernetes.io/enforce";

/** What profile-controller labels every profile's namespace with, as the release has it. */
export function namespaceLabels({ objects }: RenderedRelease): Readonly<Record<string, string>> {
  const settings = objects.find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("namespace-labels-data"),
  );
  const labels: unknown = parse(textAt(settings, "data", "namespace-labels.yaml") ?? "{}");
  // An empty value takes a label away, which a namespace of ours never had.
  const kept = Object.entries(labels ?? {}).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return { "istio-injection": "enabled", ...Object.fromEntries(kept) };
}

/**
 * The namespace. profile-controller takes over one whose annotation names the profile's owner, adds the labels that are
 * missing and changes none that is there; it is no owner of it, so the end of the profile is not the namespace's.
 * Source: `Reconcile` in
 * https://github.com/kubeflow/dashboard/blob/v2.0.0/components/profile-controller/controllers/profile_controller.go
 */
export function namespaceOf(tenant: TenantSettings, labels: Readonly<Record<string, string>>): KubernetesObject {
  const { name, owner, podSecurity } = tenant;
  const level = podSecurity === undefined ? {} : { [podSecurityLabel]: podSecurity };
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { ...labels, ...level }, annotations: { owner } },
  };
}

/**
 * The profile, which gives the owner his rights and the namespace its service accounts and its quota.
 *
 * Its deletion orphans what profile-controller made under it: a namespace of the controller's own, of a cluster where
 * the profile was there before this program, would go with the profile otherwise.
 */
export function profileOf(tenant: TenantSettings, gpuResources: readonly string[]): KubernetesObject {
  const { name, owner, deleteData } = tenant;
  const hard = quotaOf(tenant, gpuResources);
  return {
    // Not v1, which is stored: upstream's own profile has this version, and KFAM reads it.
    apiVersion: "kubeflow.org/v1beta1",
    kind: "Profile",
    metadata: { name, ...(deleteData ? {} : { annotations: keptNamespace }) },
    spec: {
      owner: { kind: "User", name: owner },
      ...(Object.keys(hard).length === 0 ? {} : { resourceQuotaSpec: { hard } }),
    },
  };
}

/** On a Profile whose namespace stays when the Profile goes. Both engines know it. */
export const keptNamespace = { "pulumi.com/deletionPropagationPolicy": "orphan" } as const;

function quotaOf({ quota = {} }: TenantSettings, gpuResources: readonly string[]): Readonly<Record<string, string>> {
  const { cpu, memoryGiB, storageGiB, pvcs, gpus } = quota;
  return {
    ...(cpu === undefined ? {} : { "requests.cpu": cpuText(cpu) }),
    ...(memoryGiB === undefined ? {} : { "requests.memory": `${memoryGiB}Gi` }),
    ...(storageGiB === undefined ? {} : { "requests.storage": `${storageGiB}Gi` }),
    ...(pvcs === undefined ? {} : { persistentvolumeclaims: String(pvcs) }),
    ...(gpus === undefined
      ? {}
      : Object.fromEntries(gpuResources.map((resource) => [`requests.${resource}`, String(gpus)]))),
  };
}

/**
 * Requests and limits of containers that name none; undefined when there is nothing to say. With a quota on CPU or memory
 * the API server refuses every pod that requests none, so such pods are given a request.
 */
export function limitRangeOf(tenant: TenantSettings): KubernetesObject | undefined {
  const { name, quota = {}, containerDefaults = {} } = tenant;
  const requestCpu =
    containerDefaults.requestCpu ?? (quota.cpu === undefined ? undefined : requestsUnderQuota.requestCpu);
  const requestMemory =
    containerDefaults.requestMemoryMiB ??
    (quota.memoryGiB === undefined ? undefined : requestsUnderQuota.requestMemoryMiB);
  const defaultRequest = amounts(requestCpu, requestMemory);
  const limits = amounts(containerDefaults.limitCpu, containerDefaults.limitMemoryMiB);
  const item = {
    ...(Object.keys(defaultRequest).length === 0 ? {} : { defaultRequest }),
    ...(Object.keys(limits).length === 0 ? {} : { default: limits }),
  };
  if (Object.keys(item).length === 0) return undefined;
  return {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: "container-defaults", namespace: name },
    spec: { limits: [{ type: "Container", ...item }] },
  };
}

function amounts(cpu: number | undefined, memoryMiB: number | undefined): Readonly<Record<string, string>> {
  return {
    ...(cpu === undefined ? {} : { cpu: cpuText(cpu) }),
    ...(memoryMiB === undefined ? {} : { memory: `${memoryMiB}Mi` }),
  };
}

/** As the API server writes it, so that nothing seems changed. */
function cpuText(cpu: number): string {
  return Number.isInteger(cpu) ? String(cpu) : `${Math.round(cpu * 1000)}m`;
}
