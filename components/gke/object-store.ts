import { Bucket } from "@pulumi/gcp/storage/bucket.js";
import * as pulumi from "@pulumi/pulumi";
import type { ObjectStore } from "../contracts/object-store.ts";
import type { Protection } from "../shared/protection.ts";
import type { EncryptionKey } from "./encryption.ts";

const TYPE = "kubeflow:gke:GkeObjectStore";

export interface GkeObjectStoreArgs {
  readonly region: string;
  /** How long old versions of an object are kept. */
  readonly noncurrentDays: number;
  readonly key: EncryptionKey;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: Protection;
}

const daySeconds = 86_400;

/**
 * The bucket for artifacts: never public, access by IAM only, versioned, encrypted with our key.
 *
 * Deleted objects are billed for another seven days, in which they can be brought back.
 */
export class GkeObjectStore extends pulumi.ComponentResource implements ObjectStore {
  readonly kind = "gcs";
  readonly bucket: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  readonly region: string;
  readonly versionsKeptDays: number;

  constructor(name: string, args: GkeObjectStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    this.region = args.region;
    this.versionsKeptDays = args.noncurrentDays;
    const bucket = new Bucket(
      name,
      {
        location: args.region,
        uniformBucketLevelAccess: true,
        publicAccessPrevention: "enforced",
        versioning: { enabled: true },
        encryption: { defaultKmsKeyName: args.key.id },
        softDeletePolicy: { retentionDurationSeconds: 7 * daySeconds },
        lifecycleRules: [
          {
            action: { type: "Delete" },
            condition: { daysSinceNoncurrentTime: args.noncurrentDays, withState: "ARCHIVED" },
          },
          { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7 } },
        ],
        // Without any protection a stack goes with its objects; else a bucket that has some stays, and says so.
        forceDestroy: !args.protection.deletion,
        labels: args.labels,
      },
      // The grant: the bucket is refused while Cloud Storage may not use the key.
      { parent: this, dependsOn: [...args.key.usable], ...args.protection.data },
    );
    this.bucket = bucket.name;
    this.url = bucket.url;
    this.registerOutputs({});
  }
}
