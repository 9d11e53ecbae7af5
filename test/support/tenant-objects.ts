/** What tenants have in a cluster: of every kind that there is, and how to see whether any of it was lost or changed. */
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { leastObject, specOf } from "./custom-resources.ts";

const manager = "tenant";
const labels = { app: "workspace" };
const pod = {
  containers: [
    { name: "workspace", image: "example.com/workspace:1", volumeMounts: [{ name: "home", mountPath: "/home" }] },
  ],
  volumes: [{ name: "home", persistentVolumeClaim: { claimName: "home" } }],
};

/** Where a schema asks for more than its types say. By the CRD's name. */
const fieldsOf: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "certificaterequests.cert-manager.io": { spec: { issuerRef: { name: "x" }, request: "eA==" } },
  "orders.acme.cert-manager.io": { spec: { issuerRef: { name: "x" }, request: "eA==" } },
  "clustertrainingruntimes.trainer.kubeflow.org": { spec: { mlPolicy: { numNodes: 1 } } },
  "trainingruntimes.trainer.kubeflow.org": { spec: { mlPolicy: { numNodes: 1 } } },
  "scheduledworkflows.kubeflow.org": { spec: { enabled: true }, status: {} },
  "workloadentries.networking.istio.io": { spec: { address: "10.0.0.1" } },
  "notebooks.kubeflow.org": { spec: { template: { spec: pod } } },
};

function builtIn(namespace: string): readonly KubernetesObject[] {
  const meta = (name: string) => ({ namespace, name });
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "kubeflow-edit" };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { ...meta("default-editor"), labels } },
    { apiVersion: "v1", kind: "ConfigMap", metadata: meta("settings"), data: { a: "1" } },
    { apiVersion: "v1", kind: "Secret", metadata: meta("mlpipeline-minio-artifact"), data: { accesskey: "eA==" } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: meta("workspace"),
      spec: { selector: labels, ports: [{ port: 80 }] },
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: meta("home"),
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: meta("workspace"),
      spec: {
        serviceName: "workspace",
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: pod },
      },
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: meta("namespaceAdmin"),
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "user@example.com" }],
      roleRef: role,
    },
  ];
}

/** Makes one object of every kind of CRD in each namespace (cluster-scoped ones by its name), and what a notebook has. */
export async function makeTenants(client: KubernetesClient, namespaces: readonly string[]): Promise<void> {
  const crds = await client.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  for (const namespace of namespaces) {
    await client.apply(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
      { fieldManager: manager },
    );
    const custom = crds.map((crd) => {
      const metadata = specOf(crd).scope === "Namespaced" ? { namespace, name: "thing" } : { name: namespace };
      return leastObject(crd, metadata, fieldsOf[crd.metadata.name]);
    });
    await Promise.all(
      [...builtIn(namespace), ...custom].map((object) => client.apply(object, { fieldManager: manager })),
    );
  }
}

/** Everything of the namespaces, pods included, by its key; without what only counts writes or is a new default. */
export async function tenantObjects(
  client: KubernetesClient,
  namespaces: readonly string[],
): Promise<ReadonlyMap<string, unknown>> {
  const crds = await client.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  const custom = crds.map((crd) => {
    const { group, names, versions } = specOf(crd);
    return [`${group}/${versions.find(({ storage }) => storage)?.name ?? ""}`, names.kind] as const;
  });
  const core = [...new Map([...builtIn("x").map(kindOf), ["v1 Pod", ["v1", "Pod"] as const] as const]).values()];
  const lists = await Promise.all(
    [...core, ["v1", "Namespace"] as const, ...custom].map(([apiVersion, kind]) => client.list(apiVersion, kind)),
  );
  const isTheirs = ({ metadata: { name, namespace } }: KubernetesObject) => namespaces.includes(namespace ?? name);
  const found = lists.flat().filter((object) => isTheirs(object) && object.metadata.name !== atWork);
  return new Map(found.map((object) => [objectKey(object), content(object)]));
}

function kindOf({ apiVersion, kind }: KubernetesObject): readonly [string, readonly [string, string]] {
  return [`${apiVersion} ${kind}`, [apiVersion, kind]];
}

/** What the schemas of 26.03 fill into what is stored without it; by kind. */
const newDefaults: Readonly<Record<string, string>> = { ClusterStorageContainer: "supportsMultiModelDownload" };

function content({ metadata, ...rest }: KubernetesObject): unknown {
  const { spec } = rest as { readonly spec?: Readonly<Record<string, unknown>> };
  const filledIn = newDefaults[rest.kind];
  const kept = Object.entries(metadata).filter(([key]) => key !== "managedFields" && key !== "resourceVersion");
  const fields = Object.entries(spec ?? {}).filter(([key, value]) => key !== filledIn || value !== false);
  return {
    ...rest,
    ...(spec === undefined ? {} : { spec: Object.fromEntries(fields) }),
    metadata: Object.fromEntries(kept),
  };
}

const atWork = "at-work";

/** A tenant who goes on reading, changing, making and deleting while `during` runs. @returns answers by verb and status. */
export async function workDuring(
  client: KubernetesClient,
  namespace: string,
  during: () => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const stop = new AbortController();
  const notebook = { apiVersion: "kubeflow.org/v1", kind: "Notebook", metadata: { namespace, name: atWork } };
  let isThere = false;
  const working = (async () => {
    for (let round = 0; !stop.signal.aborted; round += 1) {
      const annotations = { round: String(round) };
      await client.apply(
        { ...notebook, metadata: { ...notebook.metadata, annotations }, spec: { template: { spec: pod } } },
        { fieldManager: manager },
      );
      isThere = true;
      await Promise.all([
        client.get(notebook),
        client.list("argoproj.io/v1alpha1", "Workflow", { namespace }),
        client.list("serving.kserve.io/v1beta1", "InferenceService", { namespace }),
        client.list("networking.istio.io/v1", "VirtualService", { namespace }),
        client.list("v1", "Pod", { namespace }),
      ]);
      if (round % 10 !== 9) continue;
      await client.delete(notebook);
      isThere = false;
    }
    if (isThere) await client.delete(notebook);
  })();
  try {
    await during();
  } finally {
    stop.abort();
    await working;
  }
  return client.stats;
}
