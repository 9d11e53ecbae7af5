/** What Knative reads from its ConfigMaps. Pure. */
import type { Serving } from "./serving.ts";

export type Data = Readonly<Record<string, string | undefined>>;

/** Entries to set, by the ConfigMap's `objectKey`. */
export function knativeConfiguration(plan: Serving): ReadonlyMap<string, Data> {
  const { domain, tls, settings } = plan;
  const maps: Readonly<Record<string, Data>> = {
    "config-autoscaler": autoscaler(settings),
    "config-defaults": defaults(settings),
    // The one entry without a selector is the domain of every service; upstream's would stand beside it.
    "config-domain": domain === "example.com" ? {} : { "example.com": undefined, [domain]: "" },
    "config-features": gpuPlacement(plan),
    "config-network": tls ? httpsNames : {},
  };
  return new Map(Object.entries(maps).map(([name, data]) => [`ConfigMap/knative-serving/${name}`, data]));
}

/** The gateway ends TLS, which Knative does not see; the names are those that one wildcard certificate covers. */
const httpsNames: Data = {
  "default-external-scheme": "https",
  "domain-template": "{{.Name}}--{{.Namespace}}.{{.Domain}}",
};

function autoscaler({ scaleToZero, maxReplicas }: Serving["settings"]): Data {
  return {
    ...(scaleToZero === undefined
      ? {}
      : {
          "enable-scale-to-zero": String(scaleToZero.enabled),
          "scale-to-zero-grace-period": `${String(scaleToZero.gracePeriodSeconds)}s`,
          "scale-to-zero-pod-retention-period": `${String(scaleToZero.retentionSeconds)}s`,
          "initial-scale": String(scaleToZero.initialReplicas),
          "allow-zero-initial-scale": String(scaleToZero.initialReplicas === 0),
        }),
    ...(maxReplicas === undefined ? {} : { "max-scale": String(maxReplicas.default) }),
    ...(maxReplicas?.limit === undefined ? {} : { "max-scale-limit": String(maxReplicas.limit) }),
  };
}

function defaults({ concurrency }: Serving["settings"]): Data {
  if (concurrency === undefined) return {};
  return {
    "container-concurrency": String(concurrency.perReplica),
    "container-concurrency-max-limit": String(concurrency.max),
    // Zero is "no limit": a model would take what the others' queue is there for.
    "allow-container-concurrency-zero": "false",
  };
}

/** Knative refuses a pod that names its nodes, which one with a GPU has to: the pools are tainted. */
function gpuPlacement({ hasGpus }: Serving): Data {
  if (!hasGpus) return {};
  const features = ["tolerations", "nodeselector", "affinity"];
  return Object.fromEntries(features.map((name) => [`kubernetes.podspec-${name}`, "enabled"]));
}
