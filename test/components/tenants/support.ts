/** Tenants rendered from settings, on the parts of a release that they read. */
import * as pulumi from "@pulumi/pulumi";
import type { ClusterTarget } from "../../../components/contracts/cluster-target.ts";
import { customise, type CustomisedRelease } from "../../../components/kubeflow/customisation.ts";
import { platformSettings } from "../../../components/kubeflow/settings.ts";
import { tenants } from "../../../components/kubeflow/tenants/tenants.ts";
import { KubeconfigTarget } from "../../../components/onprem/kubeconfig-target.ts";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import { record, type Recording } from "../../support/recording.ts";

/** Dex with a directory behind it, which knows groups. */
const dexWithDirectory = "issuer: https://dex\nconnectors: [{type: ldap, id: ldap, name: LDAP}]\n";

function configMap(namespace: string, name: string, data: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data };
}

function deployment(name: string, env: readonly unknown[] = []): KubernetesObject {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: "main", env }] } };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace: "kubeflow", name }, spec: { template } };
}

const jwtRule = {
  issuer: "https://dex",
  forwardOriginalToken: true,
  outputClaimToHeaders: [
    { claim: "email", header: "kubeflow-userid" },
    { claim: "groups", header: "kubeflow-groups" },
  ],
};

/** As 26.03 has them, without what tenants do not look at. */
export function releaseWith({ dex = dexWithDirectory, rule = jwtRule } = {}): RenderedRelease {
  const objects: KubernetesObject[] = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "kubeflow" } },
    configMap("auth", "dex", { "config.yaml": dex }),
    configMap("kubeflow", "profiles-config-5h9m86f79f", { ADMIN: "", USERID_HEADER: "kubeflow-userid" }),
    configMap("kubeflow", "namespace-labels-data-2k29b64d74", {
      "namespace-labels.yaml":
        '# set by default\napp.kubernetes.io/part-of: "kubeflow-profile"\nistio.io/rev: ""\npod-security.kubernetes.io/enforce: "baseline"\n',
    }),
    configMap("kubeflow", "notebook-controller-config-fhm9f7tdt5", { ENABLE_CULLING: "false", ISTIO_HOST: "*" }),
    configMap("kubeflow", "centraldashboard-parameters", { CD_REGISTRATION_FLOW: "false" }),
    deployment("profiles-deployment"),
    deployment("notebook-controller-deployment"),
    deployment("centraldashboard", [{ name: "REGISTRATION_FLOW", value: "false" }, { name: "KEPT" }]),
    {
      apiVersion: "security.istio.io/v1beta1",
      kind: "RequestAuthentication",
      metadata: { namespace: "istio-system", name: "dex-jwt" },
      spec: { jwtRules: [rule] },
    },
    {
      apiVersion: "kubeflow.org/v1beta1",
      kind: "Profile",
      metadata: { name: "kubeflow-user-example-com" },
      spec: { owner: { kind: "User", name: "user@example.com" } },
    },
  ];
  const componentOf = { "Deployment.apps/kubeflow/centraldashboard": "pipelines" };
  return { name: "26.03", digest: "d", sample: false, crds: [], objects, componentOf };
}

export interface Rendered extends CustomisedRelease {
  readonly recording: Recording;
  /** The one object of the kind; namespaced ones as `namespace/name`. */
  readonly one: (kind: string, name: string) => KubernetesObject;
  readonly find: (kind: string, name: string) => KubernetesObject | undefined;
}

export interface Given {
  readonly release?: RenderedRelease;
  readonly target?: Partial<ClusterTarget>;
  readonly secrets?: readonly string[];
  /** `kubeflow:login`. */
  readonly login?: unknown;
}

/** @param settings `kubeflow:tenants`; undefined when the key is not set. */
export async function render(settings: unknown, given: Given = {}): Promise<Rendered> {
  let customised: CustomisedRelease | undefined;
  const parsed = platformSettings.parse({ tenants: settings, login: given.login });
  const recording = await record((options) => {
    const cluster = new KubeconfigTarget(
      "cluster",
      { kind: "kubeconfig", kubeconfig: "clusters: []", clusterIdentifier: "c", admission: "enforced" },
      options,
    );
    const secrets = (given.secrets ?? []).map((name) => [name, pulumi.secret("BQIAAA==")] as const);
    const context = {
      name: "kubeflow",
      target: Object.assign(cluster, given.target),
      settings: parsed,
      release: given.release ?? releaseWith(),
      adminEmail: "user@example.com",
      secrets: Object.fromEntries(secrets),
      parent: cluster,
    };
    customised = customise(context, [tenants]);
  });
  if (customised === undefined) throw new Error("nothing was customised");
  const { objects } = customised.release;
  const find = (kind: string, name: string): KubernetesObject | undefined =>
    objects.find(
      ({ kind: each, metadata }) =>
        each === kind && [metadata.namespace, metadata.name].filter(Boolean).join("/") === name,
    );
  const one = (kind: string, name: string): KubernetesObject => {
    const found = find(kind, name);
    if (found === undefined) throw new Error(`no ${kind} ${name}; problems: ${customised?.problems.join("\n") ?? ""}`);
    return found;
  };
  return { ...customised, recording, one, find };
}
