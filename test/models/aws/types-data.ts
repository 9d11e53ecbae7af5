/** What is kept, and who may log in, as calls. */
import { isMap, type PropertyMap } from "../../../engine/values.ts";
import { isList, type AwsCall, type AwsType } from "./translate.ts";

/** One part of a bucket's configuration, which S3 takes under a name of its own. */
const ofBucket = (
  operation: string,
  part: string,
  renames: AwsCall["renames"] = {},
  within: (configuration: PropertyMap) => PropertyMap = (configuration) => configuration,
): AwsType => ({
  calls: [
    {
      operation,
      renames,
      reshape: ({ bucket, ...rest }) => ({ bucket: bucket ?? null, [part]: within(rest) }),
    },
  ],
});

export const dataTypes: Readonly<Record<string, AwsType>> = {
  "aws:s3/bucket:Bucket": {
    calls: [
      {
        operation: "s3.CreateBucket",
        reshape: (inputs, { provider }) => ({
          ...inputs,
          // The first region is the one without a constraint, and refuses its own name as one.
          ...(provider["region"] === "us-east-1"
            ? {}
            : { createBucketConfiguration: { locationConstraint: provider["region"] ?? null } }),
        }),
      },
      {
        operation: "s3.PutBucketTagging",
        takes: ["tags"],
        shares: ["bucket"],
        reshape: ({ bucket, tags }) => ({ bucket: bucket ?? null, tagging: { tagSet: tags ?? null } }),
      },
    ],
    dropped: { forceDestroy: "the provider's own: it empties a bucket before it deletes it" },
  },
  "aws:s3/bucketVersioning:BucketVersioning": { calls: [{ operation: "s3.PutBucketVersioning" }] },
  "aws:s3/bucketPolicy:BucketPolicy": { calls: [{ operation: "s3.PutBucketPolicy" }] },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket(
    "s3.PutPublicAccessBlock",
    "publicAccessBlockConfiguration",
  ),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ofBucket(
    "s3.PutBucketOwnershipControls",
    "ownershipControls",
  ),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ofBucket(
    "s3.PutBucketEncryption",
    "serverSideEncryptionConfiguration",
    { "rules.applyServerSideEncryptionByDefault.kmsMasterKeyId": "KMSMasterKeyID" },
    ({ rules, ...rest }) => ({
      ...rest,
      rules: (isList(rules) ? rules.filter(isMap) : []).map(({ blockedEncryptionTypes, ...rule }) => ({
        ...rule,
        ...(blockedEncryptionTypes === undefined
          ? {}
          : { blockedEncryptionTypes: { encryptionType: blockedEncryptionTypes } }),
      })),
    }),
  ),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ofBucket(
    "s3.PutBucketLifecycleConfiguration",
    "lifecycleConfiguration",
  ),
  "aws:rds/instance:Instance": {
    calls: [
      {
        operation: "rds.CreateDBInstance",
        renames: {
          identifier: "DBInstanceIdentifier",
          instanceClass: "DBInstanceClass",
          username: "masterUsername",
          passwordWo: "masterUserPassword",
          parameterGroupName: "DBParameterGroupName",
          maintenanceWindow: "preferredMaintenanceWindow",
          backupWindow: "preferredBackupWindow",
          enabledCloudwatchLogsExports: "enableCloudwatchLogsExports",
        },
      },
      {
        operation: "rds.DeleteDBInstance",
        takes: ["skipFinalSnapshot", "finalSnapshotIdentifier"],
        shares: ["identifier"],
        renames: { identifier: "DBInstanceIdentifier", finalSnapshotIdentifier: "finalDBSnapshotIdentifier" },
      },
    ],
    dropped: { passwordWoVersion: "the provider's own: it sends the password when the version changes" },
  },
  "aws:rds/parameterGroup:ParameterGroup": {
    calls: [
      {
        operation: "rds.CreateDBParameterGroup",
        renames: { name: "DBParameterGroupName", family: "DBParameterGroupFamily" },
      },
      {
        operation: "rds.ModifyDBParameterGroup",
        takes: ["parameters"],
        shares: ["name"],
        renames: {
          name: "DBParameterGroupName",
          "parameters.name": "parameterName",
          "parameters.value": "parameterValue",
        },
      },
    ],
  },
  "aws:rds/subnetGroup:SubnetGroup": {
    calls: [
      {
        operation: "rds.CreateDBSubnetGroup",
        renames: { name: "DBSubnetGroupName", description: "DBSubnetGroupDescription" },
      },
    ],
  },
  "aws:efs/fileSystem:FileSystem": {
    calls: [
      {
        operation: "efs.CreateFileSystem",
        reshape: (inputs) => ({ ...inputs, creationToken: "made-by-the-provider" }),
      },
      {
        operation: "efs.PutLifecycleConfiguration",
        takes: ["lifecyclePolicies"],
        reshape: (inputs, { outputs }) => ({ ...inputs, fileSystemId: outputs["id"] ?? null }),
      },
    ],
  },
  "aws:efs/mountTarget:MountTarget": { calls: [{ operation: "efs.CreateMountTarget" }] },
  "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": { calls: [{ operation: "ecr.CreatePullThroughCacheRule" }] },
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": {
    calls: [{ operation: "ecr.CreateRepositoryCreationTemplate" }],
  },
  "aws:kms/key:Key": {
    calls: [
      { operation: "kms.CreateKey" },
      {
        operation: "kms.EnableKeyRotation",
        takes: ["enableKeyRotation"],
        reshape: (_, { outputs }) => ({ keyId: outputs["keyId"] ?? null }),
      },
      {
        operation: "kms.ScheduleKeyDeletion",
        takes: ["deletionWindowInDays"],
        renames: { deletionWindowInDays: "pendingWindowInDays" },
        reshape: (inputs, { outputs }) => ({ ...inputs, keyId: outputs["keyId"] ?? null }),
      },
    ],
  },
  "aws:kms/alias:Alias": { calls: [{ operation: "kms.CreateAlias", renames: { name: "aliasName" } }] },
  "aws:cognito/userPool:UserPool": {
    calls: [
      {
        operation: "cognito-idp.CreateUserPool",
        renames: { name: "poolName", tags: "userPoolTags" },
        reshape: ({ passwordPolicy, ...rest }) => ({
          ...rest,
          ...(passwordPolicy === undefined ? {} : { policies: { passwordPolicy } }),
        }),
      },
      {
        operation: "cognito-idp.SetUserPoolMfaConfig",
        takes: ["mfaConfiguration", "softwareTokenMfaConfiguration"],
        reshape: (inputs, { outputs }) => ({ ...inputs, userPoolId: outputs["id"] ?? null }),
      },
    ],
  },
  "aws:cognito/userPoolClient:UserPoolClient": {
    calls: [{ operation: "cognito-idp.CreateUserPoolClient", renames: { name: "clientName" } }],
  },
  "aws:cognito/userPoolDomain:UserPoolDomain": { calls: [{ operation: "cognito-idp.CreateUserPoolDomain" }] },
  "aws:cognito/managedLoginBranding:ManagedLoginBranding": {
    calls: [{ operation: "cognito-idp.CreateManagedLoginBranding" }],
  },
  "aws:cognito/userGroup:UserGroup": {
    calls: [{ operation: "cognito-idp.CreateGroup", renames: { name: "groupName" } }],
  },
};
