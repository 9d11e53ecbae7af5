/**
 * `kf cost` loads no SDK, so it cannot ask the targets what they make. This holds what it reckons with against what they
 * register: machines, disks, gateways, addresses, endpoints, databases.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { estimate } from "../../cli/cost/estimate.ts";
import type { Cloud } from "../../cli/cost/prices.ts";
import { AksTarget } from "../../components/aks/aks-target.ts";
import { EksTarget } from "../../components/eks/eks-target.ts";
import { GkeTarget } from "../../components/gke/gke-target.ts";
import { stackOn } from "./support.ts";

interface Made {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What clouds add to the inputs, as far as the targets look into it. */
const answer = {
  nameServers: ["ns1.example.com"],
  domainValidationOptions: [{ resourceRecordName: "a", resourceRecordType: "CNAME", resourceRecordValue: "b" }],
  identities: [{ oidcs: [{ issuer: "https://issuer.example.com" }] }],
  certificateAuthority: { data: "" },
};

const common = {
  environment: "dev",
  oauthClientSecret: undefined,
  kubernetesVersion: "1.35.0",
  admission: "enforced",
} as const;

async function madeBy(make: () => pulumi.ComponentResource): Promise<readonly Made[]> {
  const made: Made[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const given = inputs as Readonly<Record<string, unknown>>;
        made.push({ type, inputs: given });
        return { id: `${name}-id`, state: { ...given, ...answer } };
      },
      call: () => ({ kubeconfigs: [{ name: "user", value: "" }] }),
    },
    "kubeflow",
    "test",
  );
  make();
  await pulumi.runtime.disconnect();
  return made;
}

