import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import * as pulumi from "@pulumi/pulumi";
import type { ObjectStore } from "../contracts/object-store.ts";
import { protectionOf } from "../shared/protection.ts";
import { policyDocument } from "./policy-document.ts";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:ArtifactBucket";

export interface ArtifactBucketArgs {
  readonly region: string;
  readonly keyArn: pulumi.Input<string>;
  readonly noncurrentDays: number;
  readonly protection: EksSettings["protection"];
}

/**
 * The bucket for artifacts: versioned, encrypted with the cluster's key, never public, and only over TLS.
 *
 * ```ts
 * const store = new ArtifactBucket("artifacts", { region, keyArn, noncurrentDays: 30, protection: "standard" });
 * ```
 *
 * Costs what is in it, old versions included. AWS deletes an empty bucket only, unless nothing is protected.
 */
export class ArtifactBucket extends pulumi.ComponentResource implements ObjectStore {
  readonly kind = "s3";
  readonly bucket: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  readonly region: string;
  readonly versionsKeptDays: number;

  constructor(name: string, args: ArtifactBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const protection = protectionOf(args.protection);
    const bucket = new Bucket(name, { forceDestroy: !protection.deletion }, { parent: this, ...protection.data });
    this.bucket = bucket.bucket;
    this.arn = bucket.arn;
    this.url = pulumi.interpolate`s3://${bucket.bucket}`;
    this.region = args.region;
    this.versionsKeptDays = args.noncurrentDays;
    this.createRules(name, args);
    const shut = new BucketPublicAccessBlock(
      name,
      {
        bucket: this.bucket,
        ...{ blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      },
      { parent: this },
    );
    new BucketPolicy(
      name,
      {
        bucket: this.bucket,
        policy: policyDocument([
          {
            Sid: "OnlyOverTls",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [this.arn, pulumi.interpolate`${this.arn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ]),
      },
      // S3 answers one of two changes of a bucket's access at a time with a conflict.
      { parent: this, dependsOn: [shut] },
    );
    this.registerOutputs({});
  }

  private createRules(name: string, { keyArn, noncurrentDays }: ArtifactBucketArgs): void {
    const { bucket } = this;
    const versioning = new BucketVersioning(
      name,
      { bucket, versioningConfiguration: { status: "Enabled" } },
      { parent: this },
    );
    new BucketServerSideEncryptionConfiguration(
      name,
      {
        bucket,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
            bucketKeyEnabled: true,
            blockedEncryptionTypes: ["SSE-C"],
          },
        ],
      },
      { parent: this },
    );
    new BucketOwnershipControls(name, { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }, { parent: this });
    new BucketLifecycleConfiguration(
      name,
      {
        bucket,
        rules: [
          {
            id: "old-versions",
            status: "Enabled",
            filter: {},
            noncurrentVersionExpiration: { noncurrentDays },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
      // Rules for old versions want versions.
      { parent: this, dependsOn: [versioning] },
    );
  }
}
