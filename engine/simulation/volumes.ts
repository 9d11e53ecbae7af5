/** The storage driver of a simulated cluster: it has no pods that would make volumes, so they come with their class. */
import { setTimeout as delay } from "node:timers/promises";
import { text } from "../kubernetes/objects.ts";
import { wrapped, type Provider, type ProviderFactory, type ResourceRef } from "../provider.ts";
import { isMap, type PropertyMap } from "../values.ts";
import { delegate } from "./delegate.ts";

const classType = "kubernetes:storage.k8s.io/v1:StorageClass";
/** Room for Kubeflow's own claims and some users'. */
const sizesGiB = [20, 20, 20, 20, 20, 20, 100, 100];
/** A claim that was just deleted lets go of its volume a moment later. */
const releaseMs = 10_000;
const pollMs = 100;

/** The Kubernetes provider, with volumes for every class that a driver would make volumes of. */
export function withSimulatedVolumes(factory: ProviderFactory): ProviderFactory {
  return wrapped(factory, async (config) => {
    const kubernetes = await factory(config);
    return delegate(kubernetes, {
      async create(resource, inputs, signal) {
        const made = await kubernetes.create(resource, inputs, signal);
        await Promise.all(
          volumesOf(resource, inputs).map((volume) => kubernetes.create(refOf(resource), volume, signal)),
        );
        return made;
      },
      async delete(resource, old, signal) {
        await kubernetes.delete(resource, old, signal);
        const volumes = volumesOf(resource, old.inputs);
        await Promise.all(volumes.map((volume) => removeFree(kubernetes, refOf(resource), volume, signal)));
      },
    });
  });
}

/** A volume that is in use stays, as a disk does that outlives its class. */
async function removeFree(
  kubernetes: Provider,
  resource: ResourceRef,
  inputs: PropertyMap,
  signal: AbortSignal,
): Promise<void> {
  const known = { id: "", inputs, outputs: {} };
  for (const started = Date.now(); Date.now() - started < releaseMs;) {
    const status = (await kubernetes.read(resource, known))?.outputs["status"];
    if (!isMap(status) || status["phase"] !== "Bound") return kubernetes.delete(resource, known, signal);
    await delay(pollMs, undefined, { signal });
  }
}

function volumesOf({ type }: ResourceRef, inputs: PropertyMap): readonly PropertyMap[] {
  if (type !== classType || inputs["provisioner"] === "kubernetes.io/no-provisioner") return [];
  const { metadata } = inputs;
  const storageClassName = isMap(metadata) ? text(metadata["name"]) : "";
  return sizesGiB.map((size, index) => {
    const name = `sim-${storageClassName}-${String(index)}`;
    return {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name },
      spec: {
        capacity: { storage: `${String(size)}Gi` },
        accessModes: ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"],
        persistentVolumeReclaimPolicy: "Retain",
        storageClassName,
        // Never looked at: no Pod really runs.
        hostPath: { path: `/simulated/${name}` },
      },
    };
  });
}

const refOf = ({ urn }: ResourceRef): ResourceRef => ({ urn, type: "kubernetes:core/v1:PersistentVolume" });
