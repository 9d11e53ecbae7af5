/** How models are served: KServe's and Knative's configuration, which upstream keeps in ConfigMaps. */
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import type { Concern, PlatformContext } from "../customisation.ts";
import { knativeConfiguration, type Data } from "./knative.ts";
import { kserveConfiguration } from "./kserve.ts";
import { hostNamePolicy } from "./host-names.ts";
import { servesWithKnative, type ServingSettings } from "./settings.ts";

/** Where upstream's example serves models, which nobody can reach. */
const upstreamDomain = "example.com";
const kserveConfigMap = "ConfigMap/kubeflow/inferenceservice-config";

/** What the settings come to, with what the edge says. */
export interface Serving {
  readonly settings: ServingSettings;
  readonly domain: string;
  /** The edge's certificate holds the names below the domain. */
  readonly covered: boolean;
  readonly tls: boolean;
  readonly hasGpus: boolean;
}

export const serving: Concern = (context) => {
  const { settings, release, target } = context;
  if (settings.serving === undefined) return {};
  const isThere = release.objects.some((object) => objectKey(object) === kserveConfigMap);
  if (!isThere) return { problems: [notInstalled(settings.serving)] };
  const plan = planOf(settings.serving, settings.edge?.hosts ?? [], target);
  const knative = servesWithKnative(settings.serving) ? knativeConfiguration(plan) : new Map<string, Data>();
  return {
    problems: problemsOf(plan),
    notes: notesOf(plan, context),
    change: (object) => {
      const key = objectKey(object);
      if (key === kserveConfigMap) return withData(object, kserveConfiguration(object, plan));
      const data = knative.get(key);
      return data === undefined ? object : withData(object, data);
    },
    additions: plan.tls ? hostNamePolicy() : [],
  };
};

function planOf(
  settings: ServingSettings,
  edgeHosts: readonly string[],
  { gpuPools }: PlatformContext["target"],
): Serving {
  const wildcard = edgeHosts.find((host) => host.startsWith("*."));
  const domain = settings.domain ?? wildcard?.slice(2) ?? upstreamDomain;
  const covered = edgeHosts.includes(`*.${domain}`);
  return { settings, domain, covered, tls: settings.tls ?? covered, hasGpus: gpuPools.length > 0 };
}

/** Undefined takes an entry out. */
function withData(object: KubernetesObject, changed: Data): KubernetesObject {
  const data = { ...(object["data"] as Readonly<Record<string, string>> | undefined), ...changed };
  return { ...object, data: Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)) };
}

function notInstalled({ mode }: ServingSettings): string {
  return (
    `kubeflow:serving: {"mode":${JSON.stringify(mode)}, ...}; allowed: only where KServe is installed, and it is not. ` +
    "Add kserve to kubeflow:components.with, or take the key out"
  );
}

function problemsOf({ settings, tls, domain, covered }: Serving): readonly string[] {
  const problems: string[] = [];
  if (!servesWithKnative(settings)) {
    for (const key of ["scaleToZero", "concurrency", "maxReplicas"] as const) {
      if (settings[key] === undefined) continue;
      problems.push(
        `kubeflow:serving.${key}: ${JSON.stringify(settings[key])}; allowed: with kubeflow:serving.mode serverless, ` +
          `which has what it sets. Set the mode, or take it out and let each InferenceService say ${perService[key]}`,
      );
    }
  }
  const { maxReplicas, concurrency } = settings;
  if (maxReplicas?.limit !== undefined && maxReplicas.default > maxReplicas.limit) {
    problems.push(
      `kubeflow:serving.maxReplicas.default: ${String(maxReplicas.default)}; allowed: at most ` +
        `${String(maxReplicas.limit)}, which kubeflow:serving.maxReplicas.limit says. Change one of the two`,
    );
  }
  if (concurrency !== undefined && concurrency.perReplica > concurrency.max) {
    problems.push(
      `kubeflow:serving.concurrency.perReplica: ${String(concurrency.perReplica)}; allowed: at most ` +
        `${String(concurrency.max)}, which kubeflow:serving.concurrency.max says. Change one of the two`,
    );
  }
  if (tls && !covered) {
    problems.push(
      `kubeflow:serving.tls: true; allowed: where the gateway has a certificate for *.${domain}. ` +
        `Add "*.${domain}" to kubeflow:edge.hosts, or set tls to false`,
    );
  }
  return problems;
}

const perService = {
  scaleToZero: "minReplicas: 1 or more; nothing scales to zero in raw mode",
  concurrency: "what its own server takes at once",
  maxReplicas: "maxReplicas",
} as const;

function notesOf({ domain, settings }: Serving, { settings: { components } }: PlatformContext): readonly string[] {
  const notes: string[] = [];
  if (domain === upstreamDomain) {
    notes.push(
      "models are served below example.com, as upstream has it: only paths below the dashboard's name reach them. " +
        "Add a wildcard such as *.models.example.org to kubeflow:edge.hosts, or set kubeflow:serving.domain",
    );
  }
  const preset = components?.preset ?? "full";
  if (!servesWithKnative(settings) && preset === "full" && components?.without.includes("knative") !== true) {
    notes.push(
      "Knative is installed although models are served without it: kubeflow:components.without knative spares it",
    );
  }
  return notes;
}
