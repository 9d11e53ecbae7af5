import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { podTemplateOf, referencesOf } from "../../release/order/references.ts";
import type { RenderedRelease } from "../../release/types.ts";
import { findKnownCredentials } from "../shared/known-credentials.ts";
import { upstreamAdminEmail, withAdminEmail } from "./admin-email.ts";
import {
  credentialLengths,
  credentialNames,
  holderOf,
  missingPlaces,
  placesIn,
  withDatabasePassword,
  type CredentialName,
  type CredentialPlace,
} from "./credential-places.ts";

const TYPE = "kubeflow:kubeflow:Credentials";
const restartable = ["Deployment", "StatefulSet", "DaemonSet"];
/** On the pods that read a credential which was made anew: what they read when they started is no longer right. */
const rotationAnnotation = "kubeflow-pulumi.dev/credential-rotation";

/** By name, any text; another one makes that credential anew. */
export type Rotation = Readonly<Partial<Record<CredentialName, string | undefined>>>;

export interface CredentialsArgs {
  readonly release: RenderedRelease;
  /** @default - nothing was rotated */
  readonly rotation?: Rotation;
  /** Of the first user, who owns the first profile. @default - `user@example.com`, as upstream has it */
  readonly adminEmail?: string;
  /** Credentials that somebody else has made: nothing is generated for them. @default - none */
  readonly given?: Readonly<Partial<Record<CredentialName, pulumi.Input<string>>>>;
}

/**
 * The passwords and keys of one Kubeflow: made at random instead of those that upstream's release ships, and put where
 * they are read. Each is made once and kept, encrypted, in the stack's state.
 *
 * ```ts
 * const credentials = new Credentials("kubeflow-credentials", { release });
 * for (const object of release.objects) register(credentials.into(object));
 * ```
 *
 * Upgrade hazard: a renamed credential is a new one, and a database keeps the password that it was made with
 * (docs/credentials.md).
 */
export class Credentials extends pulumi.ComponentResource {
  /** What the first user logs in with at Dex; undefined when the release has no Dex. */
  readonly adminPassword: pulumi.Output<string> | undefined;
  private readonly generated: ReadonlyMap<CredentialName, RandomPassword>;
  private readonly given: Readonly<Partial<Record<CredentialName, pulumi.Input<string>>>>;
  private readonly rotated: ReadonlyMap<string, string>;
  private readonly adminEmail: string;

  constructor(name: string, args: CredentialsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { release, rotation = {}, adminEmail = upstreamAdminEmail, given = {} } = args;
    const problem = refusal(release);
    if (problem !== undefined) throw new pulumi.ResourceError(`${name}: ${problem}`, this, true);
    this.adminEmail = adminEmail;
    this.given = given;
    const needed = new Set(release.objects.flatMap(placesIn).map(({ credential }) => credential));
    this.generated = new Map(
      credentialNames
        .filter((credential) => needed.has(credential) && given[credential] === undefined)
        .map((credential) => [credential, generate(credential, rotation[credential], this)]),
    );
    this.rotated = rotationsOf(release, rotation);
    this.adminPassword = this.generated.get("admin-password")?.result;
    this.registerOutputs({});
  }

  /** The object with the credentials of this stack in the place of upstream's. */
  into(object: KubernetesObject): KubernetesObject {
    const plain = withRotation(withDatabasePassword(withAdminEmail(object, this.adminEmail)), this.rotated);
    return placesIn(plain).reduce((secret, each) => withField(secret, each, this.valueFor(each)), plain);
  }

  private valueFor({ credential, as }: CredentialPlace): pulumi.Output<string> {
    const given = this.given[credential];
    if (given !== undefined) return pulumi.secret(given);
    const password = this.generated.get(credential);
    if (password === undefined) throw new Error(`${credential} was not generated`);
    return as === "bcrypt-hash" ? password.bcryptHash : password.result;
  }
}

/** As a RandomPassword: the id of a RandomBytes or RandomId is its value, and ids are not encrypted in state. */
function generate(credential: CredentialName, rotation: string | undefined, parent: pulumi.Resource): RandomPassword {
  return new RandomPassword(
    credential,
    {
      length: credentialLengths[credential],
      special: false,
      ...(rotation === undefined ? {} : { keepers: { rotation } }),
    },
    { parent },
  );
}

/** Why the release cannot be given credentials of its own; undefined when it can. */
function refusal(release: RenderedRelease): string | undefined {
  const places = [...missingPlaces(release), ...uncovered(release)].map((problem) => `\n  ${problem}`);
  if (places.length === 0) return undefined;
  return (
    `release ${release.name} has credentials that this version does not know how to replace. ` +
    "Take the object out of the release, or add the place to components/kubeflow/credential-places.ts:" +
    places.join("")
  );
}

/** Known credentials that no place of ours replaces. */
function uncovered(release: RenderedRelease): readonly string[] {
  return release.objects.flatMap((object) => {
    const ours = placesIn(object).map(({ field }) => `${holderOf(object, field) ?? ""}.${field}`);
    return findKnownCredentials(withDatabasePassword(object))
      .filter(({ path }) => !ours.includes(path))
      .map(({ path, what }) => `${objectKey(object)}: ${path}: ${what}`);
  });
}

function withField(
  secret: KubernetesObject,
  { field }: CredentialPlace,
  value: pulumi.Output<string>,
): KubernetesObject {
  const holder = holderOf(secret, field);
  if (holder === undefined) return secret;
  const text = holder === "data" ? value.apply((plain) => Buffer.from(plain).toString("base64")) : value;
  return { ...secret, [holder]: { ...(secret[holder] as object), [field]: pulumi.secret(text) } };
}

/** The Secrets that hold a rotated credential, by key, each with the texts of its rotations. */
function rotationsOf(release: RenderedRelease, rotation: Rotation): ReadonlyMap<string, string> {
  const rotated = release.objects.flatMap((object) => {
    const texts = placesIn(object).flatMap(({ credential }) => rotation[credential] ?? []);
    return texts.length === 0 ? [] : [[objectKey(object), texts.join(" ")] as const];
  });
  return new Map(rotated);
}

/** A workload that reads a rotated Secret with an annotation on its pods, so that they start again. */
function withRotation(object: KubernetesObject, rotated: ReadonlyMap<string, string>): KubernetesObject {
  const template = podTemplateOf(object);
  const { spec } = object;
  // Only these start new pods for a changed template.
  if (template === undefined || typeof spec !== "object" || !restartable.includes(object.kind)) return object;
  const texts = referencesOf(object).flatMap(
    ({ kind, namespace, name }) =>
      (kind === "Secret" ? rotated.get(`Secret/${namespace ?? ""}/${name}`) : undefined) ?? [],
  );
  if (texts.length === 0) return object;
  const metadata = (template["metadata"] ?? {}) as { readonly annotations?: object };
  const annotations = { ...metadata.annotations, [rotationAnnotation]: [...new Set(texts)].join(" ") };
  return { ...object, spec: { ...spec, template: { ...template, metadata: { ...metadata, annotations } } } };
}
