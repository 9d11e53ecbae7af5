/** When an object that was applied is ready for what depends on it. */
import { setTimeout as delay } from "node:timers/promises";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { describeObject, groupKind, type KubernetesObject } from "../../kubernetes/objects.ts";
import { messageOf, UserError } from "../../shared/errors.ts";
import { diagnose } from "./diagnosis.ts";
import { establish } from "./half-established.ts";
import { rolloutOf } from "./rollout.ts";
import { conditionOf, partsOf, type Judgement } from "./parts.ts";

type Judge = (object: KubernetesObject) => Judgement;

export interface WaitContext {
  readonly client: KubernetesClient;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

const DEFAULT_SECONDS = 600;
/** How often something that is not ready is looked into. */
const DIAGNOSE_SECONDS = 10;
/** How long a cause that seldom heals by itself is watched before it is believed. */
const STUCK_SECONDS = 60;
/** A busy API server takes this long by itself, and a CRD is costly to it: one that may be stuck is woken once. */
const HALF_ESTABLISHED_SECONDS = 30;
/** Discovery follows the condition by some milliseconds, and nothing tells when. */
const DISCOVERY_MS = 25;
const LONGEST_DISCOVERY_MS = 400;

const judges: Readonly<Record<string, Judge>> = {
  "Deployment.apps": rolloutOf,
  "StatefulSet.apps": rolloutOf,
  "DaemonSet.apps": rolloutOf,
  Namespace: (object) => phase(object, "Active"),
  Pod: (object) => (partsOf(object).status.phase === "Succeeded" ? "ready" : condition(object, "Ready")),
  PersistentVolumeClaim: (object) => phase(object, "Bound"),
  Service: loadBalancer,
  "Job.batch": job,
  "CustomResourceDefinition.apiextensions.k8s.io": crd,
  "APIService.apiregistration.k8s.io": (object) => condition(object, "Available"),
  "MutatingWebhookConfiguration.admissionregistration.k8s.io": injectedCa,
  "ValidatingWebhookConfiguration.admissionregistration.k8s.io": injectedCa,
};

/**
 * Waits until the object is ready: by watching it, not by asking again and again. Kinds that are ready once they are
 * stored, and objects annotated `pulumi.com/skipAwait: "true"`, are not waited for. `pulumi.com/timeoutSeconds` changes
 * the patience of ten minutes.
 * @param applied as the API server answered.
 * @returns the object as it is when ready.
 * @throws UserError that says what is not ready and why.
 */
export async function awaitReady(applied: KubernetesObject, context: WaitContext): Promise<KubernetesObject> {
  const judge = judges[groupKind(applied)];
  const { annotations = {} } = applied.metadata;
  if (judge === undefined || annotations["pulumi.com/skipAwait"] === "true") return applied;
  if (judge(applied) === "ready" || (await bindsWithItsPod(applied, context))) return ready(applied, context);
  const seconds = Number(annotations["pulumi.com/timeoutSeconds"] ?? DEFAULT_SECONDS) || DEFAULT_SECONDS;
  return follow(applied, judge, seconds, context);
}

async function follow(
  applied: KubernetesObject,
  judge: Judge,
  seconds: number,
  context: WaitContext,
): Promise<KubernetesObject> {
  const timeout = AbortSignal.timeout(seconds * 1000);
  const stuck = new AbortController();
  const signal = AbortSignal.any([context.signal, timeout, stuck.signal]);
  const within: WaitContext = { ...context, signal };
  const watchdog =
    applied.kind === "CustomResourceDefinition"
      ? setTimeout(() => void establish(applied, within), HALF_ESTABLISHED_SECONDS * 1000)
      : setInterval(lookForCauses(applied, stuck, within), DIAGNOSE_SECONDS * 1000);
  let waitsFor = "";
  try {
    const object = await context.client.waitFor(
      applied,
      (now) => {
        if (now === undefined)
          throw new UserError(`${describeObject(applied)}: somebody deleted it while it was waited for`);
        const judgement = judge(now);
        if (judgement === "ready") return now;
        waitsFor = judgement.waitsFor;
        return undefined;
      },
      { signal },
    );
    return await ready(object, within);
  } catch (error) {
    if (!timeout.aborted || context.signal.aborted) throw error;
    const causes = await diagnose(applied, context.client).catch((fault: unknown) => [{ message: messageOf(fault) }]);
    const why = causes.map(({ message }) => `\n  ${message}`).join("");
    throw new UserError(
      `${describeObject(applied)} is not ready after ${seconds} s: ${waitsFor}${why}\n` +
        'Look into that and run again, or give it more time with the annotation "pulumi.com/timeoutSeconds"',
      { cause: error },
    );
  } finally {
    clearInterval(watchdog);
  }
}

/** Tells what keeps the object, and gives up on a cause that stays and seldom heals. */
function lookForCauses(applied: KubernetesObject, stuck: AbortController, context: WaitContext): () => void {
  const since = new Map<string, number>();
  return () => {
    const now = Date.now();
    diagnose(applied, context.client, context.signal).then(
      (causes) => {
        for (const { message, lasting = false } of causes) {
          if (!since.has(message)) context.progress(`${describeObject(applied)}: ${message}`);
          const first = since.get(message) ?? now;
          since.set(message, first);
          if (lasting && now - first >= STUCK_SECONDS * 1000) {
            stuck.abort(new UserError(`${describeObject(applied)} will not become ready: ${message}`));
          }
        }
      },
      () => undefined, // The wait itself learns of an API server that is away.
    );
  };
}

/** A CRD is there when discovery shows it, a moment after it is established: only then can its objects be made. */
async function ready(object: KubernetesObject, { client, signal }: WaitContext): Promise<KubernetesObject> {
  if (object.kind !== "CustomResourceDefinition") return object;
  const { group = "", names, versions = [] } = partsOf(object).spec;
  for (const { name, served } of versions) {
    if (served !== true) continue;
    for (let pause = DISCOVERY_MS; (await client.resourceType(`${group}/${name}`, names?.kind ?? "")) === undefined;) {
      await delay(pause, undefined, { signal });
      pause = Math.min(pause * 2, LONGEST_DISCOVERY_MS);
    }
  }
  return object;
}

/** A claim of a class that waits for the first consumer is bound by the pod that uses it, which may depend on it. */
async function bindsWithItsPod(object: KubernetesObject, { client, signal }: WaitContext): Promise<boolean> {
  const name = partsOf(object).spec.storageClassName;
  if (object.kind !== "PersistentVolumeClaim" || !name) return false;
  const ref = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name } };
  return (await client.get(ref, { signal }))?.["volumeBindingMode"] === "WaitForFirstConsumer";
}

