/**
 * What a stack asks its cluster for, with every value known: the program runs as in an `up`, on simulated clouds, and
 * a cluster that takes everything and does nothing.
 */
import { clusterlessPlan } from "../../cli/clusterless.ts";
import { openSimulation, cloudOf } from "../../cli/simulation.ts";
import { readRawConfig } from "../../cli/stack-file.ts";
import type { ResourceState } from "../../engine/deployment.ts";
import { text, toObject } from "../../engine/kubernetes/objects.ts";
import { runOperation } from "../../engine/operations.ts";
import type { Provider, ProviderFactory } from "../../engine/provider.ts";
import { randomProviderFactory } from "../../engine/random/provider.ts";
import { unwrapSecrets, type PropertyMap } from "../../engine/values.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { readCrd } from "../../release/crds.ts";
import { projectRoot } from "../../shared/paths.ts";
import { onpremSettings } from "../../components/onprem/settings.ts";
import { parseStackConfig, type StackConfig } from "../../stacks/config.ts";

export interface RegisteredStack {
  readonly stack: string;
  /** Every Kubernetes object but the CRDs. */
  readonly objects: readonly KubernetesObject[];
  /** Of the release, and of the charts that the stack installs. */
  readonly crds: readonly KubernetesObject[];
  /** The inputs of everything else: clouds, charts. */
  readonly others: readonly PropertyMap[];
}

/** @param stateDir a folder of the test's own. */
export async function registeredBy(stack: string, stateDir: string): Promise<RegisteredStack> {
  const config = parseStackConfig(stack, await readRawConfig(stack));
  const crds: KubernetesObject[] = [];
  const cluster = { kubernetes: openHanded(crds), kubeflow: openHanded(crds) };
  let registered: readonly ResourceState[] = [];
  const { failed, diagnostics, steps } = await runOperation("up", {
    projectRoot,
    stack,
    stateDir,
    skipPlan: true,
    config: standIns(config),
    providers: await providersOf(stack, config, cluster, stateDir),
    review: (resources) => {
      registered = resources;
      return [];
    },
  });
  if (failed) {
    const errors = steps.flatMap(({ urn, error }) => (error === undefined ? [] : [`${urn}: ${error}`]));
    throw new Error([`${stack} failed`, ...diagnostics.map(({ message }) => message), ...errors].join("\n"));
  }
  const inputsOf = (isOf: (type: string) => boolean): readonly PropertyMap[] =>
    registered
      .filter(({ type, custom }) => custom && isOf(type))
      .map(({ inputs }) => unwrapSecrets(inputs) as PropertyMap);
  const ofRelease = inputsOf((type) => type === crdType).map(({ name, digest }) =>
    readCrd({ name: text(name), digest: text(digest) }),
  );
  return {
    stack,
    objects: inputsOf(isObject).map((inputs) => toObject(inputs, undefined)),
    crds: [...crds, ...(await Promise.all(ofRelease))],
    others: inputsOf((type) => !isObject(type) && type !== crdType),
  };
}

const crdType = "kubeflow:index:CustomResourceDefinition";

/** A patch is a part of somebody else's object, which is not here. */
function isObject(type: string): boolean {
  return type.startsWith("kubernetes:") && type !== "kubernetes:helm.sh/v3:Release" && !type.endsWith("Patch");
}

async function providersOf(
  stack: string,
  config: StackConfig,
  cluster: { readonly kubernetes: ProviderFactory; readonly kubeflow: ProviderFactory },
  stateDir: string,
): Promise<Readonly<Record<string, ProviderFactory>>> {
  const cloud = cloudOf(config);
  if (cloud === undefined) return { ...cluster, random: randomProviderFactory() };
  // As for a preview: then there is no sandbox that stands in for the cluster.
  const simulation = await openSimulation("preview", stack, cloud, { parallel: 16 }, stateDir);
  return simulation.providers(cluster, () => undefined);
}

/** For a stack of one's own cluster, as its preview has them: no kubeconfig, and secrets that only its owner has. */
function standIns(config: StackConfig): Readonly<Record<string, string>> {
  if (cloudOf(config) !== undefined) return {};
  const onprem = config.onprem ?? onpremSettings.parse({ domain: "sandbox.internal" });
  return clusterlessPlan("preview", { ...config, target: "kubeconfig", onprem })?.config ?? {};
}

/** A cluster that has everything at once. What charts install of CRDs is kept. */
function openHanded(crds: KubernetesObject[]): ProviderFactory {
  const provider: Provider = {
    check: async (_resource, _olds, news) => Promise.resolve({ inputs: news, failures: [] }),
    diff: async () => Promise.resolve({ changed: false, replaces: [], deleteBeforeReplace: false }),
    create: async ({ urn }, inputs) => {
      const object = toObject(inputs, undefined);
      if (object.kind === "CustomResourceDefinition") crds.push(object);
      return Promise.resolve({ id: urn, outputs: inputs });
    },
    plan: (_resource, inputs) => ({ outputs: inputs }),
    read: async (_resource, known) => Promise.resolve(known),
    update: async (_resource, _old, news) => Promise.resolve({ outputs: news }),
    delete: async () => Promise.resolve(),
  };
  return () => Promise.resolve(provider);
}
