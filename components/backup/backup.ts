/** Backups: Velero for the cluster's objects and volumes, and dumps of the databases beside them in the target's bucket. */
import { objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { at, listAt } from "../../release/order/references.ts";
import type { Addition, Concern, PlatformContext } from "../kubeflow/customisation.ts";
import { databaseAccount, databaseFolder, databaseObjects } from "./database-objects.ts";
import { databaseSources } from "./database-sources.ts";
import { backupNotes, backupProblems } from "./problems.ts";
import { Velero } from "./velero.ts";

/** What the objects are shown under. */
const component = "backup";
const account = `cluster.local/ns/${databaseAccount.namespace}/sa/${databaseAccount.name}`;

export const backup: Concern = (context) => {
  const { name, target, release, parent } = context;
  const { backup: settings, storage, tenants } = context.settings;
  if (settings === undefined) return {};
  const problems = backupProblems(settings, target, tenants?.profiles ?? []);
  const store = target.objectStore;
  if (store === undefined || problems.length > 0) return { problems };
  new Velero(`${name}-velero`, { settings, target, store }, { parent });
  const has = new Set(release.objects.map(objectKey));
  const notes = backupNotes(settings, { artifacts: has.has("Deployment.apps/kubeflow/seaweedfs") });
  const sources = databaseSources(release, storage, target);
  return {
    notes,
    additions: sources.length === 0 ? [] : dumpAdditions(context, settings, store, sources),
    change: sources.some(({ inMesh }) => inMesh) ? withDumpLetIn : (object) => object,
  };
};

function dumpAdditions(
  { name, target, parent }: PlatformContext,
  settings: NonNullable<PlatformContext["settings"]["backup"]>,
  store: NonNullable<PlatformContext["target"]["objectStore"]>,
  sources: ReturnType<typeof databaseSources>,
): readonly Addition[] {
  const access = [{ prefix: `${settings.prefix}${databaseFolder}`, permission: "read-write" }] as const;
  const binding =
    store.credentials === undefined
      ? target.identity?.bind(`${name}-database-backup`, databaseAccount, access, { parent })
      : undefined;
  return databaseObjects({ settings, store, sources, binding }).map((object) => ({
    component,
    object,
    ...(binding !== undefined && object.kind === "CronJob" ? { dependsOn: binding.ready } : {}),
  }));
}

/** The MySQL of Pipelines takes only those whom its policy names. */
function withDumpLetIn(object: KubernetesObject): KubernetesObject {
  if (objectKey(object) !== "AuthorizationPolicy.security.istio.io/kubeflow/mysql") return object;
  const [rule, ...others] = listAt(object["spec"], "rules");
  const [from] = listAt(rule, "from");
  const principals = [...listAt(at(from, "source"), "principals"), account];
  const rules = [{ ...(rule as object), from: [{ source: { principals } }] }, ...others];
  return { ...object, spec: { ...(object["spec"] as object), rules } };
}
