/** A provider on the tests' cluster, and resources made with it. */
import { toMap } from "../../engine/kubernetes/objects.ts";
import { kubernetesProviderFactory } from "../../engine/kubernetes/provider.ts";
import type { LiveResource, Provider, ResourceRef } from "../../engine/provider.ts";
import type { PropertyMap } from "../../engine/values.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { typeToken, type KubernetesObject } from "../../kubernetes/objects.ts";
import { ClientPool } from "../../kubernetes/pool.ts";
import { dropNamespace, testKubeconfig, testManager, testNamespace } from "../support/cluster.ts";

export interface Bench {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly provider: Provider;
  /** The same, told to take over what is not ours. */
  readonly adopting: Provider;
  /** What the provider told while it worked. */
  readonly told: string[];
  close(): Promise<void>;
}

export const { signal } = new AbortController();

export async function openBench(): Promise<Bench> {
  const { client, namespace } = await testNamespace();
  const clients = new ClientPool();
  const told: string[] = [];
  const options = { fieldManager: testManager, clients, progress: (message: string) => told.push(message) };
  const config = { kubeconfig: await testKubeconfig() };
  return {
    client,
    namespace,
    told,
    provider: await kubernetesProviderFactory(options)(config),
    adopting: await kubernetesProviderFactory({ ...options, adopt: true })(config),
    async close() {
      await clients.close();
      await dropNamespace({ client, namespace });
    },
  };
}

export function refOf(object: KubernetesObject): ResourceRef {
  return { urn: `urn:pulumi:test::test::${typeToken(object)}::${object.metadata.name}`, type: typeToken(object) };
}

/** As the engine would: checked, then created. */
export async function create(provider: Provider, object: KubernetesObject): Promise<LiveResource> {
  const ref = refOf(object);
  const { inputs } = await provider.check(ref, undefined, toMap(object));
  return { inputs, ...(await provider.create(ref, inputs, signal)) };
}

export async function update(provider: Provider, old: LiveResource, object: KubernetesObject): Promise<LiveResource> {
  const ref = refOf(object);
  const { inputs } = await provider.check(ref, old.inputs, toMap(object));
  return { ...old, inputs, ...(await provider.update(ref, old, inputs, signal)) };
}

export async function inputsOf(provider: Provider, object: KubernetesObject): Promise<PropertyMap> {
  return (await provider.check(refOf(object), undefined, toMap(object))).inputs;
}
