/** Tenants as the platform makes them, and what people make in them. */
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { objectKey } from "../../kubernetes/objects.ts";
import { render } from "../components/tenants/support.ts";
import { valueOf } from "../support/recording.ts";

export const tenantNames = ["team-a", "team-b"] as const;

/** What is compared, before and after. */
export const tenantKinds = [
  ["v1", "Namespace"],
  ["v1", "ConfigMap"],
  ["v1", "Secret"],
  ["v1", "ServiceAccount"],
  ["v1", "PersistentVolumeClaim"],
  ["v1", "LimitRange"],
  ["v1", "ResourceQuota"],
  ["v1", "Service"],
  ["rbac.authorization.k8s.io/v1", "Role"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["kubeflow.org/v1", "Profile"],
  ["kubeflow.org/v1", "Notebook"],
  ["kubeflow.org/v1alpha1", "PodDefault"],
  ["kubeflow.org/v1beta1", "Experiment"],
  ["kubeflow.org/v1beta1", "ScheduledWorkflow"],
  ["argoproj.io/v1alpha1", "Workflow"],
  ["serving.kserve.io/v1beta1", "InferenceService"],
  ["security.istio.io/v1", "AuthorizationPolicy"],
] as const;

/** CRDs of the release that these are of, and Istio's, which the platform's own objects are of. */
export const tenantCrds: ReadonlySet<string> = new Set([
  "profiles.kubeflow.org",
  "notebooks.kubeflow.org",
  "poddefaults.kubeflow.org",
  "experiments.kubeflow.org",
  "scheduledworkflows.kubeflow.org",
  "workflows.argoproj.io",
  "inferenceservices.serving.kserve.io",
  "authorizationpolicies.security.istio.io",
]);

/** Of the platform: namespaces, rights, quotas, profiles, ... */
export async function platformTenants(): Promise<readonly KubernetesObject[]> {
  const profiles = tenantNames.map((name, index) => ({
    name,
    owner: `owner${index}@example.com`,
    members: [{ user: `member${index}@example.com`, role: "edit" }],
    quota: { cpu: 16, memoryGiB: 64 },
  }));
  const { release } = await render({ profiles });
  const own = release.objects.filter((object) => release.componentOf[objectKey(object)] === "tenants");
  return await Promise.all(own.map(async (object) => await valueOf(pulumi.output(object))));
}

/** Of people: a notebook with its volume, credentials, settings, an experiment, a model, a run. */
export function peoplesObjects(namespace: string): readonly KubernetesObject[] {
  const at = (name: string) => ({ namespace, name });
  const spec = { containers: [{ name: "work", image: "example.com/notebook:1", volumeMounts: [] }] };
  const random = Buffer.from(`${namespace}-a-password`).toString("base64");
  return [
    { apiVersion: "v1", kind: "Secret", metadata: at("registry-login"), type: "Opaque", data: { password: random } },
    { apiVersion: "v1", kind: "ConfigMap", metadata: at("settings"), data: { "train.yaml": "rate: 0.1\n" } },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { ...at("home"), labels: { "access.example.com": "notebook" } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "none-such",
        resources: { requests: { storage: "5Gi" } },
      },
    },
    { apiVersion: "kubeflow.org/v1", kind: "Notebook", metadata: at("work"), spec: { template: { spec } } },
    {
      apiVersion: "kubeflow.org/v1alpha1",
      kind: "PodDefault",
      metadata: at("with-proxy"),
      spec: {
        desc: "with a proxy",
        selector: { matchLabels: { proxy: "true" } },
        env: [{ name: "PROXY", value: "p" }],
      },
    },
    {
      apiVersion: "kubeflow.org/v1beta1",
      kind: "Experiment",
      metadata: at("search"),
      spec: { parallelTrialCount: 2, objective: { type: "maximize", objectiveMetricName: "accuracy" } },
    },
    {
      apiVersion: "kubeflow.org/v1beta1",
      kind: "ScheduledWorkflow",
      metadata: at("nightly"),
      spec: { enabled: true, maxConcurrency: 1, trigger: { cronSchedule: { cron: "0 3 * * *" } } },
      status: {},
    },
    {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Workflow",
      metadata: { ...at("run-1"), labels: { "pipeline/runid": "run-1" } },
      spec: { entrypoint: "main", templates: [{ name: "main" }] },
    },
    {
      apiVersion: "serving.kserve.io/v1beta1",
      kind: "InferenceService",
      metadata: at("model"),
      spec: { predictor: { model: { modelFormat: { name: "sklearn" }, storageUri: "s3://bucket/model" } } },
    },
  ];
}
