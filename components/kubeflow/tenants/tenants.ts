/** Profiles with their people, bounds and rights, from `kubeflow:tenants`. */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { IdentityBinding } from "../../contracts/workload-identity.ts";
import type { Addition, Concern, PlatformContext } from "../customisation.ts";
import { accessFacts, accessOf } from "./access.ts";
import { groupHeadersFilter } from "./group-headers.ts";
import { keptNamespace, limitRangeOf, namespaceLabels, namespaceOf, profileOf } from "./namespace.ts";
import { networkPolicyOf } from "./network-policy.ts";
import { podDefaultsOf } from "./pod-defaults.ts";
import { tenantProblems } from "./problems.ts";
import { withTenantSettings } from "./release-settings.ts";
import { bucketPrefixOf, withDefaults, type TenantSettings } from "./settings.ts";

/** What the objects are shown under. */
const component = "tenants";

export const tenants: Concern = (context) => {
  const settings = context.settings.tenants;
  if (settings === undefined) return { change: withKeptNamespace };
  const all = settings.profiles.map((profile) => withDefaults(profile, settings.defaults));
  const facts = accessFacts(context.release);
  const problems = tenantProblems(context, all);
  if (problems.length > 0) return { problems };

  const labels = namespaceLabels(context.release);
  const gpuResources = [...new Set(["nvidia.com/gpu", ...context.target.gpuPools.map((pool) => pool.resourceName)])];
  const hasPipelines = Object.values(context.release.componentOf).includes("pipelines");
  const profiles = new Map(all.map((tenant) => [tenant.name, profileOf(tenant, gpuResources)]));
  const upstream = new Set(context.release.objects.filter(isProfile).map(({ metadata }) => metadata.name));

  const additions = all.flatMap((tenant): readonly Addition[] => {
    const identity = identityOf(context, tenant);
    const network = networkPolicyOf(tenant, identity !== undefined);
    const limits = limitRangeOf(tenant);
    const profile = profiles.get(tenant.name);
    // What holds data stays when the tenant leaves the list, and so does the wall around it.
    const retain = tenant.deleteData ? {} : { retain: true as const };
    return [
      { component, object: namespaceOf(tenant, labels), ...retain },
      ...(network === undefined ? [] : [{ component, object: network, ...retain }]),
      ...(limits === undefined ? [] : [{ component, object: limits }]),
      ...accessOf(tenant, facts).map((object) => ({ component, object })),
      ...podDefaultsOf(tenant, {
        hasPipelines,
        gpuPools: context.target.gpuPools,
        identityLabels: identity?.podLabels ?? {},
        secrets: context.secrets,
      }).map((object) => ({ component, object })),
      ...(identity === undefined ? [] : serviceAccountOf(tenant, identity)),
      ...(profile === undefined || upstream.has(tenant.name) ? [] : [{ component, object: profile }]),
    ];
  });
  const groups = all.flatMap((tenant) => tenant.groups.map(({ group }) => group));
  const headers = groups.length === 0 ? [] : [{ component, object: groupHeadersFilter(groups, facts.groupsClaim) }];
  return {
    change: (object) => {
      if (!isProfile(object) || all.length === 0) return withKeptNamespace(withTenantSettings(object, settings));
      // In the place of upstream's own, if a tenant has its name: left out otherwise.
      return profiles.get(object.metadata.name);
    },
    additions: [...additions, ...headers],
  };
};

function isProfile({ kind, apiVersion }: KubernetesObject): boolean {
  return kind === "Profile" && apiVersion.startsWith("kubeflow.org/");
}

/** Upstream's example profile: with the first tenants of the configuration it goes, and what is in its namespace stays. */
function withKeptNamespace(object: KubernetesObject): KubernetesObject {
  if (!isProfile(object)) return object;
  const annotations = { ...object.metadata.annotations, ...keptNamespace };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Lets the pods of the tenant use its own prefix of the bucket, without a key; undefined where the target has no such thing. */
function identityOf(context: PlatformContext, tenant: TenantSettings): IdentityBinding | undefined {
  const { name, target, parent } = context;
  if (target.objectStore === undefined) return undefined;
  return target.identity?.bind(
    `${name}-tenant-${tenant.name}`,
    { namespace: tenant.name, name: "default-editor" },
    [{ prefix: bucketPrefixOf(tenant), permission: "read-write" }],
    { parent },
  );
}

/**
 * What notebooks and steps run as. profile-controller makes it where there is none and leaves one alone that is there:
 * here it is for the annotations that its cloud identity wants, where the cloud wants any.
 */
function serviceAccountOf({ name }: TenantSettings, identity: IdentityBinding): readonly Addition[] {
  const { serviceAccountAnnotations: annotations, ready } = identity;
  if (Object.keys(annotations).length === 0) return [];
  // Annotations are plain text to everybody but the apply.
  const rest: Readonly<Record<string, unknown>> = { annotations };
  const metadata = { name: "default-editor", namespace: name, ...rest };
  return [{ component, object: { apiVersion: "v1", kind: "ServiceAccount", metadata }, dependsOn: ready }];
}
