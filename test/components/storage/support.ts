/** Release 26.03 with a target and settings of a test, as the storage concern leaves it. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterTarget } from "../../../components/contracts/cluster-target.ts";
import type { Database } from "../../../components/contracts/database.ts";
import type { ObjectStore } from "../../../components/contracts/object-store.ts";
import type { WorkloadIdentity } from "../../../components/contracts/workload-identity.ts";
import { customise, type CustomisedRelease } from "../../../components/kubeflow/customisation.ts";
import { platformSettings } from "../../../components/kubeflow/settings.ts";
import { storage } from "../../../components/kubeflow/storage/storage.ts";
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { at, listAt } from "../../../release/order/references.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import { valueOf } from "../../support/recording.ts";

/** Only passed on, never looked into. */
const unused: unknown = {};
export const bindingReady = new pulumi.DependencyResource("urn:pulumi:dev::kubeflow::cloud:index:Binding::a-binding");

/** Remembers what was bound: `namespace/name: prefix permission`. */
export function identity(bound: string[]): WorkloadIdentity {
  return {
    bind: (_, { namespace, name }, access) => {
      bound.push(`${namespace}/${name}: ${access.map((each) => `${each.prefix} ${each.permission}`).join(", ")}`);
      return {
        serviceAccountAnnotations: { "cloud.example.com/role": pulumi.output(`role-of-${name}`) },
        podLabels: { "cloud.example.com/use": "true" },
        ready: [bindingReady],
      };
    },
  };
}

export function objectStore(kind: ObjectStore["kind"], more: Partial<ObjectStore> = {}): ObjectStore {
  const bucket = pulumi.output("artifacts-1234");
  return { kind, bucket, url: pulumi.output("unused"), region: "eu-west-1", ...more };
}

export function database(more: Partial<Database> = {}): Database {
  const [host, password] = [pulumi.output("db.example.com"), pulumi.secret("hunter2hunter2")];
  return { engine: "mysql", version: "8.0", host, port: 3306, username: "kubeflow", password, tls: "offered", ...more };
}

export const plainTarget: ClusterTarget = {
  contractVersion: 1,
  kind: "kubeconfig",
  name: "test",
  kubeconfig: unused as pulumi.Output<string>,
  clusterIdentifier: pulumi.output("c"),
  provider: unused as pulumi.ProviderResource,
  ready: [],
  admission: "enforced",
  storage: { defaultClass: undefined },
  ingress: { serviceType: "LoadBalancer", annotations: {}, address: "ip" },
  gpuPools: [],
};

interface Given {
  readonly storage?: unknown;
  readonly tenants?: unknown;
  readonly target?: Partial<ClusterTarget>;
  readonly secrets?: Readonly<Record<string, pulumi.Output<string>>>;
}

export function stored(release: RenderedRelease, given: Given): CustomisedRelease {
  const { target = {}, secrets = {} } = given;
  return customise(
    {
      name: "kubeflow",
      target: { ...plainTarget, ...target },
      settings: platformSettings.parse({ storage: given.storage, tenants: given.tenants }),
      release,
      adminEmail: "user@example.com",
      secrets,
      parent: unused as pulumi.Resource,
    },
    [storage],
  );
}

/** An object of what was made of the release, with the values that only the apply knows. */
export async function resolved({ release }: CustomisedRelease, key: string): Promise<KubernetesObject> {
  const object = release.objects.find((each) => objectKey(each) === key);
  assert.ok(object, `no ${key}`);
  return await valueOf(pulumi.output(object));
}

export function keysOf({ release }: CustomisedRelease): ReadonlySet<string> {
  return new Set(release.objects.map(objectKey));
}

/** The variables of a Deployment's container as its process has them: references to ConfigMaps and Secrets followed. */
export async function variablesOf(
  customised: CustomisedRelease,
  deployment: string,
  container = 0,
  /** By credential, instead of what the release ships. */
  secretValues: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const object = await resolved(customised, `Deployment.apps/kubeflow/${deployment}`);
  const containers = listAt(at(object, "spec", "template", "spec"), "containers");
  const variables: Record<string, string> = {};
  for (const each of listAt(containers[container], "env")) {
    const value = at(each, "value") ?? (await referred(customised, at(each, "valueFrom"), secretValues));
    if (typeof value === "string") variables[String(at(each, "name"))] = value;
  }
  return variables;
}

async function referred(
  customised: CustomisedRelease,
  from: unknown,
  secretValues: Readonly<Record<string, string>>,
): Promise<unknown> {
  for (const [reference, kind] of [
    ["configMapKeyRef", "ConfigMap"],
    ["secretKeyRef", "Secret"],
  ] as const) {
    const [name, key] = [at(from, reference, "name"), at(from, reference, "key")];
    if (typeof name !== "string" || typeof key !== "string") continue;
    const own = kind === "Secret" ? secretValues[`${name}/${key}`] : undefined;
    if (own !== undefined) return own;
    const object = await resolved(customised, `${kind}/kubeflow/${name}`);
    return at(object, "data", key) ?? at(object, "stringData", key);
  }
  return undefined;
}
