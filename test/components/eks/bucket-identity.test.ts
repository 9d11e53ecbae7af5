import assert from "node:assert/strict";
import { Provider } from "@pulumi/aws/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { accessStatements, BucketIdentity } from "../../../components/eks/bucket-identity.ts";
import { policyDocument } from "../../../components/eks/policy-document.ts";
import type { BucketAccess } from "../../../components/contracts/workload-identity.ts";
import { record, valueOf } from "../../support/recording.ts";
import { place } from "./settings.ts";

const bucket = "arn:aws:s3:::artifacts";

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: unknown;
}

async function statements(access: readonly BucketAccess[]): Promise<readonly Statement[]> {
  let document = "";
  await record(async () => {
    document = await valueOf(policyDocument(accessStatements(place, pulumi.output(bucket), "key-arn", access)));
  });
  return (JSON.parse(document) as { readonly Statement: readonly Statement[] }).Statement;
}

describe("BucketIdentity", () => {
  it("reads one prefix, and nothing beside it", async () => {
    const given = await statements([{ prefix: "team-a/", permission: "read" }]);
    assert.deepEqual(
      given.flatMap(({ Action }) => Action),
      ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "kms:Decrypt"],
    );
    const [objects, list, , key] = given;
    assert.equal(objects?.Resource, `${bucket}/team-a/*`);
    assert.deepEqual(list?.Condition, { StringLike: { "s3:prefix": ["team-a/", "team-a/*"] } });
    assert.deepEqual(key?.Condition, {
      StringEquals: { "kms:ViaService": "s3.eu-central-1.amazonaws.com" },
      ArnEquals: { "kms:EncryptionContext:aws:s3:arn": bucket },
    });
  });

  it("writes where it may, and keeps each prefix's own permission", async () => {
    const given = await statements([
      { prefix: "shared/", permission: "read" },
      { prefix: "team-a/", permission: "read-write" },
    ]);
    const writing = given.filter(({ Action }) => Action.includes("s3:PutObject"));
    assert.deepEqual(
      writing.map(({ Resource }) => Resource),
      [`${bucket}/team-a/*`],
    );
    assert.ok(given.some(({ Action }) => Action.includes("kms:GenerateDataKey")));
  });

  it("binds a service account by its name, through the cluster's own AWS provider", async () => {
    const recording = await record((options) => {
      const provider = new Provider("cluster-aws", { region: place.region }, options);
      const store = { arn: pulumi.output(bucket) };
      const identity = new BucketIdentity({ place, clusterName: "kubeflow", store, keyArn: "key-arn", provider });
      const serviceAccount = { namespace: "team-a", name: "default-editor" };
      const bound = identity.bind("team-a", serviceAccount, [{ prefix: "team-a/", permission: "read-write" }], options);
      assert.deepEqual([bound.serviceAccountAnnotations, bound.podLabels], [{}, {}]);
      assert.equal(bound.ready.length, 2);
    });
    const { inputs } = recording.one("aws:eks/podIdentityAssociation:PodIdentityAssociation");
    assert.deepEqual([inputs["namespace"], inputs["serviceAccount"]], ["team-a", "default-editor"]);
  });
});
