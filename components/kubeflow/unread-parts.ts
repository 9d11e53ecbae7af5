/** What nobody in the cluster reads and every state, checkpoint and preview would carry: left out. Pure. */
import { groupKind, type KubernetesObject } from "../../kubernetes/objects.ts";

/** Of knative.dev/pkg `configmap/example.go`: its webhook compares the two where both are there, and nobody else reads them. */
const exampleKey = "_example";
const exampleChecksum = "knative.dev/example-checksum";

/** A ConfigMap without its commented example, which Knative and KServe ship in theirs: 7 % of the state of Kubeflow 26.03. */
export function withoutExample(object: KubernetesObject): KubernetesObject {
  const { data } = object;
  if (groupKind(object) !== "ConfigMap" || typeof data !== "object" || data === null || !(exampleKey in data)) {
    return object;
  }
  const { metadata } = object;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => name !== exampleChecksum);
  return {
    ...object,
    metadata: { ...metadata, annotations: Object.fromEntries(annotations) },
    data: Object.fromEntries(Object.entries(data).filter(([key]) => key !== exampleKey)),
  };
}

/**
 * A Service that nothing outside of the cluster has to provide for, without a wait: Pulumi's provider gives each at
 * least ten seconds to get endpoints, several in a row on the longest chain. Its Deployment is waited for, which says
 * the same. One for a load balancer is waited for until it has its address.
 */
export function withoutServiceWait(object: KubernetesObject): KubernetesObject {
  if (groupKind(object) !== "Service") return object;
  const { spec, metadata } = object;
  const isBalanced = typeof spec === "object" && spec !== null && "type" in spec && spec.type === "LoadBalancer";
  if (isBalanced) return object;
  const annotations = { ...metadata.annotations, "pulumi.com/skipAwait": "true" };
  return { ...object, metadata: { ...metadata, annotations } };
}
