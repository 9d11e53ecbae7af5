import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterTarget } from "../contracts/cluster-target.ts";
import type { ObjectStore } from "../contracts/object-store.ts";
import { chartSource } from "../shared/charts.ts";
import type { BackupSettings } from "./settings.ts";
import {
  clusterFolder,
  restoreModifierData,
  restoreModifiers,
  veleroAccount,
  veleroKeySecret,
  veleroNamespace,
  veleroRole,
  veleroRules,
  veleroValues,
} from "./velero-values.ts";

const TYPE = "kubeflow:backup:Velero";

export interface VeleroArgs {
  readonly settings: BackupSettings;
  readonly target: ClusterTarget;
  readonly store: ObjectStore;
}

/**
 * Velero: backs up the objects of the cluster, and what is asked for of its volumes, into a prefix of the target's bucket.
 *
 * ```ts
 * new Velero("kubeflow-velero", { settings, target, store }, { parent });
 * ```
 *
 * Costs what is kept, `retentionDays` times. Upgrade hazard: the chart's job replaces Velero's CRDs; backups stay in the
 * bucket and are read from there again.
 */
export class Velero extends pulumi.ComponentResource {
  constructor(name: string, args: VeleroArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings, target, store } = args;
    const { provider } = target;
    const own = { parent: this, provider, dependsOn: [...target.ready] };
    const place = new Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: veleroNamespace,
          // The node agent reads the folders of every pod on its node.
          labels: {
            "pod-security.kubernetes.io/enforce": settings.volumes === "file-system" ? "privileged" : "baseline",
          },
        },
      },
      own,
    );
    const role = new ClusterRole(
      `${name}-role`,
      { metadata: { name: veleroRole }, rules: veleroRules(settings).map(plain) },
      own,
    );
    new ConfigMap(
      `${name}-restore-modifiers`,
      { metadata: { name: restoreModifiers, namespace: place.metadata.name }, data: restoreModifierData() },
      own,
    );
    const keys = store.credentials;
    const identity =
      keys === undefined
        ? target.identity?.bind(
            `${name}-store`,
            veleroAccount,
            [{ prefix: `${settings.prefix}${clusterFolder}`, permission: "read-write" }],
            { parent: this },
          )
        : undefined;
    const secret =
      keys === undefined
        ? []
        : [
            new Secret(
              `${name}-key`,
              {
                metadata: { name: veleroKeySecret, namespace: place.metadata.name },
                stringData: { cloud: pulumi.secret(awsCredentials(keys)) },
              },
              own,
            ),
          ];
    new Release(
      name,
      {
        ...chartSource("velero"),
        name: "velero",
        namespace: place.metadata.name,
        values: veleroValues(settings, store, identity),
        timeout: 600,
      },
      // The chart's hook brings its CRDs up to its own version before its pods start, so Helm runs it.
      { ...own, dependsOn: [...target.ready, role, ...secret, ...(identity?.ready ?? [])] },
    );
    this.registerOutputs({});
  }
}

/** Lists that nobody changes, as the SDK's types want them. */
function plain(rule: ReturnType<typeof veleroRules>[number]) {
  const { apiGroups, resources, nonResourceURLs, verbs } = rule;
  return {
    ...(apiGroups === undefined ? {} : { apiGroups: [...apiGroups] }),
    ...(resources === undefined ? {} : { resources: [...resources] }),
    ...(nonResourceURLs === undefined ? {} : { nonResourceURLs: [...nonResourceURLs] }),
    verbs: [...verbs],
  };
}

/** The one format that the plugin reads. */
function awsCredentials({ accessKey, secretKey }: NonNullable<ObjectStore["credentials"]>): pulumi.Output<string> {
  return pulumi.interpolate`[default]\naws_access_key_id=${accessKey}\naws_secret_access_key=${secretKey}\n`;
}
