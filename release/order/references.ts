/** Which other objects an object names, and so cannot work without. Pure; reads plain objects, trusts no shape. */
import { groupOf, type KubernetesObject } from "../../kubernetes/objects.ts";

/** A reference by kind: `namespace` is absent for cluster-scoped kinds. */
export interface Reference {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path of keys, or undefined. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((item, key) => (isObject(item) ? item[key] : undefined), value);
}

export function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = at(value, ...keys);
  return typeof found === "string" && found !== "" ? found : undefined;
}

export function listAt(value: unknown, ...keys: readonly string[]): readonly unknown[] {
  const found = at(value, ...keys);
  return Array.isArray(found) ? found : [];
}

/** Kinds that run pods, and where their pod template is. */
const podTemplatePaths: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** The pod template (metadata and spec) of a workload; undefined for every other kind. */
export function podTemplateOf(object: KubernetesObject): Json | undefined {
  const path = podTemplatePaths[object.kind];
  if (path === undefined || !["", "apps", "batch"].includes(groupOf(object.apiVersion))) return undefined;
  const template = at(object, ...path);
  return isObject(template) ? template : undefined;
}

/** What the pods of a workload mount, read and run as. */
function podReferences(template: Json, namespace: string | undefined): Reference[] {
  const found: Reference[] = [];
  const add = (kind: string, name: string | undefined): void => {
    if (name !== undefined) found.push({ group: "", kind, name, ...(namespace === undefined ? {} : { namespace }) });
  };
  const spec = at(template, "spec");
  add("ServiceAccount", textAt(spec, "serviceAccountName") ?? textAt(spec, "serviceAccount"));
  for (const secret of listAt(spec, "imagePullSecrets")) add("Secret", textAt(secret, "name"));
  for (const volume of listAt(spec, "volumes")) {
    add("ConfigMap", textAt(volume, "configMap", "name"));
    add("Secret", textAt(volume, "secret", "secretName"));
    add("PersistentVolumeClaim", textAt(volume, "persistentVolumeClaim", "claimName"));
    for (const source of listAt(volume, "projected", "sources")) {
      add("ConfigMap", textAt(source, "configMap", "name"));
      add("Secret", textAt(source, "secret", "name"));
    }
  }
  for (const container of [...listAt(spec, "initContainers"), ...listAt(spec, "containers")]) {
    for (const source of listAt(container, "envFrom")) {
      add("ConfigMap", textAt(source, "configMapRef", "name"));
      add("Secret", textAt(source, "secretRef", "name"));
    }
    for (const variable of listAt(container, "env")) {
      add("ConfigMap", textAt(variable, "valueFrom", "configMapKeyRef", "name"));
      add("Secret", textAt(variable, "valueFrom", "secretKeyRef", "name"));
    }
  }
  const priorityClass = textAt(spec, "priorityClassName");
  if (priorityClass !== undefined) {
    found.push({ group: "scheduling.k8s.io", kind: "PriorityClass", name: priorityClass });
  }
  return found;
}

function roleBindingReferences(binding: KubernetesObject): Reference[] {
  const group = "rbac.authorization.k8s.io";
  const role = textAt(binding, "roleRef", "name");
  const kind = textAt(binding, "roleRef", "kind");
  const { namespace } = binding.metadata;
  if (role === undefined || kind === undefined) return [];
  return [{ group, kind, name: role, ...(kind === "Role" && namespace !== undefined ? { namespace } : {}) }];
}

/**
 * What a Kubeflow profile finds there: a namespace, which profile-controller would make itself and own, the owner's
 * rights in it, which it would make again if they went before the profile, and the controller, which has to let a profile
 * go that is deleted.
 */
function profileReferences({ metadata: { name } }: KubernetesObject): Reference[] {
  return [
    { group: "", kind: "Namespace", name },
    { group: "rbac.authorization.k8s.io", kind: "RoleBinding", namespace: name, name: "namespaceAdmin" },
    { group: "security.istio.io", kind: "AuthorizationPolicy", namespace: name, name: "ns-owner-access-istio" },
    { group: "apps", kind: "Deployment", namespace: "kubeflow", name: "profiles-deployment" },
  ];
}

/** Every object that `object` names by its own fields, wherever it comes from; the caller keeps those that it has. */
export function referencesOf(object: KubernetesObject): readonly Reference[] {
  const { namespace } = object.metadata;
  const here = namespace === undefined ? {} : { namespace };
  const found: Reference[] = namespace === undefined ? [] : [{ group: "", kind: "Namespace", name: namespace }];
  const template = podTemplateOf(object);
  if (template !== undefined) found.push(...podReferences(template, namespace));
  switch (object.kind) {
    case "RoleBinding":
    case "ClusterRoleBinding":
      found.push(...roleBindingReferences(object));
      break;
    case "StatefulSet": {
      const service = textAt(object, "spec", "serviceName");
      if (service !== undefined) found.push({ group: "", kind: "Service", name: service, ...here });
      break;
    }
    case "Profile":
      if (groupOf(object.apiVersion) === "kubeflow.org") found.push(...profileReferences(object));
      break;
    case "Certificate": {
      const name = textAt(object, "spec", "issuerRef", "name");
      const kind = textAt(object, "spec", "issuerRef", "kind") ?? "Issuer";
      if (name !== undefined) {
        found.push({ group: "cert-manager.io", kind, name, ...(kind === "Issuer" ? here : {}) });
      }
      break;
    }
    case "HorizontalPodAutoscaler": {
      const kind = textAt(object, "spec", "scaleTargetRef", "kind");
      const name = textAt(object, "spec", "scaleTargetRef", "name");
      const group = groupOf(textAt(object, "spec", "scaleTargetRef", "apiVersion") ?? "apps/v1");
      if (kind !== undefined && name !== undefined) found.push({ group, kind, name, ...here });
      break;
    }
  }
  return found;
}

/** The ServiceAccounts that a RoleBinding or ClusterRoleBinding gives its role to, as `namespace/name`. */
export function serviceAccountsOf(binding: KubernetesObject): readonly string[] {
  return listAt(binding, "subjects").flatMap((subject) => {
    const name = textAt(subject, "name");
    const namespace = textAt(subject, "namespace") ?? binding.metadata.namespace;
    return textAt(subject, "kind") === "ServiceAccount" && name !== undefined && namespace !== undefined
      ? [`${namespace}/${name}`]
      : [];
  });
}
