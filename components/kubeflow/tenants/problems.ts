/** What the settings of tenants ask for and this stack does not have. Pure. */
import { parse } from "yaml";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { listAt, textAt } from "../../../release/order/references.ts";
import type { PlatformContext } from "../customisation.ts";
import { groupsClaimOf } from "../login/rules.ts";
import type { TenantSettings } from "./settings.ts";

type Facts = Pick<PlatformContext, "release" | "secrets" | "settings" | "target">;

/** Namespaces of Kubernetes itself. */
const ofKubernetes = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** One sentence each: key, value, what is allowed, what to do. */
export function tenantProblems(context: Facts, tenants: readonly TenantSettings[]): readonly string[] {
  const reserved = new Set([
    ...ofKubernetes,
    ...context.release.objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name),
    ...context.release.objects.flatMap(({ metadata }) => metadata.namespace ?? []),
  ]);
  const noGroups = tenants.some(({ groups }) => groups.length > 0) ? whyNoGroups(context) : undefined;
  return tenants.flatMap((tenant, index) => {
    const key = `kubeflow:tenants.profiles[${index}]`;
    return [
      ...(reserved.has(tenant.name) || tenant.name.startsWith("kube-")
        ? [
            `${key}.name: ${JSON.stringify(tenant.name)}; allowed: a name that no namespace of the system has. ` +
              "Give the profile another one",
          ]
        : []),
      ...(tenant.groups.length > 0 && noGroups !== undefined
        ? [`${key}.groups: ${JSON.stringify(tenant.groups.map(({ group }) => group))}; ${noGroups}`]
        : []),
      ...kerberosProblems(`${key}.kerberos.keytab`, tenant, Object.keys(context.secrets)),
      ...networkProblems(`${key}.network`, tenant),
    ];
  });
}

function kerberosProblems(key: string, { kerberos }: TenantSettings, known: readonly string[]): readonly string[] {
  if (kerberos === undefined || known.includes(kerberos.keytab)) return [];
  const names = known.length === 0 ? "it has none" : known.join(", ");
  return [
    `${key}: ${JSON.stringify(kerberos.keytab)}; allowed: a name of kubeflow:secrets (${names}). ` +
      "Set the keytab, base64, with: pulumi config set --secret --path 'secrets.NAME' VALUE",
  ];
}

function networkProblems(key: string, { network = {} }: TenantSettings): readonly string[] {
  const { isolated = true, egress = "open", apiServer = [], to = [] } = network;
  const restricted = isolated && egress === "restricted";
  if (restricted && apiServer.length === 0)
    return [
      `${key}.apiServer: not set; allowed: a list of ranges, since pods of pipelines call the API server and egress is ` +
        "restricted. Take the addresses from: kubectl get endpointslices -n default kubernetes",
    ];
  if (!restricted && (apiServer.length > 0 || to.length > 0))
    return [
      `${key}.egress: ${JSON.stringify(isolated ? egress : "open, since not isolated")}; allowed: restricted, where apiServer or to is set: ` +
        "they would bound nothing. Restrict egress, or take them out",
    ];
  return [];
}

/** Why no token names a group, and what to do; undefined when some do. */
function whyNoGroups({ release, settings, target }: Facts): string | undefined {
  const { login } = settings;
  const remedy = "or bind people by `members`";
  if (login === undefined) {
    const dex = release.objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.namespace === "auth");
    return dex !== undefined && hasNoConnector(dex)
      ? `allowed: none, since upstream's Dex knows static users only, and they have no groups. Set kubeflow:login (docs/login.md), ${remedy}`
      : undefined;
  }
  if (login.mode === "iap")
    return `allowed: none, since the tokens of IAP name no groups. Log in by Dex or an issuer instead (docs/login.md), ${remedy}`;
  if (groupsClaimOf(login, target) !== undefined) return undefined;
  if (login.mode === "direct")
    return `allowed: none, since the issuer of kubeflow:login names no groups. Set kubeflow:login.issuer.groupsClaim, ${remedy}`;
  return Object.values(login.connectors).some((list) => list.length > 0)
    ? undefined
    : `allowed: none, since Dex asks nobody who knows groups. Add a connector to kubeflow:login (docs/login.md), ${remedy}`;
}

/** Whether Dex asks nobody who could know groups; a configuration that only the apply knows comes from kubeflow:login. */
function hasNoConnector(dex: KubernetesObject): boolean {
  const text = textAt(dex, "data", "config.yaml");
  return text !== undefined && listAt(parse(text), "connectors").length === 0;
}
