/** Where artifacts, models and metadata are kept. */
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { textAt } from "../../../release/order/references.ts";
import type { IdentityBinding } from "../../contracts/workload-identity.ts";
import type { Addition, Concern, Customisation, PlatformContext } from "../customisation.ts";
import { bucketPrefixOf } from "../tenants/settings.ts";
import { withArtifactStore } from "./artifact-objects.ts";
import { artifactPlan, gatewayName, type ArtifactPlan } from "./artifact-store.ts";
import { databaseCustomisation } from "./databases.ts";
import { gatewayObjects } from "./gateway.ts";
import type { StorageSettings } from "./settings.ts";
import { withAnnotations, withPodMetadata } from "./workload.ts";

const component = "pipelines";

export const storage: Concern = (context) => {
  const { settings, release } = context;
  if (settings.storage === undefined) return {};
  const parts = [artifactCustomisation(context, settings.storage), databaseCustomisation(context, settings.storage)];
  const problems = parts.flatMap((part) => part.problems ?? []);
  if (problems.length > 0) return { problems };
  return {
    notes: parts.flatMap((part) => part.notes ?? []),
    ...replacing(release.objects, parts),
    credentials: Object.assign({}, ...parts.map((part) => part.credentials ?? {})) as NonNullable<
      Customisation["credentials"]
    >,
  };
};

/** The parts' changes one after the other, and what they add. What an addition replaces goes. */
function replacing(
  objects: readonly KubernetesObject[],
  parts: readonly Customisation[],
): Pick<Customisation, "change" | "additions"> {
  const change = (object: KubernetesObject, of: string): KubernetesObject | undefined =>
    parts.reduce<KubernetesObject | undefined>(
      (changed, part) => (changed === undefined || part.change === undefined ? changed : part.change(changed, of)),
      object,
    );
  const there = new Map(objects.map((object) => [objectKey(object), object]));
  const added = parts.flatMap((part) => part.additions ?? []);
  const replaced = new Set(added.map(({ object }) => objectKey(object)).filter((key) => there.has(key)));
  return {
    change: (object, of) => (replaced.has(objectKey(object)) ? undefined : change(object, of)),
    additions: added.map((addition) => {
      const object = change(addition.object, addition.component);
      return { ...addition, object: object ?? addition.object };
    }),
  };
}

function artifactCustomisation(context: PlatformContext, settings: StorageSettings): Customisation {
  const { target, release, secrets } = context;
  const keys = new Set(release.objects.map(objectKey));
  if (!keys.has("Deployment.apps/kubeflow/ml-pipeline")) {
    // Without Pipelines nobody is there to give the tenants keys.
    return settings.artifacts === "in-cluster"
      ? {}
      : {
          notes: [`kubeflow:storage.artifacts: ${settings.artifacts}: Pipelines is not installed, so nothing changes`],
        };
  }
  const plan = artifactPlan(settings, target, secrets);
  if (!isPlan(plan)) return { problems: plan };
  const bindings = bindingsFor(plan, context);
  const change = withArtifactStore(plan, prefixesOf(context));
  return {
    notes: plan.notes,
    change: (object) => {
      const changed = change(object);
      return changed === undefined ? undefined : withIdentity(changed, bindings);
    },
    additions: [
      ...(plan.gateway === undefined ? [] : gatewayAdditions(plan.gateway, bindings)),
      // With what the identity waits for, which only an addition can say.
      ...release.objects.flatMap((object): readonly Addition[] => {
        const binding = bindingOf(object, bindings);
        if (object.kind !== "Deployment" || binding === undefined) return [];
        return [{ component, object, dependsOn: binding.ready }];
      }),
    ],
  };
}

function isPlan(plan: ArtifactPlan | readonly string[]): plan is ArtifactPlan {
  return "apiServer" in plan;
}

function gatewayAdditions(gateway: NonNullable<ArtifactPlan["gateway"]>, bindings: Bindings): readonly Addition[] {
  return gatewayObjects(gateway, bindings.get(gatewayName)).map(({ object, needs }) => ({
    component,
    object,
    dependsOn: needs,
  }));
}

/** By service account of the namespace `kubeflow`. */
type Bindings = ReadonlyMap<string, IdentityBinding>;

/** Of the service accounts that use the bucket without a key; those of tenants are the tenants' concern. */
function bindingsFor(
  { apiServer, tenants, gateway }: ArtifactPlan,
  { name, target, parent }: PlatformContext,
): Bindings {
  const accounts: Record<string, "read" | "read-write"> = {
    ...(apiServer.keys === "chain" ? { "ml-pipeline": "read-write" } : {}),
    ...(tenants.iam === undefined ? { "ml-pipeline-ui": "read" } : {}),
    ...(gateway !== undefined && gateway.keys === undefined ? { [gatewayName]: "read-write" } : {}),
  };
  const bound = Object.entries(accounts).flatMap(([account, permission]): readonly [string, IdentityBinding][] => {
    const serviceAccount = { namespace: "kubeflow", name: account };
    const access = [{ prefix: "", permission }];
    const binding = target.identity?.bind(`${name}-store-${account}`, serviceAccount, access, { parent });
    return binding === undefined ? [] : [[account, binding]];
  });
  return new Map(bound);
}

function withIdentity(object: KubernetesObject, bindings: Bindings): KubernetesObject {
  const binding = bindingOf(object, bindings);
  if (binding === undefined) return object;
  return object.kind === "ServiceAccount"
    ? withAnnotations(object, binding.serviceAccountAnnotations)
    : withPodMetadata(object, { labels: binding.podLabels });
}

/** Of a service account, and of a Deployment that runs as one; the gateway's has its own already. */
function bindingOf(object: KubernetesObject, bindings: Bindings): IdentityBinding | undefined {
  const { namespace, name } = object.metadata;
  if (namespace !== "kubeflow" || name === gatewayName) return undefined;
  if (object.kind === "ServiceAccount") return bindings.get(name);
  if (object.kind !== "Deployment") return undefined;
  return bindings.get(textAt(object, "spec", "template", "spec", "serviceAccountName") ?? "");
}

/** Of tenants of the configuration whose objects are elsewhere than upstream of it; see `bucketPrefixOf`. */
function prefixesOf({ settings }: PlatformContext): Readonly<Record<string, string>> {
  const own = (settings.tenants?.profiles ?? []).filter(({ bucketPrefix }) => bucketPrefix !== undefined);
  return Object.fromEntries(own.map((tenant) => [tenant.name, bucketPrefixOf(tenant)]));
}
