/** A real Kubernetes API for the tests. */
import { randomBytes } from "node:crypto";
import { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { sharedSandbox } from "./sandbox.ts";

/** Path of the kubeconfig of a running cluster: `KF_TEST_KUBECONFIG`, else a sandbox that all tests share. */
export async function testKubeconfig(): Promise<string> {
  return process.env["KF_TEST_KUBECONFIG"] ?? (await sharedSandbox("unit-tests")).kubeconfig;
}

export const testManager = "pulumi-kubeflow-test";

/** `prefix-` and something that no other run has. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString("hex")}`;
}

export function configMap(namespace: string, name: string, data: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data };
}

/** A client, and a namespace of the test's own. */
export async function testNamespace(): Promise<{ readonly client: KubernetesClient; readonly namespace: string }> {
  const client = new KubernetesClient({ kubeconfig: await testKubeconfig() });
  const namespace = uniqueName("test");
  await client.apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    { fieldManager: testManager },
  );
  return { client, namespace };
}

/** Deletes the namespace without waiting for it, and ends the client. */
export async function dropNamespace({ client, namespace }: Awaited<ReturnType<typeof testNamespace>>): Promise<void> {
  await client.delete({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await client.close();
}

/** A CRD of a group that no other test has: kind `Thing`, whose objects may hold anything. */
export function thingCrd(group: string, extra: Readonly<Record<string, unknown>> = {}): KubernetesObject {
  const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true, ...extra };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: "things", singular: "thing", kind: "Thing", listKind: "ThingList" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}
