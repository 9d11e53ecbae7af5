import assert from "node:assert/strict";
import { EksTarget } from "../../../components/eks/eks-target.ts";
import { type Recording } from "../../support/recording.ts";
import { everything, namesOf, needs, recordTarget } from "./recorded.ts";
import { account, settingsWith } from "./settings.ts";

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
