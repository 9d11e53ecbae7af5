import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { EksTarget } from "../../../components/eks/eks-target.ts";
import { keyStatements } from "../../../components/eks/encryption.ts";
import { isSecret, opened, valueOf, type Recording } from "../../support/recording.ts";
import { everything, listed, recordTarget, statementsOf } from "./recorded.ts";
import { account, place, region } from "./settings.ts";

describe("rights and services of an EksTarget", () => {
  let recording: Recording;
  let target: EksTarget;
  const inputs = (type: string, name?: string) => recording.one(type, name).inputs;

  before(async () => {
    recording = await recordTarget(everything, (made) => (target = made));
  });

  it("grants no wildcard action, and `*` as a resource only where AWS has no name for what is asked", () => {
    // Each with the reason beside it in the code: lists and prices without an ARN, and keys' own policies.
    const unavoidable = new Set(["ReadTheRegion", "ReadPrices", "ListProfiles", "FindTheZone"]);
    const policies = recording.all("aws:iam/rolePolicy:RolePolicy");
    assert.ok(policies.length >= 6);
    for (const { name, inputs: policy } of policies) {
      // A role's own policies may not be longer.
      assert.ok(String(opened(policy["policy"])).length < 10_240, name);
      for (const statement of statementsOf(policy["policy"])) {
        for (const action of listed(statement.Action)) assert.doesNotMatch(action, /\*/, `${name} ${statement.Sid}`);
        const isAll = listed(statement.Resource).includes("*");
        assert.ok(!isAll || unavoidable.has(statement.Sid), `${name} ${statement.Sid}`);
        if (isAll)
          assert.ok(
            listed(statement.Action).every((action) => /:(Describe|List|Get)/.test(action)),
            statement.Sid,
          );
      }
    }
  });

  it("lets EKS alone take on a pod's role, for the one service account of this cluster", () => {
    const [statement] = statementsOf(inputs("aws:iam/role:Role", "cluster-compute-karpenter")["assumeRolePolicy"]);
    assert.deepEqual(statement?.Principal, { Service: "pods.eks.amazonaws.com" });
    assert.deepEqual(statement.Condition?.["StringEquals"], {
      "aws:SourceAccount": account,
      "aws:RequestTag/eks-cluster-arn": `arn:aws:eks:${region}:${account}:cluster/kubeflow`,
      "aws:RequestTag/kubernetes-namespace": "kube-system",
      "aws:RequestTag/kubernetes-service-account": "karpenter",
    });
  });

  it("opens the key to everybody's disks of this account only", () => {
    for (const { Sid, Principal, Condition } of keyStatements(place)) {
      if (Principal !== "*") continue;
      assert.equal(Condition?.["StringEquals"]?.["kms:CallerAccount"], account, Sid);
      assert.equal(Condition["StringEquals"]["kms:ViaService"], `ec2.${region}.amazonaws.com`);
    }
  });

  it("keeps artifacts private, versioned, encrypted and protected", () => {
    const bucket = recording.one("aws:s3/bucket:Bucket");
    assert.deepEqual(
      [bucket.options.protect, bucket.options.retainOnDelete, bucket.inputs["forceDestroy"]],
      [true, true, false],
    );
    const { blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets } = inputs(
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    );
    assert.deepEqual(
      [blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets],
      [true, true, true, true],
    );
    assert.deepEqual(inputs("aws:s3/bucketVersioning:BucketVersioning")["versioningConfiguration"], {
      status: "Enabled",
    });
    const [policy] = statementsOf(inputs("aws:s3/bucketPolicy:BucketPolicy")["policy"]);
    assert.deepEqual([policy?.Effect, policy?.Condition], ["Deny", { Bool: { "aws:SecureTransport": "false" } }]);
  });

  it("keeps the database private, encrypted and protected, and its password out of plain state", async () => {
    const { inputs: database, options } = recording.one("aws:rds/instance:Instance");
    assert.deepEqual(
      ["publiclyAccessible", "storageEncrypted", "multiAz", "deletionProtection", "skipFinalSnapshot"].map(
        (key) => database[key],
      ),
      [false, true, true, true, false],
    );
    assert.equal("password" in database, false);
    assert.equal(isSecret(database["passwordWo"]), true);
    assert.equal(options.protect, true);
    const rule = inputs("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cluster-mysql");
    assert.deepEqual([rule["referencedSecurityGroupId"], rule["fromPort"]], ["sg-eks-sim-0", 3306]);
    const { parameters } = inputs("aws:rds/parameterGroup:ParameterGroup") as {
      parameters?: { name: string; value: string }[];
    };
    assert.equal(parameters?.[0]?.value, "mysql_native_password");
    assert.equal(await pulumi.isSecret(target.database.password), true);
    assert.equal(await pulumi.isSecret(target.kubeconfig), true);
    assert.equal(await pulumi.isSecret(target.oidc.clientSecret), true);
  });

  it("makes an issuer that only invited users with a second factor log in with", async () => {
    const pool = inputs("aws:cognito/userPool:UserPool");
    assert.deepEqual([pool["mfaConfiguration"], pool["deletionProtection"]], ["ON", "ACTIVE"]);
    assert.deepEqual(pool["adminCreateUserConfig"], { allowAdminCreateUserOnly: true });
    assert.deepEqual(inputs("aws:cognito/userPoolClient:UserPoolClient")["allowedOauthFlows"], ["code"]);
    assert.match(
      await valueOf(target.oidc.issuerUrl),
      /^https:\/\/cognito-idp\.eu-central-1\.amazonaws\.com\/eu-central-1_sim-0$/,
    );
  });

  it("says who issues the tokens of its service accounts", async () => {
    assert.equal(await valueOf(target.tokenIssuer), "https://oidc.eks.eu-central-1.amazonaws.com/id/SIM-0");
  });

  it("mirrors what ECR can without an account, and says what is left to do by hand", async () => {
    assert.deepEqual(Object.keys(target.registry.pullThrough), ["quay.io"]);
    const steps = await valueOf(pulumi.all(target.access.nextSteps.map((step) => pulumi.output(step))));
    for (const part of [
      "Delegate kubeflow-dev.example.com",
      "admin-create-user",
      "docker.io is not mirrored",
      "nvcr.io is not mirrored",
      "pool h100",
      "spot.amazonaws.com",
    ]) {
      assert.ok(
        steps.some((step) => step.includes(part)),
        `${part}\n${steps.join("\n")}`,
      );
    }
  });

  it("asks for the vCPUs of all pools at their largest, blocks not counted", () => {
    const asked = recording
      .all("aws:servicequotas/serviceQuota:ServiceQuota")
      .map(({ name, inputs: { value } }) => [name, value]);
    assert.deepEqual(Object.fromEntries(asked), {
      "cluster-quotas-standard-on-demand": 6 * 8,
      "cluster-quotas-standard-spot": 3 * 8,
      "cluster-quotas-g-on-demand": 2 * 4,
      "cluster-quotas-p-on-demand": 192,
    });
  });
});
