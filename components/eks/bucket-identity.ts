import * as pulumi from "@pulumi/pulumi";
import type {
  BucketAccess,
  IdentityBinding,
  ServiceAccountRef,
  WorkloadIdentity,
} from "../contracts/workload-identity.ts";
import { dnsSuffixOf, type Place } from "./aws-names.ts";
import type { ArtifactBucket } from "./object-store.ts";
import { PodIdentity } from "./pod-identity.ts";
import type { Statement } from "./policy-document.ts";

export interface BucketIdentityArgs {
  readonly place: Place;
  readonly clusterName: pulumi.Input<string>;
  readonly store: Pick<ArtifactBucket, "arn">;
  readonly keyArn: pulumi.Input<string>;
  /** The AWS provider, as whoever binds does not know of AWS. */
  readonly provider: pulumi.ProviderResource;
}

/** Keyless access to the artifact bucket by EKS Pod Identity. Service accounts need no annotation: EKS knows them by name. */
export class BucketIdentity implements WorkloadIdentity {
  private readonly args: BucketIdentityArgs;

  constructor(args: BucketIdentityArgs) {
    this.args = args;
  }

  bind(
    name: string,
    serviceAccount: ServiceAccountRef,
    access: readonly BucketAccess[],
    opts: pulumi.ComponentResourceOptions,
  ): IdentityBinding {
    const { place, clusterName, store, keyArn, provider } = this.args;
    const identity = new PodIdentity(
      name,
      { place, clusterName, serviceAccount, statements: accessStatements(place, store.arn, keyArn, access) },
      { ...opts, providers: [provider] },
    );
    return { serviceAccountAnnotations: {}, podLabels: {}, ready: identity.ready };
  }
}

/** Each prefix by itself: its objects, the list of them, and the key that they are encrypted with. */
export function accessStatements(
  place: Place,
  bucketArn: pulumi.Input<string>,
  keyArn: pulumi.Input<string>,
  access: readonly BucketAccess[],
): readonly Statement[] {
  const writes = access.some(({ permission }) => permission === "read-write");
  return [
    ...access.flatMap(({ prefix, permission }, index): readonly Statement[] => [
      {
        Sid: `Objects${index}`,
        Effect: "Allow",
        Action:
          permission === "read"
            ? ["s3:GetObject"]
            : [
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
              ],
        Resource: pulumi.interpolate`${bucketArn}/${prefix}*`,
      },
      {
        Sid: `List${index}`,
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: bucketArn,
        ...(prefix === "" ? {} : { Condition: { StringLike: { "s3:prefix": [prefix, `${prefix}*`] } } }),
      },
    ]),
    { Sid: "FindBucket", Effect: "Allow", Action: ["s3:GetBucketLocation"], Resource: bucketArn },
    {
      Sid: "UseKeyForS3",
      Effect: "Allow",
      Action: writes ? ["kms:Decrypt", "kms:GenerateDataKey"] : ["kms:Decrypt"],
      Resource: keyArn,
      Condition: {
        StringEquals: { "kms:ViaService": `s3.${place.region}.${dnsSuffixOf(place.region)}` },
        // With a bucket key, S3 encrypts for the bucket as a whole.
        ArnEquals: { "kms:EncryptionContext:aws:s3:arn": bucketArn },
      },
    },
  ];
}
