import * as pulumi from "@pulumi/pulumi";
import { scaledObjects } from "../../kubernetes/fields-of-others.ts";
import { objectKey } from "../../kubernetes/objects.ts";
import { computeOrder, crdKey } from "../../release/order/order.ts";
import type { RenderedRelease } from "../../release/types.ts";
import type { ClusterTarget } from "../contracts/cluster-target.ts";
import { adminEmailProblem, upstreamAdminEmail } from "./admin-email.ts";
import { concerns } from "./concerns.ts";
import { Credentials, type Rotation } from "./credentials.ts";
import { CrdProvider, CustomResourceDefinition } from "./custom-resource-definition.ts";
import { customise } from "./customisation.ts";
import { withInertWebhooks } from "./inert-webhooks.ts";
import { RegisteredObject } from "./registered-object.ts";
import type { PlatformSettings } from "./settings.ts";
import { withoutExample, withoutServiceWait } from "./unread-parts.ts";

const TYPE = "kubeflow:kubeflow:KubeflowPlatform";
const COMPONENT_TYPE = "kubeflow:kubeflow:Component";

export interface KubeflowPlatformArgs {
  readonly target: ClusterTarget;
  /** What is installed: rendered and digest-checked before the program registers anything. */
  readonly release: RenderedRelease;
  /** Of the first user, who owns the first profile. @default - `user@example.com`, as upstream has it */
  readonly adminEmail?: string;
  /** Credentials to make anew; see `Credentials`. @default - none */
  readonly rotation?: Rotation;
  /** What differs from upstream's example. @default - nothing */
  readonly settings?: PlatformSettings;
  /** By the names that the settings use. @default - none */
  readonly secrets?: Readonly<Record<string, pulumi.Output<string>>>;
}

/**
 * Kubeflow on a cluster: every object of a release, each a resource of its own under its component, in the order that
 * the objects themselves ask for.
 *
 * ```ts
 * const platform = new KubeflowPlatform("kubeflow", { target, release: await loadRelease(config) });
 * export const installed = platform.installed;
 * ```
 *
 * Upgrade hazard: the types of an object's parents are part of its URN, not their names: an object may move from one
 * component to another, but a new kind of parent needs an alias.
 */
export class KubeflowPlatform extends pulumi.ComponentResource {
  /** Objects registered, CRDs included. */
  readonly installed: number;
  /** Secret. What the first user logs in with; undefined when the release has no Dex. */
  readonly adminPassword: pulumi.Output<string> | undefined;
  /** Secret. What Dex's other users log in with, by address, where it was generated. */
  readonly userPasswords: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: KubeflowPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { target, rotation, adminEmail = upstreamAdminEmail, settings = {}, secrets = {} } = args;
    const {
      release,
      problems,
      notes,
      dependsOn,
      retained,
      credentials: given,
      userPasswords,
    } = customise({ name, target, settings, release: args.release, adminEmail, secrets, parent: this }, concerns);
    const refused = [...refusals(args), ...problems];
    if (refused.length > 0) throw new pulumi.ResourceError(`${name}: ${refused.join("\n")}`, this, true);
    for (const note of notes) void pulumi.log.info(note, this);
    const credentials = new Credentials(
      `${name}-credentials`,
      { release, adminEmail, given, ...(rotation === undefined ? {} : { rotation }) },
      { parent: this },
    );
    this.adminPassword = credentials.adminPassword;
    this.userPasswords = userPasswords;
    const crdProvider = new CrdProvider(
      `${name}-crds`,
      {
        kubeconfig: target.kubeconfig,
        clusterIdentifier: target.clusterIdentifier,
        ...(target.context === undefined ? {} : { context: target.context }),
      },
      { parent: this },
    );
    const components = new ComponentGroups(this);
    const crds = new Map(release.crds.map((crd) => [crdKey(crd.name), crd]));
    const objects = new Map(release.objects.map((object) => [objectKey(object), object]));
    const scaled = scaledObjects(release.objects);
    const registered = new Map<string, pulumi.Resource>();

    for (const [key, needs] of computeOrder(release).dependencies) {
      const before = [...(dependsOn.get(key) ?? []), ...needs.flatMap((need) => registered.get(need) ?? [])];
      const parent = components.get(release.componentOf[key] ?? "other");
      const order = { parent, dependsOn: [...target.ready, ...before] };
      const crd = crds.get(key);
      const object = objects.get(key);
      if (crd !== undefined) {
        registered.set(key, new CustomResourceDefinition(crd, { ...order, provider: crdProvider }));
      } else if (object !== undefined) {
        const own = credentials.into(withoutServiceWait(withoutExample(object)));
        const admitted = target.admission === "inert" ? withInertWebhooks(own) : own;
        const retain = retained.has(key) ? { retainOnDelete: true } : {};
        registered.set(key, new RegisteredObject(admitted, scaled, { ...order, ...retain, provider: target.provider }));
      }
    }
    this.installed = registered.size;
    this.registerOutputs({});
  }
}

/** A component of the release (`pipelines`, `katib`, ...): groups its objects in previews. */
class ComponentGroups {
  private readonly groups = new Map<string, pulumi.ComponentResource>();
  private readonly parent: pulumi.Resource;

  constructor(parent: pulumi.Resource) {
    this.parent = parent;
  }

  get(name: string): pulumi.ComponentResource {
    const group =
      this.groups.get(name) ?? new pulumi.ComponentResource(COMPONENT_TYPE, name, {}, { parent: this.parent });
    this.groups.set(name, group);
    return group;
  }
}

/** Why this release must not go to this target, or not to this first user: he may have no profile once it is customised. */
function refusals({ target, release, adminEmail = upstreamAdminEmail }: KubeflowPlatformArgs): readonly string[] {
  const isSampleOutside = target.admission !== "inert" && release.sample;
  return [
    ...(isSampleOutside
      ? [
          `the sample release is not Kubeflow and is installed in the sandbox only, not on the target ${target.kind}. ` +
            "Set kubeflow:release to a release of release/locks",
        ]
      : []),
    ...[adminEmailProblem(release, adminEmail)].filter((problem) => problem !== undefined),
  ];
}
