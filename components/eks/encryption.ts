import { Alias } from "@pulumi/aws/kms/alias.js";
import { Key } from "@pulumi/aws/kms/key.js";
import * as pulumi from "@pulumi/pulumi";
import { protectionOf } from "../shared/protection.ts";
import { arnOf, dnsSuffixOf, partitionOf, type Place } from "./aws-names.ts";
import { policyDocument, type Statement } from "./policy-document.ts";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:Encryption";

export interface EncryptionArgs {
  readonly place: Place;
  readonly protection: EksSettings["protection"];
}

/**
 * The one key of a cluster: Kubernetes Secrets, disks, artifacts, database, shared files and logs. It rotates yearly.
 *
 * ```ts
 * const { keyArn } = new Encryption("cluster-key", { place, protection: "standard" }, { parent: this });
 * ```
 *
 * Costs about 1 USD a month. A key that is deleted takes everything with it that it encrypted.
 */
export class Encryption extends pulumi.ComponentResource {
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: EncryptionArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { clusterName } = args.place;
    const protection = protectionOf(args.protection);
    const key = new Key(
      name,
      {
        description: `Everything that the cluster ${clusterName} keeps`,
        enableKeyRotation: true,
        deletionWindowInDays: protection.deletion ? 30 : 7,
        policy: policyDocument(keyStatements(args.place)),
      },
      { parent: this, ...protection.data },
    );
    new Alias(name, { name: `alias/${clusterName}`, targetKeyId: key.keyId }, { parent: this });
    this.keyArn = key.arn;
    this.registerOutputs({});
  }
}

/** Who may use the key; in the policy of a key, the resource `*` is the key itself. */
export function keyStatements(place: Place): readonly Statement[] {
  const { accountId, region } = place;
  const use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
  return [
    {
      Sid: "AccountByItsIamPolicies",
      Effect: "Allow",
      Principal: { AWS: `arn:${partitionOf(region)}:iam::${accountId}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      // As in the key that AWS keeps for disks. Node groups start their machines as a role that a new account does not
      // have yet, and a key's policy may not name a role that is not there.
      Sid: "DisksOfTheAccount",
      Effect: "Allow",
      Principal: "*",
      Action: [...use, "kms:CreateGrant"],
      Resource: "*",
      Condition: {
        StringEquals: { "kms:CallerAccount": accountId, "kms:ViaService": `ec2.${region}.${dnsSuffixOf(region)}` },
      },
    },
    {
      Sid: "LogGroupsOfTheAccount",
      Effect: "Allow",
      Principal: { Service: `logs.${region}.${dnsSuffixOf(region)}` },
      Action: use,
      Resource: "*",
      Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": arnOf(place, "logs", "log-group:*") } },
    },
  ];
}
