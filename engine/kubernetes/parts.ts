/** The parts of Kubernetes objects that readiness depends on. */
import type { KubernetesObject } from "../../kubernetes/objects.ts";

/** `ready`, or what it waits for; an error is thrown when waiting is of no use. */
export type Judgement = "ready" | { readonly waitsFor: string };

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Of many kinds at once; everything may be missing. */
export interface Parts {
  readonly spec: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly suspend?: boolean;
    readonly type?: string;
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly persistentVolumeReclaimPolicy?: string;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
    readonly group?: string;
    readonly names?: { readonly kind?: string };
    readonly versions?: readonly { readonly name: string; readonly served?: boolean }[];
  };
  readonly status: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
    readonly conditions?: readonly Condition[];
    readonly loadBalancer?: { readonly ingress?: readonly unknown[] };
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig?: { readonly caBundle?: string } }[];
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

export function partsOf(object: KubernetesObject): Parts {
  const { spec = {}, status = {}, webhooks } = object as Partial<Parts>;
  return { spec, status, ...(webhooks === undefined ? {} : { webhooks }) };
}

export function conditionOf(object: KubernetesObject, type: string): Condition | undefined {
  return partsOf(object).status.conditions?.find((condition) => condition.type === type);
}
