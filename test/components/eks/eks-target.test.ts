import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { EksTarget } from "../../../components/eks/eks-target.ts";
import { keyStatements } from "../../../components/eks/encryption.ts";
import type { EksSettings } from "../../../components/eks/settings.ts";
import { awsTable } from "../../../engine/simulation/aws.ts";
import type { PropertyMap } from "../../../engine/values.ts";
import { isSecret, opened, record, valueOf, type Recorded, type Recording } from "../../support/recording.ts";
import { account, place, region, settingsWith } from "./settings.ts";

const reserved = {
  capacity: "reservation" as const,
  reservation: "cr-0123456789abcdef0",
  zones: ["eu-central-1a"],
};

const everything = settingsWith({
  zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
  protection: "strict",
  natGateways: "per-zone",
  cpuPools: [{ name: "cpu", max: 3, spot: true }],
  gpuPools: [
    { name: "l4", gpu: "l4", max: 2, sharing: "time-slicing", clientsPerGpu: 4, localSsd: true },
    { name: "h100", gpu: "h100", gpusPerNode: 8, max: 2, ...reserved, capacity: "capacity-block", localSsd: true },
    { name: "mig", gpu: "h100", gpusPerNode: 8, min: 1, max: 1, ...reserved, sharing: "mig", migProfile: "1g.10gb" },
  ],
  database: { size: "medium", highlyAvailable: true },
  pullThrough: ["docker.io", "quay.io", "nvcr.io"],
  requestQuota: true,
  budget: { monthlyUsd: 1000, emails: ["team@example.com"] },
});

/** What AWS would add, by the table that also simulates it. */
function answer({ type, name, inputs }: { type: string; name: string; inputs: unknown }): PropertyMap {
  const known = awsTable[type];
  if (known === undefined) return {};
  const config = { region, allowedAccountIds: JSON.stringify([account]) };
  const given = {
    ...(known.autoName === undefined ? {} : { [known.autoName.property]: name }),
    ...(inputs as PropertyMap),
  };
  return { ...given, ...known.answer({ token: "sim-0", config, inputs: given }).outputs };
}

async function recordTarget(
  settings: EksSettings,
  use: (target: EksTarget) => unknown = () => undefined,
): Promise<Recording> {
  return record(async (options) => {
    const args = {
      environment: "dev",
      kubernetesVersion: "1.35.0",
      oauthClientSecret: undefined,
      admission: "enforced",
      settings,
    } as const;
    await use(new EksTarget("cluster", args, options));
  }, answer);
}

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function statementsOf(policy: unknown): readonly Statement[] {
  const { Statement: statements } = JSON.parse(String(opened(policy))) as { readonly Statement: readonly Statement[] };
  return statements;
}

const listed = (value: string | readonly string[]): readonly string[] => (typeof value === "string" ? [value] : value);

const namesOf = (dependencies: unknown): readonly string[] =>
  (Array.isArray(dependencies) ? dependencies : []).flatMap((dependency) =>
    pulumi.Resource.isInstance(dependency) && "__name" in dependency ? [String(dependency.__name)] : [],
  );

const needs = ({ options }: Recorded): readonly string[] => namesOf(options.dependsOn);

