/** Additions to the pods of a Deployment with one container. Pure. */
import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";

interface PodAdditions {
  readonly annotations?: Readonly<Record<string, pulumi.Input<string>>>;
  /** One of a name that is there takes its place. */
  readonly env?: readonly { readonly name: string; readonly [key: string]: unknown }[];
  readonly envFrom?: readonly object[];
  readonly volumes?: readonly object[];
  readonly volumeMounts?: readonly object[];
  readonly fsGroup?: number;
}

interface Container {
  readonly env?: readonly { readonly name: string }[];
  readonly envFrom?: readonly object[];
  readonly volumeMounts?: readonly object[];
}

interface DeploymentSpec {
  readonly template: {
    readonly metadata?: { readonly annotations?: object };
    readonly spec: {
      readonly containers: readonly Container[];
      readonly volumes?: readonly object[];
      readonly securityContext?: object;
    };
  };
}

export function withPodTemplate(deployment: KubernetesObject, additions: PodAdditions): KubernetesObject {
  const spec = deployment["spec"] as DeploymentSpec;
  const { metadata, spec: pod } = spec.template;
  const { annotations = {}, fsGroup } = additions;
  const template = {
    ...spec.template,
    metadata: { ...metadata, annotations: { ...metadata?.annotations, ...annotations } },
    spec: {
      ...pod,
      containers: pod.containers.map((container) => withAdditions(container, additions)),
      ...listOf("volumes", [...(pod.volumes ?? []), ...(additions.volumes ?? [])]),
      ...(fsGroup === undefined ? {} : { securityContext: { ...pod.securityContext, fsGroup } }),
    },
  };
  return { ...deployment, spec: { ...spec, template } };
}

function withAdditions(container: Container, { env = [], envFrom = [], volumeMounts = [] }: PodAdditions): Container {
  const names = new Set(env.map(({ name }) => name));
  return {
    ...container,
    ...listOf("env", [...(container.env ?? []).filter(({ name }) => !names.has(name)), ...env]),
    ...listOf("envFrom", [...(container.envFrom ?? []), ...envFrom]),
    ...listOf("volumeMounts", [...(container.volumeMounts ?? []), ...volumeMounts]),
  };
}

function listOf<T>(key: string, items: readonly T[]): Readonly<Record<string, readonly T[]>> {
  return items.length === 0 ? {} : { [key]: items };
}

/** Other values for variables that the Deployment's containers have; the very same object when there is none of them. */
export function withValues(deployment: KubernetesObject, values: Readonly<Record<string, string>>): KubernetesObject {
  const spec = deployment["spec"] as DeploymentSpec;
  const { template } = spec;
  const has = template.spec.containers.some(({ env = [] }) => env.some(({ name }) => values[name] !== undefined));
  if (!has) return deployment;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    env: (container.env ?? []).map((variable) =>
      values[variable.name] === undefined ? variable : { name: variable.name, value: values[variable.name] },
    ),
  }));
  return { ...deployment, spec: { ...spec, template: { ...template, spec: { ...template.spec, containers } } } };
}
