import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { gpuModels } from "../../components/eks/gpu-machines.ts";
import { cpuMachinesOf, systemMachine } from "../../components/eks/pools.ts";
import { awsTable } from "../../engine/simulation/aws.ts";
import { notRun } from "../support/not-run.ts";
import { furtherStacks } from "./aws/further-stacks.ts";
import { requestProblems, shapeOf, type Service } from "./aws/shapes.ts";
import { requestsOf } from "./aws/translate.ts";
import { computeTypes } from "./aws/types-compute.ts";
import { dataTypes } from "./aws/types-data.ts";
import { networkTypes } from "./aws/types-network.ts";
import { describeRequests } from "./requests.ts";
import { openWheel, whyNoWheels, type Wheel } from "./wheels.ts";

const types = { ...networkTypes, ...computeTypes, ...dataTypes };

let opened: Promise<Wheel> | undefined;
const botocore = (): Promise<Wheel> => (opened ??= openWheel("botocore"));

const services = new Map<string, Promise<Service>>();

/** A pool whose stack names no machine. */
const unnamed = { name: "cpu", min: 0, max: 1, spot: false, diskGiB: 100, labels: {} };

/** The newest model of a service: `eks`. */
function serviceOf(name: string): Promise<Service> {
  const known = services.get(name) ?? loadService(name);
  services.set(name, known);
  return known;
}

async function loadService(name: string): Promise<Service> {
  const wheel = await botocore();
  const path = new RegExp(`^botocore/data/${name}/[0-9-]+/service-2\\.json\\.gz$`);
  const newest = (await wheel.list())
    .filter((member) => path.test(member))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`botocore has no service ${name}`);
  return JSON.parse(gunzipSync(await wheel.read(newest)).toString("utf8")) as Service;
}

const guid = (digest: string): string => digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

await describeRequests("requests to AWS, by its own models", {
  target: "eks",
  cloud: {
    packages: ["aws"],
    table: awsTable,
    token: (type, digest) => (type === "aws:kms/key:Key" ? guid(digest) : digest.slice(0, 17)),
  },
  beside: furtherStacks,
  notCovered: {},
  mapped: Object.keys(types),
  whyPending: whyNoWheels,
  source: async () => (await botocore()).title,
  translate: async (resource) => {
    const type = types[resource.type];
    if (type === undefined) return undefined;
    const names = [...new Set(type.calls.map(({ operation }) => operation.split(".", 1)[0] ?? ""))];
    const models = new Map(await Promise.all(names.map(async (name) => [name, await serviceOf(name)] as const)));
    const model = (name: string): Service => models.get(name) ?? { shapes: {}, operations: {} };
    const calls = requestsOf(type, resource, model).map(({ call, request }) => {
      const { operation, deprecated = {} } = call;
      const [service = "", name = ""] = operation.split(".");
      return { operation, problems: requestProblems(model(service), name, request, Object.keys(deprecated)) };
    });
    return { calls, lost: [] };
  },
});

describe("machines that Karpenter is asked for by name", () => {
  it("are machines of EC2, by its own model", async function () {
    const reason = await whyNoWheels();
    if (reason !== undefined) notRun(this, `nothing is checked: ${reason}`);
    const { enum: known = [] } = shapeOf(await serviceOf("ec2"), "InstanceType");
    const gpus = Object.values(gpuModels).flatMap(({ machines }) => machines.map(({ type }) => type));
    const asked = [...gpus, systemMachine, ...cpuMachinesOf(unnamed)];
    assert.deepEqual(
      asked.filter((type) => !known.includes(type)),
      [],
    );
    assert.ok(asked.length > 40);
  });
});