function phase(object: KubernetesObject, wanted: string): Judgement {
  const { phase: now } = partsOf(object).status;
  if (now === "Lost" || now === "Failed")
    throw new UserError(`${describeObject(object)} is ${now} and will not become ${wanted}`);
  return now === wanted ? "ready" : { waitsFor: `its phase is ${now ?? "not known yet"}, not ${wanted}` };
}

function condition(object: KubernetesObject, type: string): Judgement {
  const found = conditionOf(object, type);
  if (found?.status === "True") return "ready";
  return { waitsFor: `condition ${type}: ${found?.message ?? found?.reason ?? "not there yet"}` };
}

function crd(object: KubernetesObject): Judgement {
  const names = conditionOf(object, "NamesAccepted");
  if (names?.status === "False") {
    throw new UserError(
      `${describeObject(object)}: its names are not accepted: ${names.message ?? names.reason ?? ""}`,
    );
  }
  return condition(object, "Established");
}

function job(object: KubernetesObject): Judgement {
  const failed = conditionOf(object, "Failed");
  if (failed?.status === "True")
    throw new UserError(`${describeObject(object)} failed: ${failed.message ?? failed.reason ?? ""}`);
  return partsOf(object).spec.suspend === true ? "ready" : condition(object, "Complete");
}

function loadBalancer(object: KubernetesObject): Judgement {
  const { spec, status } = partsOf(object);
  const waits = spec.type === "LoadBalancer" && (status.loadBalancer?.ingress ?? []).length === 0;
  return waits
    ? { waitsFor: "no load balancer address yet: does the cluster have a load balancer controller?" }
    : "ready";
}

/** A webhook that cert-manager is to give a CA refuses every request before it has one. */
function injectedCa(object: KubernetesObject): Judgement {
  const asked = Object.keys(object.metadata.annotations ?? {}).some((key) => key.startsWith("cert-manager.io/inject-"));
  const missing = (partsOf(object).webhooks ?? []).filter((webhook) => !webhook.clientConfig?.caBundle);
  if (!asked || missing.length === 0) return "ready";
  return { waitsFor: `cert-manager has not injected the CA of ${missing.map((webhook) => webhook.name).join(", ")}` };
}
