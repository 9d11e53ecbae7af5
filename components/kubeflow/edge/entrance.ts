/** What the parts of the edge agree on: names of objects, and the names that the gateway answers to. */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { EdgeSettings } from "./settings.ts";

/** The Secret is read in the namespace of the gateway's pods. */
export const gatewayNamespace = "istio-system";
export const gatewayLabels = { app: "istio-ingressgateway", istio: "ingressgateway" } as const;
export const certificateSecret = "kubeflow-gateway-tls";
/** Ports of the gateway's pods, behind 80 and 443 of its Service. */
export const podPorts = { http: 8080, https: 8443, health: 15021 } as const;
/** As a group of objects in previews. */
export const component = "edge";

/** Settings with a host name of the dashboard. */
export interface Entrance extends EdgeSettings {
  readonly domain: string;
  /** The dashboard's first. */
  readonly hostNames: readonly string[];
}

export function isObject(object: KubernetesObject, kind: string, namespace: string, name: string): boolean {
  return object.kind === kind && object.metadata.namespace === namespace && object.metadata.name === name;
}

/** Whether a host, or a wildcard, is a name of the domain. */
export function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** The object with annotations of its own beside those that it has. */
export function annotated(object: KubernetesObject, annotations: Readonly<Record<string, unknown>>): KubernetesObject {
  if (Object.keys(annotations).length === 0) return object;
  const { metadata } = object;
  // Outputs stand in values, which the type of an object's annotations cannot say.
  const all: Readonly<Record<string, unknown>> = { ...metadata.annotations, ...annotations };
  return { ...object, metadata: { ...metadata, annotations: all as Readonly<Record<string, string>> } };
}

/** A workload whose pods have labels and annotations beside those of its own. */
export function withPods(
  object: KubernetesObject,
  added: Readonly<Partial<Record<"labels" | "annotations", Readonly<Record<string, string>>>>>,
): KubernetesObject {
  const spec = object["spec"] as { readonly template: { readonly metadata?: Readonly<Record<string, object>> } };
  const metadata = { ...spec.template.metadata };
  for (const [key, entries] of Object.entries(added))
    if (Object.keys(entries).length > 0) metadata[key] = { ...metadata[key], ...entries };
  return { ...object, spec: { ...spec, template: { ...spec.template, metadata } } };
}
