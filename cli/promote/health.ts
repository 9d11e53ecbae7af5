/** Whether what a stack has brought up works: every workload of it, asked in its cluster. */
import { readFile } from "node:fs/promises";
import { toMap, toObject } from "../../engine/kubernetes/objects.ts";
import { rolloutOf } from "../../engine/kubernetes/rollout.ts";
import { configuredStacks, loadProject } from "../../engine/project.ts";
import { loadStackConfig, openConfig } from "../../engine/stack-config.ts";
import type { SerializedResource } from "../../engine/deployment.ts";
import { KubernetesClient, type ObjectRef } from "../../kubernetes/client.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/objects.ts";
import { messageOf } from "../../shared/errors.ts";
import type { StackConfig } from "../../stacks/config.ts";
import type { Health } from "./gates.ts";

const kinds = ["Deployment", "StatefulSet", "DaemonSet"];

export interface HealthOptions {
  readonly root: string;
  readonly stateDir: string;
  readonly stack: string;
  readonly config: StackConfig;
  /** File, instead of the stack's own. */
  readonly kubeconfig?: string | undefined;
  /** The stack's state; empty where the Pulumi CLI keeps it: then every workload outside of kube-system is asked. */
  readonly resources: readonly SerializedResource[];
}

export async function healthOf(options: HealthOptions): Promise<Health> {
  try {
    const kubeconfig = await kubeconfigOf(options);
    if (kubeconfig === undefined)
      return { asked: 0, problem: "no kubeconfig leads to its cluster; name one with --kubeconfig FILE" };
    const { context } = options.config;
    const client = new KubernetesClient({ kubeconfig, ...(context === undefined ? {} : { context }) });
    try {
      return await ask(client, options.resources);
    } finally {
      await client.close();
    }
  } catch (error) {
    return { asked: 0, problem: messageOf(error) };
  }
}

async function ask(client: KubernetesClient, resources: readonly SerializedResource[]): Promise<Health> {
  const refs = resources.flatMap(refOf);
  const found =
    resources.length > 0
      ? await Promise.all(refs.map(async (ref) => [ref, await client.get(ref)] as const))
      : (await allWorkloads(client)).map((object) => [object, object] as const);
  const notReady = found.flatMap(([ref, object]) => {
    const problem = problemOf(object);
    return problem === undefined ? [] : [`${describeObject(ref)}: ${problem}`];
  });
  return { asked: found.length, notReady };
}

/** Of a workload in the state: what names it in the cluster. */
function refOf({ type = "", inputs, delete: isReplaced }: SerializedResource): readonly ObjectRef[] {
  if (isReplaced === true) return [];
  const [, kind = ""] = /^kubernetes:apps\/v1:(\w+)$/.exec(type) ?? [];
  if (!kinds.includes(kind) || typeof inputs !== "object" || inputs === null || !("metadata" in inputs)) return [];
  return [toObject(toMap(inputs), undefined)];
}

async function allWorkloads(client: KubernetesClient): Promise<readonly KubernetesObject[]> {
  const lists = await Promise.all(kinds.map((kind) => client.list("apps/v1", kind)));
  return lists.flat().filter(({ metadata }) => metadata.namespace !== "kube-system");
}

function problemOf(object: KubernetesObject | undefined): string | undefined {
  if (object === undefined) return "it is not there";
  try {
    const judgement = rolloutOf(object);
    return judgement === "ready" ? undefined : judgement.waitsFor;
  } catch (error) {
    return messageOf(error);
  }
}

async function kubeconfigOf({ root, stateDir, stack, config, kubeconfig }: HealthOptions): Promise<string | undefined> {
  if (kubeconfig !== undefined) return readFile(kubeconfig, "utf8");
  if (config.kubeconfig !== undefined) {
    const project = await loadProject(root);
    const file = await loadStackConfig(project, stack, {}, await configuredStacks(project));
    return (await openConfig(file, stateDir)).values["kubeflow:kubeconfig"];
  }
  if (config.target !== "sandbox") return undefined;
  const { findSandbox } = await import("../../sandbox/sandbox.ts");
  const sandbox = await findSandbox();
  return sandbox === undefined ? undefined : readFile(sandbox.kubeconfig, "utf8");
}
