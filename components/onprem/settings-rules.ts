/** What would not work of an on-prem cluster's settings, found before anything is asked of it. Pure. */
import { addressProblems } from "./address-rules.ts";
import { gpuProblems } from "./gpu-rules.ts";
import { said } from "./problem.ts";
import { defaultClassOf, ingressKindOf, profiles } from "./profiles.ts";
import { unmetNeed } from "./release-needs.ts";
import type { OnpremSettings } from "./settings.ts";

/** What a rule may look at, beside the settings. */
export interface StackFacts {
  readonly environment: "dev" | "staging" | "prod";
  readonly release: string;
  /** Names in `kubeflow:secrets`. */
  readonly secretNames: readonly string[];
}

/** Every problem, with its path, value, what is allowed and what to do. */
export function onpremProblems(settings: OnpremSettings, stack: StackFacts): readonly string[] {
  return [
    ...entranceProblems(settings),
    ...addressProblems(settings),
    ...storageProblems(settings),
    ...gpuProblems(settings),
    ...existingProblems(settings, stack),
    ...transportProblems(settings, stack),
    ...secretProblems(settings, stack),
  ];
}

/** The secrets that settings call by name, by the path of the setting. */
export function secretNamesIn({
  objectStore,
  database,
  oidc,
}: Pick<OnpremSettings, "objectStore" | "database" | "oidc">): Readonly<Record<string, string>> {
  return {
    ...(objectStore === undefined
      ? {}
      : {
          "objectStore.accessKeySecret": objectStore.accessKeySecret,
          "objectStore.secretKeySecret": objectStore.secretKeySecret,
        }),
    ...(database === undefined ? {} : { "database.passwordSecret": database.passwordSecret }),
    ...(oidc === undefined ? {} : { "oidc.clientSecret": oidc.clientSecret }),
  };
}

function entranceProblems(settings: OnpremSettings): readonly string[] {
  const { profile, metallb, ingress } = settings;
  const kind = ingressKindOf(settings);
  if (kind === undefined) {
    const remedy = `The profile ${profile} does not know how the gateway is reached. Say which`;
    return [said("ingress.kind", undefined, "metallb, load-balancer, node-port", remedy)];
  }
  return [
    ...(kind === "metallb" && metallb === undefined
      ? [said("metallb", undefined, "a map with pools", "ingress.kind is metallb. Give it addresses")]
      : []),
    ...(kind !== "metallb" && metallb !== undefined
      ? [
          said(
            "ingress.kind",
            kind,
            "metallb",
            `MetalLB is described, and the gateway is not behind it. Set ${kind === ingress.kind ? "it so" : "it"}, or take kubeflow:onprem.metallb out`,
          ),
        ]
      : []),
  ];
}

function storageProblems(settings: OnpremSettings): readonly string[] {
  const { storage, profile } = settings;
  const { localClass } = profiles[profile];
  const defaultClass = defaultClassOf(settings);
  const problems: string[] = [];
  if (defaultClass === undefined) {
    const remedy = `The profile ${profile} brings none. Name one of: kubectl get storageclass`;
    problems.push(said("storage.defaultClass", undefined, "the name of a StorageClass that the cluster has", remedy));
  }
  if (storage.otherDefaults.length > 0 && !storage.makeDefault) {
    const remedy = "Without makeDefault no class is marked anew. Set kubeflow:onprem.storage.makeDefault to true";
    problems.push(said("storage.otherDefaults", storage.otherDefaults, "not set", `${remedy}, or take it out`));
  }
  if (defaultClass !== undefined && storage.otherDefaults.includes(defaultClass)) {
    const remedy = "It cannot be the default and not be it. Take it out of one of them";
    problems.push(said("storage.otherDefaults", storage.otherDefaults, `classes beside ${defaultClass}`, remedy));
  }
  if (localClass?.takesManyWriters === false && storage.sharedClass === localClass.name) {
    const remedy =
      `${localClass.name} of ${profile} makes folders of one node, and its claims for many nodes wait for ever. ` +
      "Install a driver for shared volumes (NFS, CephFS, Longhorn), or leave it out";
    problems.push(said("storage.sharedClass", storage.sharedClass, "a class with ReadWriteMany volumes", remedy));
  }
  return problems;
}

function existingProblems({ existing }: OnpremSettings, { release }: StackFacts): readonly string[] {
  return (["istio", "certManager"] as const).flatMap((part) => {
    const range = unmetNeed(release, part, existing[part]);
    if (range === undefined) return [];
    const remedy = `Kubeflow ${release} is put together with these. Upgrade the cluster's own, or leave it out`;
    return [said(`existing.${part}`, existing[part], range, remedy)];
  });
}

/** Keys and tokens do not cross a team's network in the clear. */
function transportProblems({ objectStore }: OnpremSettings, { environment }: StackFacts): readonly string[] {
  if (objectStore === undefined || environment === "dev") return [];
  if (objectStore.endpoint.startsWith("https:")) return [];
  const remedy = `Everyone's artifacts would cross the network in the clear, and environment is ${environment}`;
  return [said("objectStore.endpoint", objectStore.endpoint, "https://", `${remedy}. Give the server a certificate`)];
}

function secretProblems(settings: OnpremSettings, { secretNames }: StackFacts): readonly string[] {
  const known = secretNames.join(", ") || "none yet";
  return Object.entries(secretNamesIn(settings))
    .filter(([, name]) => !secretNames.includes(name))
    .map(([path, name]) => {
      const remedy = `Set it with: pulumi config set --secret --path 'secrets["${name}"]'`;
      return said(path, name, `a name in kubeflow:secrets, which has: ${known}`, remedy);
    });
}
