import { groupKind, groupOf, type KubernetesObject } from "./objects.ts";

/** Kubernetes' own API groups: a kind of theirs is namespaced unless it is listed below. */
const builtInGroups = new Set([
  "",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
]);

/** Kubernetes' own cluster-scoped kinds. */
const clusterScopedKinds = new Set([
  "APIService.apiregistration.k8s.io",
  "CSIDriver.storage.k8s.io",
  "CSINode.storage.k8s.io",
  "CertificateSigningRequest.certificates.k8s.io",
  "ClusterRole.rbac.authorization.k8s.io",
  "ClusterRoleBinding.rbac.authorization.k8s.io",
  "ClusterTrustBundle.certificates.k8s.io",
  "CustomResourceDefinition.apiextensions.k8s.io",
  "DeviceClass.resource.k8s.io",
  "DeviceTaintRule.resource.k8s.io",
  "FlowSchema.flowcontrol.apiserver.k8s.io",
  "IPAddress.networking.k8s.io",
  "IngressClass.networking.k8s.io",
  "MutatingAdmissionPolicy.admissionregistration.k8s.io",
  "MutatingAdmissionPolicyBinding.admissionregistration.k8s.io",
  "MutatingWebhookConfiguration.admissionregistration.k8s.io",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass.scheduling.k8s.io",
  "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io",
  "ResourcePoolStatusRequest.resource.k8s.io",
  "ResourceSlice.resource.k8s.io",
  "RuntimeClass.node.k8s.io",
  "ServiceCIDR.networking.k8s.io",
  "StorageClass.storage.k8s.io",
  "ValidatingAdmissionPolicy.admissionregistration.k8s.io",
  "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io",
  "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
  "VolumeAttachment.storage.k8s.io",
  "VolumeAttributesClass.storage.k8s.io",
]);

export type Scope = "Cluster" | "Namespaced";

/** A kind that a CustomResourceDefinition defines. */
export interface CustomKind {
  readonly group: string;
  readonly kind: string;
  readonly scope: Scope;
}

/** Whether the kind is one of Kubernetes' own, and no CustomResourceDefinition's. */
export function isBuiltIn({ apiVersion }: Pick<KubernetesObject, "apiVersion">): boolean {
  return builtInGroups.has(groupOf(apiVersion));
}

/** Whether objects of this kind live in a namespace; `undefined` for a kind of neither Kubernetes nor `custom`. */
export function scopeOf(
  object: Pick<KubernetesObject, "apiVersion" | "kind">,
  custom: readonly CustomKind[],
): Scope | undefined {
  const group = groupOf(object.apiVersion);
  if (isBuiltIn(object)) return clusterScopedKinds.has(groupKind(object)) ? "Cluster" : "Namespaced";
  return custom.find((candidate) => candidate.group === group && candidate.kind === object.kind)?.scope;
}
