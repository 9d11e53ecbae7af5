/** How the platform's concerns (login, edge, tenants, ...) make their Kubeflow of upstream's: by objects, before their order. */
import type * as pulumi from "@pulumi/pulumi";
import { objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { crdKey } from "../../release/order/order.ts";
import type { Phases, RenderedRelease } from "../../release/types.ts";
import type { ClusterTarget } from "../contracts/cluster-target.ts";
import type { CredentialName } from "./credential-places.ts";
import type { PlatformSettings } from "./settings.ts";

/** What a concern may look at. */
export interface PlatformContext {
  /** Logical name of the platform: what its own resources are named after. */
  readonly name: string;
  readonly target: ClusterTarget;
  readonly settings: PlatformSettings;
  /** As the concerns before this one have left it. */
  readonly release: RenderedRelease;
  readonly adminEmail: string;
  /** `kubeflow:secrets` by name; the names are known to a plan. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  /** Parent of resources that are not objects of the cluster: identity bindings, random values. */
  readonly parent: pulumi.Resource;
}

export interface Addition {
  /** Component that it is shown under, one of the release's or one of its own. */
  readonly component: string;
  /**
   * Whole and plain, but for values that only the apply knows: outputs may stand where no other object's name is (data of
   * ConfigMaps and Secrets, values of variables, annotations).
   */
  readonly object: KubernetesObject;
  /** What is not an object of the release: an identity binding. */
  readonly dependsOn?: readonly pulumi.Resource[];
  /** Whether the object stays in the cluster when it leaves the stack. @default - it is deleted */
  readonly retain?: true;
}

/** What one concern makes of a release. Pure, but for resources that it creates under the context's parent. */
export interface Customisation {
  /** Each a sentence with the key, the value, what is allowed and what to do: nothing is registered when there is one. */
  readonly problems?: readonly string[];
  /** What a person should know at preview; logged once. */
  readonly notes?: readonly string[];
  /** The object as it is to be; undefined when it is left out. */
  readonly change?: (object: KubernetesObject, component: string) => KubernetesObject | undefined;
  /** Whether the CRDs of a component stay. @default all stay */
  readonly keepsCrdsOf?: (component: string) => boolean;
  readonly additions?: readonly Addition[];
  /** What must come before what, where the objects themselves do not say it. */
  readonly phases?: readonly Phases[];
  /** Secret. What people log in with, by address, where it was generated. */
  readonly userPasswords?: Readonly<Record<string, pulumi.Output<string>>>;
  /** Values for credentials that would be generated otherwise: an issuer's client secret, a managed database's password. */
  readonly credentials?: Readonly<Partial<Record<CredentialName, pulumi.Input<string>>>>;
}

export type Concern = (context: PlatformContext) => Customisation;

/** A release with everything that the concerns made of it. */
export interface CustomisedRelease {
  readonly release: RenderedRelease;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  /** By `objectKey`. */
  readonly dependsOn: ReadonlyMap<string, readonly pulumi.Resource[]>;
  /** By `objectKey`: what stays in the cluster when it leaves the stack. */
  readonly retained: ReadonlySet<string>;
  readonly credentials: Readonly<Partial<Record<CredentialName, pulumi.Input<string>>>>;
  readonly userPasswords: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Lets the concerns have their say one after the other, each on what those before it have left and added. */
export function customise(context: PlatformContext, concerns: readonly Concern[]): CustomisedRelease {
  const dependsOn = new Map<string, readonly pulumi.Resource[]>();
  const retained = new Set<string>();
  const problems: string[] = [];
  const notes: string[] = [];
  let { release } = context;
  let credentials: CustomisedRelease["credentials"] = {};
  let userPasswords: CustomisedRelease["userPasswords"] = {};
  for (const concern of concerns) {
    const customisation = concern({ ...context, release });
    problems.push(...(customisation.problems ?? []));
    notes.push(...(customisation.notes ?? []));
    credentials = { ...credentials, ...customisation.credentials };
    userPasswords = { ...userPasswords, ...customisation.userPasswords };
    for (const { object, dependsOn: needs = [], retain } of customisation.additions ?? []) {
      dependsOn.set(objectKey(object), needs);
      if (retain === true) retained.add(objectKey(object));
    }
    release = applied(release, customisation);
  }
  return { release, problems, notes, dependsOn, retained, credentials, userPasswords };
}

function applied(
  release: RenderedRelease,
  { change = (object) => object, keepsCrdsOf = () => true, additions = [], phases = [] }: Customisation,
): RenderedRelease {
  const componentOf: Record<string, string> = {};
  const objects: KubernetesObject[] = [];
  const keep = (object: KubernetesObject, component: string): void => {
    componentOf[objectKey(object)] = component;
    objects.push(object);
  };
  for (const object of release.objects) {
    const component = componentNamed(release, objectKey(object));
    const changed = change(object, component);
    if (changed !== undefined) keep(changed, component);
  }
  for (const { object, component } of additions) {
    const key = objectKey(object);
    if (componentOf[key] !== undefined) throw new Error(`${key} is there already: change it instead of adding it`);
    keep(object, component);
  }
  const crds = release.crds.filter((crd) => keepsCrdsOf(componentNamed(release, crdKey(crd.name))));
  for (const crd of crds) componentOf[crdKey(crd.name)] = componentNamed(release, crdKey(crd.name));
  return { ...release, objects, crds, componentOf, phases: [...(release.phases ?? []), ...phases] };
}

function componentNamed({ componentOf }: RenderedRelease, key: string): string {
  return componentOf[key] ?? "other";
}
