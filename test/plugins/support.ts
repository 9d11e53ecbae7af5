/** The provider of CRDs on the tests' cluster, with a cache of its own for their bodies. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Provider } from "../../engine/provider.ts";
import type { PropertyMap } from "../../engine/values.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { ClientPool } from "../../kubernetes/pool.ts";
import { crdProviderFactory } from "../../plugins/crd/provider.ts";
import { storeCrds } from "../../release/crds.ts";
import { testKubeconfig, testManager } from "../support/cluster.ts";

export interface Bench {
  readonly client: KubernetesClient;
  readonly provider: Provider;
  /** What the provider told while it worked. */
  readonly told: readonly string[];
  /** Folder of the cache. */
  readonly cache: string;
  close(): Promise<void>;
}

/** Until it is closed, this process has the cache of the bench. */
export async function openBench(): Promise<Bench> {
  // What a cluster is started with is in the cache of before.
  const config = { kubeconfig: await testKubeconfig() };
  const before = process.env["KF_CACHE_DIR"];
  const cache = await mkdtemp(path.join(tmpdir(), "kf-crd-"));
  process.env["KF_CACHE_DIR"] = cache;
  const clients = new ClientPool();
  const told: string[] = [];
  const options = { fieldManager: testManager, clients, progress: (message: string) => told.push(message) };
  return {
    client: await clients.get(config),
    provider: await crdProviderFactory(options)(config),
    told,
    cache,
    async close() {
      if (before === undefined) delete process.env["KF_CACHE_DIR"];
      else process.env["KF_CACHE_DIR"] = before;
      await clients.close();
      await rm(cache, { recursive: true });
    },
  };
}

export const ref = {
  urn: "urn:pulumi:test::kubeflow::kubeflow:index:CustomResourceDefinition::things",
  type: "kubeflow:index:CustomResourceDefinition",
};

/** The inputs that the program registers for a CRD, whose body is then in the cache. */
export async function inputsOf(crd: KubernetesObject): Promise<PropertyMap> {
  const [stored] = await storeCrds([crd]);
  assert.ok(stored);
  const { name, digest, group, kind, scope, versions } = stored;
  return { name, digest, group, kind, scope, versions };
}
