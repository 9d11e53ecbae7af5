/** Whether every pod of a workload is of its latest version and ready. Pure. */
import { describeObject, type KubernetesObject } from "../../kubernetes/objects.ts";
import { UserError } from "../../shared/errors.ts";
import { conditionOf, partsOf, type Judgement } from "./parts.ts";

/** Of a Deployment, StatefulSet or DaemonSet. */
export function rolloutOf(object: KubernetesObject): Judgement {
  const { observedGeneration = 0 } = partsOf(object).status;
  if (observedGeneration < Number(object.metadata["generation"] ?? 0))
    return { waitsFor: "its controller has not seen it yet" };
  if (object.kind === "Deployment") return deployment(object);
  return object.kind === "DaemonSet" ? daemonSet(object) : statefulSet(object);
}

function deployment(object: KubernetesObject): Judgement {
  const progressing = conditionOf(object, "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") {
    throw new UserError(`${describeObject(object)} makes no progress any more: ${progressing.message ?? ""}`);
  }
  const { spec, status } = partsOf(object);
  const { replicas = 1 } = spec;
  const { replicas: all = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  if (spec.paused === true) return "ready";
  if (updatedReplicas < replicas) return { waitsFor: `${updatedReplicas} of ${replicas} pods are of the new version` };
  if (all > updatedReplicas) return { waitsFor: `${all - updatedReplicas} pods of the old version are still there` };
  return count(availableReplicas, replicas);
}

function daemonSet(object: KubernetesObject): Judgement {
  const { spec, status } = partsOf(object);
  const { desiredNumberScheduled: desired = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
  if (spec.updateStrategy?.type === "OnDelete") return "ready";
  if (updatedNumberScheduled < desired)
    return { waitsFor: `${updatedNumberScheduled} of ${desired} pods are of the new version` };
  return count(numberAvailable, desired);
}

function statefulSet(object: KubernetesObject): Judgement {
  const { spec, status } = partsOf(object);
  const { replicas = 1, updateStrategy } = spec;
  const { updatedReplicas = 0, readyReplicas = 0 } = status;
  if (updateStrategy?.type === "OnDelete") return "ready";
  const wanted = Math.max(0, replicas - (updateStrategy?.rollingUpdate?.partition ?? 0));
  const isUpdated = status.currentRevision === status.updateRevision || updatedReplicas >= wanted;
  if (!isUpdated) return { waitsFor: `${updatedReplicas} of ${wanted} pods are of the new version` };
  return count(readyReplicas, replicas);
}

function count(available: number, wanted: number): Judgement {
  return available >= wanted ? "ready" : { waitsFor: `${available} of ${wanted} pods are ready` };
}
