/** What the settings of tenants say to Kubeflow's own parts. Pure. */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { TenantsSettings } from "./settings.ts";

/** On the pods that read one of these settings when they start: they are made anew with another value. */
const annotation = "kubeflow-pulumi.dev/tenants";

type Values = Readonly<Record<string, string>>;

/** The object with what the settings say in it, and with pods that know of it. */
export function withTenantSettings(object: KubernetesObject, settings: TenantsSettings): KubernetesObject {
  const { kind, metadata } = object;
  if (metadata.namespace !== "kubeflow") return object;
  const [profiles, notebooks, dashboard] = [accessValues(settings), cullingValues(settings), dashboardValues(settings)];
  if (kind === "ConfigMap") {
    if (metadata.name.startsWith("profiles-config")) return withData(object, profiles);
    if (metadata.name.startsWith("notebook-controller-config")) return withData(object, notebooks);
    return metadata.name === "centraldashboard-parameters" ? withData(object, prefixed("CD_", dashboard)) : object;
  }
  if (kind !== "Deployment") return object;
  if (metadata.name === "profiles-deployment") return withAnnotation(object, profiles);
  if (metadata.name === "notebook-controller-deployment") return withAnnotation(object, notebooks);
  return metadata.name === "centraldashboard" ? withVariables(object, dashboard) : object;
}

function accessValues({ admins }: TenantsSettings): Values {
  return admins.length === 0 ? {} : { ADMIN: admins.join(",") };
}

/** Both in minutes. Source: the culling controller of https://github.com/kubeflow/notebooks (notebooks-v1). */
function cullingValues({ culling }: TenantsSettings): Values {
  if (culling === undefined) return {};
  return {
    ENABLE_CULLING: "true",
    CULL_IDLE_TIME: String(culling.idleMinutes),
    IDLENESS_CHECK_PERIOD: String(culling.checkMinutes),
  };
}

function dashboardValues({ registrationFlow }: TenantsSettings): Values {
  return registrationFlow ? { REGISTRATION_FLOW: "true" } : {};
}

function prefixed(prefix: string, values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}${key}`, value]));
}

interface ConfigMap extends KubernetesObject {
  readonly data?: Values;
}

function withData(object: ConfigMap, values: Values): KubernetesObject {
  return Object.keys(values).length === 0 ? object : { ...object, data: { ...object.data, ...values } };
}

interface Variable {
  readonly name: string;
}

interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly metadata?: { readonly annotations?: Values };
      readonly spec: { readonly containers: readonly { readonly env?: readonly Variable[] }[] };
    };
  };
}

function isDeployment(object: KubernetesObject): object is Deployment {
  return object.kind === "Deployment";
}

function withAnnotation(object: KubernetesObject, values: Values): KubernetesObject {
  if (!isDeployment(object) || Object.keys(values).length === 0) return object;
  const { template } = object.spec;
  const text = Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
  const metadata = { ...template.metadata, annotations: { ...template.metadata?.annotations, [annotation]: text } };
  return { ...object, spec: { ...object.spec, template: { ...template, metadata } } };
}

/** The dashboard's Deployment has the values themselves where the others name their ConfigMap. */
function withVariables(object: KubernetesObject, values: Values): KubernetesObject {
  if (!isDeployment(object)) return object;
  const { template } = object.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    ...(container.env === undefined
      ? {}
      : {
          env: container.env.map((each) =>
            each.name in values ? { name: each.name, value: values[each.name] } : each,
          ),
        }),
  }));
  return { ...object, spec: { ...object.spec, template: { ...template, spec: { ...template.spec, containers } } } };
}
