/** What a tenant's pods are given when they are made: by Kubeflow's own webhook, from PodDefaults. */
import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { gpuTaint, type GpuPool } from "../../contracts/gpu-pool.ts";
import type { TenantSettings } from "./settings.ts";

/** What a PodDefault is made from, beside the tenant's own settings. */
export interface PodDefaultFacts {
  readonly hasPipelines: boolean;
  readonly gpuPools: readonly GpuPool[];
  /** Labels by which the cloud knows pods of the tenant's service account. */
  readonly identityLabels: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
}

/** The PodDefaults of a tenant, with the Secret and the ConfigMap that they mount. */
export function podDefaultsOf(tenant: TenantSettings, facts: PodDefaultFacts): readonly KubernetesObject[] {
  const { name, podDefaults = {}, kerberos } = tenant;
  const { pipelines = facts.hasPipelines, gpu = facts.gpuPools.length > 0 } = podDefaults;
  return [
    ...(pipelines ? [pipelinesAccess(name)] : []),
    ...(gpu ? [gpuToleration(name, facts.gpuPools)] : []),
    ...(Object.keys(facts.identityLabels).length > 0 ? [cloudIdentity(name, facts.identityLabels)] : []),
    ...(kerberos === undefined ? [] : kerberosLogin(name, kerberos, facts.secrets[kerberos.keytab])),
  ];
}

function podDefault(
  namespace: string,
  name: string,
  matchLabels: Readonly<Record<string, string>>,
  spec: Readonly<Record<string, unknown>>,
): KubernetesObject {
  return {
    apiVersion: "kubeflow.org/v1alpha1",
    kind: "PodDefault",
    metadata: { name, namespace },
    // A selector that names nothing matches every pod of the namespace.
    spec: { selector: { matchLabels }, ...spec },
  };
}

/** The token that the SDK of Pipelines looks for, and its audience: what the API of Pipelines asks for. */
function pipelinesAccess(namespace: string): KubernetesObject {
  const folder = "/var/run/secrets/kubeflow/pipelines";
  return podDefault(
    namespace,
    "access-ml-pipeline",
    { "access-ml-pipeline": "true" },
    {
      desc: "Allow access to Kubeflow Pipelines",
      env: [{ name: "KF_PIPELINES_SA_TOKEN_PATH", value: `${folder}/token` }],
      volumes: [
        {
          name: "pipelines-token",
          projected: {
            sources: [
              {
                serviceAccountToken: {
                  path: "token",
                  expirationSeconds: 7200,
                  audience: "pipelines.kubeflow.org",
                },
              },
            ],
          },
        },
      ],
      volumeMounts: [{ name: "pipelines-token", mountPath: folder, readOnly: true }],
    },
  );
}

/** Chosen by a label, since every pod would be let onto the GPU nodes otherwise. */
function gpuToleration(namespace: string, pools: readonly GpuPool[]): KubernetesObject {
  const taints = [gpuTaint, ...pools.flatMap((pool) => pool.taints)];
  const distinct = new Map(taints.map(({ key, effect }) => [`${key} ${effect}`, { key, operator: "Exists", effect }]));
  return podDefault(
    namespace,
    "gpu",
    { gpu: "true" },
    {
      desc: "Allow GPU nodes",
      tolerations: [...distinct.values()],
    },
  );
}

function cloudIdentity(namespace: string, labels: Readonly<Record<string, string>>): KubernetesObject {
  return podDefault(namespace, "cloud-identity", {}, { desc: "Cloud identity of the tenant", labels });
}

/**
 * A keytab that MIT Kerberos logs in with by itself, and the configuration where every implementation looks for it.
 * `KRB5_CLIENT_KTNAME`: https://web.mit.edu/kerberos/krb5-latest/doc/basic/keytab_def.html
 */
function kerberosLogin(
  namespace: string,
  { principal, krb5Conf, everywhere }: NonNullable<TenantSettings["kerberos"]>,
  keytab: pulumi.Output<string> | undefined,
): readonly KubernetesObject[] {
  const [secret, configuration, folder] = ["kerberos-keytab", "kerberos-configuration", "/var/run/secrets/kerberos"];
  const pods = everywhere ? {} : { kerberos: "true" };
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: secret, namespace },
      type: "Opaque",
      data: { keytab },
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: configuration, namespace },
      data: { "krb5.conf": krb5Conf },
    },
    podDefault(namespace, "kerberos", pods, {
      desc: `Log in with Kerberos as ${principal}`,
      env: [
        { name: "KRB5_CLIENT_KTNAME", value: `FILE:${folder}/keytab` },
        { name: "KRB5CCNAME", value: "FILE:/tmp/krb5cc" },
        { name: "KERBEROS_PRINCIPAL", value: principal },
      ],
      volumes: [
        { name: "kerberos-keytab", secret: { secretName: secret } },
        { name: "kerberos-configuration", configMap: { name: configuration } },
      ],
      volumeMounts: [
        { name: "kerberos-keytab", mountPath: folder, readOnly: true },
        { name: "kerberos-configuration", mountPath: "/etc/krb5.conf", subPath: "krb5.conf", readOnly: true },
      ],
    }),
  ];
}
