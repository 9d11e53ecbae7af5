/** How Azure names things, and what it adds to them. */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { isMap, type PropertyMap } from "../../values.ts";
import type { SimulatedResource, SimulatedType } from "../table.ts";

type Ask = SimulatedResource;
type Answer = SimulatedType["answer"];
type Added = (ask: Ask) => PropertyMap;

/** Words, however they are broken into lines. */
export const names = (text: string): readonly string[] => text.trim().split(/\s+/);

/** A text of what is asked for; of the provider's configuration where it is left out; empty where that has none. */
export function textOf({ inputs, config }: Ask, key: string): string {
  const value = inputs[key] ?? config[key];
  return typeof value === "string" ? value : "";
}

/** A GUID that is the same for the same text. */
export function guidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** An address of those that documents use. */
export function addressOf(text: string): string {
  return `203.0.113.${String(createHash("sha256").update(text).digest().readUInt8() % 254)}`;
}

const subscriptionOf = (ask: Ask): string => `/subscriptions/${textOf(ask, "subscriptionId")}`;
const groupOf = (ask: Ask): string => `${subscriptionOf(ask)}/resourceGroups/${textOf(ask, "resourceGroupName")}`;

/** The id ends with the name, in Azure's own form. The token after it says that it is simulated. */
const named = (path: string, ask: Ask, property: string, added: Added): ReturnType<Answer> => {
  const name = textOf(ask, property);
  return { id: `${path}/${name}~${ask.token}`, outputs: { name, ...added(ask) } };
};
const nothing: Added = () => ({});

/** A resource that is in a group only. @param property the input that is its name. */
export const inGroup =
  (kind: string, property: string, added = nothing): Answer =>
  (ask) =>
    named(`${groupOf(ask)}/providers/${kind}`, ask, property, added);

/** A part of another resource. @param parents the inputs that name what it is part of, outermost first. */
export const below =
  (kind: string, parents: readonly string[], property: string, added = nothing): Answer =>
  (ask) => {
    const [namespace = "", ...kinds] = kind.split("/");
    const parts = kinds.map((part, index) => [part, ...parents.slice(index, index + 1).map((key) => textOf(ask, key))]);
    return named(`${groupOf(ask)}/providers/${[namespace, ...parts.flat()].join("/")}`, ask, property, added);
  };

/** What is said about another resource. @param scope the input that is its id. */
export const inScope =
  (kind: string, property: string, scope = "scope"): Answer =>
  (ask) =>
    named(`${textOf(ask, scope)}/providers/${kind}`, ask, property, nothing);

export const groupAnswer: Answer = (ask) =>
  named(`${subscriptionOf(ask)}/resourceGroups`, ask, "resourceGroupName", nothing);

const merged = (ask: Ask, key: string, added: PropertyMap): PropertyMap => {
  const asked = ask.inputs[key];
  return { [key]: { ...(isMap(asked) ? asked : {}), ...added } };
};

export const clusterOutputs: Added = (ask) => {
  const location = textOf(ask, "location");
  const host = `${textOf(ask, "dnsPrefix")}-${ask.token}`;
  return {
    fqdn: `${host}.hcp.${location}.azmk8s.io`,
    privateFQDN: `${host}.privatelink.${location}.azmk8s.io`,
    currentKubernetesVersion: `${textOf(ask, "kubernetesVersion")}.0`,
    resourceUID: ask.token,
    ...merged(ask, "oidcIssuerProfile", {
      issuerURL: `https://${location}.oic.prod-aks.azure.com/${guidOf(ask.token)}/`,
    }),
  };
};

export const registryOutputs: Added = (ask) => ({ loginServer: `${textOf(ask, "registryName")}.azurecr.io` });

export const identityOutputs: Added = (ask) => merged(ask, "identity", { principalId: guidOf(ask.token) });

export const vaultOutputs: Added = (ask) =>
  merged(ask, "properties", { vaultUri: `https://${textOf(ask, "vaultName")}.vault.azure.net/` });

export const keyOutputs: Added = (ask) => {
  const uri = `https://${textOf(ask, "vaultName")}.vault.azure.net/keys/${textOf(ask, "keyName")}`;
  return { keyUri: uri, keyUriWithVersion: `${uri}/${guidOf(ask.token).replaceAll("-", "")}` };
};

/** The kubeconfig that Azure hands out to a user of a cluster, with its certificate authority in it. */
export function userCredentials(inputs: PropertyMap): PropertyMap {
  const name = textOf({ token: "", config: {}, inputs }, "resourceName");
  const cluster = {
    server: `https://${name}.hcp.azmk8s.io:443`,
    "certificate-authority-data": btoa(`certificate authority of ${name}`),
  };
  const value = btoa(stringify({ apiVersion: "v1", kind: "Config", clusters: [{ name, cluster }] }));
  return { kubeconfigs: [{ name: "clusterUser", value }] };
}