/** The value at a path of inputs, as text; a part that is not there makes it empty. */
function at({ inputs }: Made, path: string): string {
  const value = path.split(".").reduce<unknown>((inner, part) => {
    return typeof inner === "object" && inner !== null ? (inner as Readonly<Record<string, unknown>>)[part] : undefined;
  }, inputs);
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** How many of it a stack is billed for, all the time. */
function billed(cloud: Cloud, settings: object): ReadonlyMap<string, number> {
  const { items } = estimate(stackOn(cloud, settings));
  return new Map(items.map(({ key, ceiling }) => [key, ceiling?.quantity ?? 0]));
}

const keysOf = (quantities: ReadonlyMap<string, number>, prefix: string): readonly string[] =>
  [...quantities.keys()].filter((key) => key.startsWith(prefix)).sort();

const of = (made: readonly Made[], type: string): readonly Made[] => made.filter((one) => one.type === type);
const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

const pools = {
  systemPool: { min: 1, max: 2 },
  cpuPools: [{ name: "work", max: 3 }],
};

describe("what is billed is what the target makes", () => {
  for (const size of ["small", "medium", "large"]) {
    it(`on GKE, with a ${size} database`, async () => {
      const settings = { ...pools, database: { size }, gpuPools: [{ name: "t4", gpu: "t4", max: 2 }] };
      const quantities = billed("gke", settings);
      const { gke } = stackOn("gke", settings);
      assert.ok(gke);
      const made = await madeBy(() => new GkeTarget("cluster", { ...common, settings: gke }));

      const nodePools = of(made, "gcp:container/nodePool:NodePool");
      assert.equal(nodePools.length, 3);
      for (const pool of nodePools) {
        assert.ok(quantities.has(at(pool, "nodeConfig.machineType")), at(pool, "nodeConfig.machineType"));
      }
      const disks = nodePools.map((pool) => `disk/${at(pool, "nodeConfig.diskType")}`);
      assert.deepEqual(keysOf(quantities, "disk/"), distinct(disks));
      assert.equal(of(made, "gcp:compute/routerNat:RouterNat").length, 1);
      assert.equal(
        of(made, "gcp:compute/forwardingRule:ForwardingRule").length,
        quantities.get("private-service-connect"),
      );
      const databases = of(made, "gcp:sql/databaseInstance:DatabaseInstance");
      assert.deepEqual(
        keysOf(quantities, "database/"),
        databases.map((one) => `database/${at(one, "settings.tier")}`),
      );
    });

    it(`on EKS, with a ${size} database`, async () => {
      const settings = { ...pools, database: { size }, natGateways: "per-zone" };
      const quantities = billed("eks", settings);
      const { eks } = stackOn("eks", settings);
      assert.ok(eks);
      const made = await madeBy(() => new EksTarget("cluster", { ...common, settings: eks }));

      const [system] = of(made, "aws:eks/nodeGroup:NodeGroup");
      assert.ok(system);
      const [machine = ""] = JSON.parse(at(system, "instanceTypes")) as readonly string[];
      assert.ok(quantities.has(machine), machine);
      for (const disk of of(made, "aws:ec2/launchTemplate:LaunchTemplate")) {
        assert.match(at(disk, "blockDeviceMappings"), /"volumeType":"gp3"/);
      }
      assert.deepEqual(keysOf(quantities, "disk/"), ["disk/gp3"]);
      assert.equal(of(made, "aws:ec2/natGateway:NatGateway").length, quantities.get("nat-gateway"));
      const endpoints = of(made, "aws:ec2/vpcEndpoint:VpcEndpoint").map((one) =>
        at(one, "vpcEndpointType") === "Interface" ? (JSON.parse(at(one, "subnetIds")) as readonly string[]).length : 0,
      );
      assert.equal(
        endpoints.reduce((sum, count) => sum + count, 0),
        quantities.get("interface-endpoint"),
      );
      // The load balancer has one in each zone.
      assert.equal(of(made, "aws:ec2/eip:Eip").length + eks.zones.length, quantities.get("public-address"));
      const databases = of(made, "aws:rds/instance:Instance");
      assert.deepEqual(
        keysOf(quantities, "database/"),
        databases.map((one) => `database/${at(one, "instanceClass")}`),
      );
      const isExtended = databases.some(
        (one) => at(one, "engineLifecycleSupport") === "open-source-rds-extended-support",
      );
      assert.equal(quantities.has("database-extended-support"), isExtended);
    });

    it(`on AKS, with a ${size} database`, async () => {
      const settings = {
        ...pools,
        database: { size },
        registryTier: "Premium",
        gpuPools: [{ name: "t4", gpu: "t4", max: 2 }],
      };
      const quantities = billed("aks", settings);
      const { aks } = stackOn("aks", settings);
      assert.ok(aks);
      const made = await madeBy(() => new AksTarget("cluster", { ...common, settings: aks }));

      const [cluster] = of(made, "azure-native:containerservice:ManagedCluster");
      assert.ok(cluster);
      const profiles = JSON.parse(at(cluster, "agentPoolProfiles")) as readonly { readonly vmSize: string }[];
      const machines = of(made, "azure-native:containerservice:AgentPool").map((one) => at(one, "vmSize"));
      assert.deepEqual(
        keysOf(quantities, "Standard_"),
        distinct([...machines, ...profiles.map(({ vmSize }) => vmSize)]),
      );
      assert.equal(at(cluster, "sku.tier"), "Standard");
      assert.equal(of(made, "azure-native:network:NatGateway").length, quantities.get("nat-gateway"));
      // The load balancer's own is not the program's.
      assert.equal(of(made, "azure-native:network:PublicIPAddress").length + 1, quantities.get("public-address"));
      assert.equal(of(made, "azure-native:network:PrivateEndpoint").length, quantities.get("private-endpoint"));
      const databases = of(made, "azure-native:dbformysql:Server");
      assert.deepEqual(
        keysOf(quantities, "database/"),
        databases.map((one) => `database/${at(one, "sku.name")}`),
      );
      const registries = of(made, "azure-native:containerregistry:Registry");
      assert.deepEqual(
        keysOf(quantities, "registry/"),
        registries.map((one) => `registry/${at(one, "sku.name")}`),
      );
    });
  }
});
