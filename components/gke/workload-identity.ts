import { BucketIAMMember } from "@pulumi/gcp/storage/bucketIAMMember.js";
import * as pulumi from "@pulumi/pulumi";
import type {
  BucketAccess,
  IdentityBinding,
  ServiceAccountRef,
  WorkloadIdentity,
} from "../contracts/workload-identity.ts";

const TYPE = "kubeflow:gke:GkeIdentityBinding";

export interface GkeWorkloadIdentityArgs {
  readonly project: string;
  readonly projectNumber: string;
  readonly bucket: pulumi.Input<string>;
  /** What the bindings are made with, wherever their parent is. */
  readonly provider: pulumi.ProviderResource;
  /** The cluster: the project's identity pool is not there before its first one. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The IAM name of a Kubernetes service account, in every cluster of the project: no account of Google's, no key. */
export function principalOf(
  { project, projectNumber }: Pick<GkeWorkloadIdentityArgs, "project" | "projectNumber">,
  { namespace, name }: ServiceAccountRef,
): string {
  const pool = `projects/${projectNumber}/locations/global/workloadIdentityPools/${project}.svc.id.goog`;
  return `principal://iam.googleapis.com/${pool}/subject/ns/${namespace}/sa/${name}`;
}

/** Lets service accounts of the cluster use prefixes of the bucket, by roles with a condition. */
export class GkeWorkloadIdentity implements WorkloadIdentity {
  private readonly args: GkeWorkloadIdentityArgs;

  constructor(args: GkeWorkloadIdentityArgs) {
    this.args = args;
  }

  bind(
    name: string,
    serviceAccount: ServiceAccountRef,
    access: readonly BucketAccess[],
    opts: pulumi.ComponentResourceOptions,
  ): IdentityBinding {
    const own = { provider: this.args.provider };
    const binding = new GkeIdentityBinding(
      name,
      { ...this.args, serviceAccount, access },
      pulumi.mergeOptions(opts, own),
    );
    // GKE knows a pod by its service account alone.
    return { serviceAccountAnnotations: {}, podLabels: {}, ready: binding.members };
  }
}

interface GkeIdentityBindingArgs extends GkeWorkloadIdentityArgs {
  readonly serviceAccount: ServiceAccountRef;
  readonly access: readonly BucketAccess[];
}

const roles = { read: "roles/storage.objectViewer", "read-write": "roles/storage.objectUser" } as const;

/** The roles of one service account on the bucket. */
class GkeIdentityBinding extends pulumi.ComponentResource {
  readonly members: readonly BucketIAMMember[];

  constructor(name: string, args: GkeIdentityBindingArgs, opts: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const wrong = args.access.filter(({ prefix }) => !/^([\w.=-]+\/)*$/.test(prefix)).map(({ prefix }) => prefix);
    if (wrong.length > 0) {
      const shown = wrong.map((prefix) => JSON.stringify(prefix)).join(", ");
      const message = `${name}: prefix ${shown}; allowed: folders that each end with /, such as pipelines/team-a/. Correct it`;
      throw new pulumi.ResourceError(message, this, true);
    }
    const member = principalOf(args, args.serviceAccount);
    this.members = args.access.map(({ prefix, permission }) => {
      const place = prefix === "" ? "" : `-${prefix.slice(0, -1).replaceAll("/", "-")}`;
      const condition = prefix === "" ? {} : { condition: within(args.bucket, prefix) };
      return new BucketIAMMember(
        `${name}${place}-${permission}`,
        { bucket: args.bucket, role: roles[permission], member, ...condition },
        { parent: this, dependsOn: [...args.dependsOn] },
      );
    });
    this.registerOutputs({});
  }
}

/** Objects below the prefix, and listing of them: a listing is a request of the bucket, with the prefix as its attribute. */
function within(bucket: pulumi.Input<string>, prefix: string): { title: string; expression: pulumi.Output<string> } {
  const objects = pulumi.interpolate`resource.name.startsWith("projects/_/buckets/${bucket}/objects/${prefix}")`;
  const listing = `api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("${prefix}")`;
  return { title: "prefix", expression: pulumi.interpolate`${objects} || ${listing}` };
}
