import type * as pulumi from "@pulumi/pulumi";

export interface ServiceAccountRef {
  readonly namespace: string;
  readonly name: string;
}

/** One prefix of the bucket. */
export interface BucketAccess {
  /** Ends with `/`; empty for the whole bucket. */
  readonly prefix: string;
  readonly permission: "read" | "read-write";
}

/** What the service account and its pods carry so that the cloud knows them. */
export interface IdentityBinding {
  readonly serviceAccountAnnotations: Readonly<Record<string, pulumi.Output<string>>>;
  readonly podLabels: Readonly<Record<string, string>>;
  /** What pods of the service account wait for. */
  readonly ready: readonly pulumi.Resource[];
}

export interface WorkloadIdentity {
  /**
   * Lets a service account use the object store without a key, and nothing else.
   * @param name logical name of what is created, unique in the stack.
   */
  bind(
    name: string,
    serviceAccount: ServiceAccountRef,
    access: readonly BucketAccess[],
    opts: pulumi.ComponentResourceOptions,
  ): IdentityBinding;
}