describe("EksTarget", () => {
  let recording: Recording;
  let target: EksTarget;
  const inputs = (type: string, name?: string) => recording.one(type, name).inputs;

  before(async () => {
    recording = await recordTarget(everything, (made) => (target = made));
  });

  it("throws every problem at once, by its path, before anything is made", async () => {
    const bad = settingsWith({ networkRange: "10.0.0.0/24", gpuPools: [{ name: "a", gpu: "a10", max: 1 }] });
    let made = 0;
    await assert.rejects(
      recordTarget(bad, () => (made += 1)),
      (error: Error) => /eks\.networkRange/.test(error.message) && /eks\.gpuPools\[0\]\.gpu/.test(error.message),
    );
    assert.equal(made, 0);
  });

  it("makes a control plane that is private, logged, encrypted and let into by IAM alone", () => {
    const cluster = inputs("aws:eks/cluster:Cluster");
    assert.equal(cluster["version"], "1.35");
    assert.deepEqual(cluster["accessConfig"], {
      authenticationMode: "API",
      bootstrapClusterCreatorAdminPermissions: false,
    });
    assert.deepEqual(cluster["upgradePolicy"], { supportType: "STANDARD" });
    assert.equal(cluster["bootstrapSelfManagedAddons"], false);
    assert.equal(cluster["deletionProtection"], true);
    assert.deepEqual((cluster["enabledClusterLogTypes"] as string[]).length, 5);
    const vpc = cluster["vpcConfig"] as Record<string, unknown>;
    assert.equal(vpc["endpointPrivateAccess"], true);
    assert.equal(vpc["endpointPublicAccess"], false);
    assert.equal("publicAccessCidrs" in vpc, false);
    const encryption = cluster["encryptionConfig"] as { provider: { keyArn: string } };
    assert.match(encryption.provider.keyArn, /:key\//);
    const log = recording.one("aws:cloudwatch/logGroup:LogGroup", "cluster");
    assert.equal(log.inputs["name"], "/aws/eks/kubeflow/cluster");
    assert.equal(log.inputs["retentionInDays"], 90);
  });

  it("opens the control plane to the authorized networks only", async () => {
    const open = await recordTarget(settingsWith({ authorizedNetworks: ["198.51.100.0/24"] }));
    const vpc = open.one("aws:eks/cluster:Cluster").inputs["vpcConfig"] as Record<string, unknown>;
    assert.deepEqual([vpc["endpointPublicAccess"], vpc["publicAccessCidrs"]], [true, ["198.51.100.0/24"]]);
  });

  it("gives no node a public address, and the default security group no rule", () => {
    for (const subnet of recording.all("aws:ec2/subnet:Subnet"))
      assert.equal(subnet.inputs["mapPublicIpOnLaunch"], false);
    const group = inputs("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
    assert.deepEqual([group["ingress"], group["egress"]], [[], []]);
    assert.equal(recording.all("aws:ec2/natGateway:NatGateway").length, 3);
    for (const rule of recording.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")) {
      assert.notEqual(rule.inputs["cidrIpv4"], "0.0.0.0/0", rule.name);
    }
  });

  it("encrypts every disk and hides the metadata service from pods", () => {
    const templates = recording.all("aws:ec2/launchTemplate:LaunchTemplate");
    assert.equal(templates.length, 3);
    for (const { inputs: template, name } of templates) {
      const [disk] = template["blockDeviceMappings"] as { ebs: Record<string, unknown> }[];
      assert.ok(disk);
      assert.equal(disk.ebs["encrypted"], "true", name);
      assert.match(String(disk.ebs["kmsKeyId"]), /:key\//);
      assert.deepEqual(template["metadataOptions"], {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      });
    }
    for (const nodeClass of recording.all("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass")) {
      const spec = nodeClass.inputs["spec"] as {
        blockDeviceMappings: { ebs: { encrypted: boolean } }[];
        metadataOptions: { httpTokens: string };
      };
      assert.equal(spec.blockDeviceMappings[0]?.ebs.encrypted, true);
      assert.equal(spec.metadataOptions.httpTokens, "required");
    }
  });

  it("lets Karpenter start capped, tainted GPU nodes from a pinned image", () => {
    const spec = inputs("kubernetes:karpenter.sh/v1:NodePool", "cluster-compute-l4")["spec"] as {
      limits: unknown;
      template: {
        metadata: { labels: unknown };
        spec: { taints: unknown; requirements: { key: string; values: string[] }[] };
      };
    };
    assert.deepEqual(spec.limits, { "nvidia.com/gpu": 2 });
    assert.deepEqual(spec.template.spec.taints, [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }]);
    assert.deepEqual(spec.template.metadata.labels, {
      "kubeflow.org/pool": "l4",
      "nvidia.com/device-plugin.config": "time-slicing-4",
    });
    const machines = spec.template.spec.requirements.find(({ key }) => key === "node.kubernetes.io/instance-type");
    assert.deepEqual(machines?.values, ["g6.xlarge"]);
    const nodeClass = inputs("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "cluster-compute-l4-class")[
      "spec"
    ] as Record<string, unknown>;
    assert.deepEqual(nodeClass["amiSelectorTerms"], [{ alias: "al2023@v20260714" }]);
    assert.equal(nodeClass["instanceStorePolicy"], "RAID0");
  });

  it("starts a capacity block as EC2 wants it, with every interface of the fabric", () => {
    const template = inputs("aws:ec2/launchTemplate:LaunchTemplate", "cluster-compute-h100");
    assert.equal(template["instanceType"], "p5.48xlarge");
    assert.deepEqual(template["instanceMarketOptions"], { marketType: "capacity-block" });
    assert.deepEqual(template["capacityReservationSpecification"], {
      capacityReservationTarget: { capacityReservationId: "cr-0123456789abcdef0" },
    });
    const cards = template["networkInterfaces"] as {
      networkCardIndex: number;
      deviceIndex: number;
      interfaceType: string;
    }[];
    assert.equal(cards.length, 32);
    assert.deepEqual(
      cards.map(({ networkCardIndex }) => networkCardIndex),
      cards.map((_, index) => index),
    );
    assert.deepEqual([cards[0]?.deviceIndex, cards[0]?.interfaceType], [0, "efa"]);
    assert.ok(
      cards.slice(1).every(({ deviceIndex, interfaceType }) => deviceIndex === 1 && interfaceType === "efa-only"),
    );
    assert.match(Buffer.from(String(template["userData"]), "base64").toString(), /strategy: RAID0/);
    const group = recording.one("aws:eks/nodeGroup:NodeGroup", "cluster-compute-h100");
    assert.equal(group.inputs["capacityType"], "CAPACITY_BLOCK");
    assert.equal("instanceTypes" in group.inputs, false);
    assert.deepEqual(group.inputs["scalingConfig"], { minSize: 0, maxSize: 2, desiredSize: 0 });
    assert.deepEqual(group.inputs["taints"], [{ key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" }]);
    assert.equal((group.inputs["subnetIds"] as string[]).length, 1);
    assert.deepEqual(group.options.ignoreChanges, ["scalingConfig.desiredSize"]);
  });

  it("tells the platform of its pools at plan time", () => {
    assert.deepEqual(
      target.gpuPools.map(({ name, resourceName, gpusPerNode, driver }) => [name, resourceName, gpusPerNode, driver]),
      [
        ["l4", "nvidia.com/gpu", 1, "preinstalled"],
        ["h100", "nvidia.com/gpu", 8, "preinstalled"],
        ["mig", "nvidia.com/mig-1g.10gb", 8, "preinstalled"],
      ],
    );
    assert.deepEqual(target.storage, { defaultClass: "gp3", sharedClass: "efs" });
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

  it("deletes pools, Karpenter, system nodes, cluster and network in this order", () => {
    const pool = recording.one("kubernetes:karpenter.sh/v1:NodePool", "cluster-compute-l4");
    const nodeClass = recording.one("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "cluster-compute-l4-class");
    const karpenter = recording.one("kubernetes:helm.sh/v3:Release", "cluster-compute-karpenter");
    const crds = recording.one("kubernetes:helm.sh/v3:Release", "cluster-compute-karpenter-crd");
    const system = recording.one("aws:eks/nodeGroup:NodeGroup", "cluster-compute-system");
    const route = "cluster-network-private-eu-central-1a";
    assert.ok(needs(pool).includes("cluster-compute-l4-class"));
    assert.ok(needs(nodeClass).includes("cluster-compute-karpenter"));
    assert.ok(needs(nodeClass).includes("cluster-compute-karpenter-nodes"));
    assert.ok(needs(karpenter).includes("cluster-compute-karpenter-crd"));
    assert.ok(needs(crds).includes("cluster-compute-system"));
    for (const last of [system, nodeClass, recording.one("aws:eks/cluster:Cluster")])
      assert.ok(needs(last).includes(route), last.name);
    for (const addon of ["vpc-cni", "eks-pod-identity-agent", "kube-proxy"])
      assert.ok(needs(system).includes(`cluster-compute-${addon}`), addon);
    const classes = recording.one("kubernetes:storage.k8s.io/v1:StorageClass", "cluster-storage-disks");
    assert.ok(needs(classes).includes("cluster-compute-aws-ebs-csi-driver"));
    const waited = namesOf(target.ready);
    for (const name of [
      "cluster-compute-l4",
      "cluster-compute-h100",
      "cluster-compute-system",
      "cluster-storage-disks",
      "cluster-deployer",
      "cluster-compute-coredns",
    ]) {
      assert.ok(waited.includes(name), name);
    }
  });

  it("touches no other account, and tags everything", () => {
    const provider = inputs("pulumi:providers:aws");
    assert.equal(provider["allowedAccountIds"], JSON.stringify([account]));
    assert.deepEqual(JSON.parse(String(provider["defaultTags"])), {
      tags: { application: "kubeflow", cluster: "kubeflow", environment: "dev", "managed-by": "pulumi" },
    });
  });
});
