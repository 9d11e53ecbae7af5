/** Nothing that a bucket holds is for everybody. */
import type { Rule } from "../rule.ts";
import { jsonAt, refuses, textAt, wants } from "../values.ts";
import { bucketsWithout } from "./encryption.ts";
import { allowsEverybody, statementsOf } from "./iam-documents.ts";

const publicAccessBlock = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";

export const noPublicBucket: Rule = {
  name: "no-public-bucket",
  title: "No bucket can be read without credentials, not even by a mistake made later",
  remedy: "Turn public access off for the bucket as a whole",
  concern: "security",
  resources: {
    "gcp:storage/bucket:Bucket": ({ props }) => [
      ...wants(props, "publicAccessPrevention", "enforced"),
      ...wants(props, "uniformBucketLevelAccess", true),
    ],
    [publicAccessBlock]: ({ props }) =>
      ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].flatMap((property) =>
        wants(props, property, true),
      ),
    "aws:s3/bucketAcl:BucketAcl": ({ props }) =>
      textAt(props, "acl")?.startsWith("public-") === true ? [`acl is ${String(textAt(props, "acl"))}`] : [],
    "aws:s3/bucketPolicy:BucketPolicy": ({ props }) => {
      const document = jsonAt(props, "policy");
      return document === undefined ? [] : statementsOf(document).flatMap(allowsEverybody);
    },
    "azure-native:storage:StorageAccount": ({ props }) => wants(props, "allowBlobPublicAccess", false),
    "azure-native:storage:BlobContainer": ({ props }) =>
      ["Blob", "Container"].flatMap((kind) => refuses(props, "publicAccess", kind)),
  },
  stack: (resources) => bucketsWithout(resources, publicAccessBlock, "public access block"),
};
