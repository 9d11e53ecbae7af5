import assert from "node:assert/strict";
import { gcpTable } from "../../engine/simulation/gcp.ts";
import { notRun } from "../support/not-run.ts";
import { requestProblems, type Discovery } from "./gcp/discovery.ts";
import { requestOf } from "./gcp/translate.ts";
import { clusterTypes } from "./gcp/types-cluster.ts";
import { dataTypes } from "./gcp/types-data.ts";
import { projectTypes } from "./gcp/types-project.ts";
import { furtherStacks } from "./gcp/further-stacks.ts";
import { describeRequests } from "./requests.ts";
import { openWheel, whyNoWheels } from "./wheels.ts";

const types = { ...clusterTypes, ...dataTypes, ...projectTypes };

const documents = new Map<string, Promise<Discovery>>();

/** @param name of a document: `container.v1`. */
function documentOf(name: string): Promise<Discovery> {
  const known = documents.get(name) ?? loadDocument(name);
  documents.set(name, known);
  return known;
}

async function loadDocument(name: string): Promise<Discovery> {
  const wheel = await openWheel("google_api_python_client");
  const text = await wheel.read(`googleapiclient/discovery_cache/documents/${name}.json`);
  return JSON.parse(text.toString("utf8")) as Discovery;
}

/** The APIs that a stack names: `compute.googleapis.com`. */
const apis = new Set<string>();

/** By type, the entries of its table that some resource needed. */
const used = new Map<string, Set<string>>();

await describeRequests("requests to Google Cloud, by its own discovery documents", {
  target: "gke",
  cloud: { packages: ["gcp"], table: gcpTable },
  beside: await furtherStacks(),
  notCovered: {
    "gcp:cloudquota/sQuotaPreference:SQuotaPreference":
      "google-api-python-client carries no document of cloudquotas.googleapis.com",
  },
  mapped: Object.keys(types),
  whyPending: whyNoWheels,
  source: async () => (await openWheel("google_api_python_client")).title,
  translate: async (resource) => {
    const api = resource.inputs["service"];
    if (typeof api === "string") apis.add(api);
    const type = types[resource.type];
    if (type === undefined) return undefined;
    const request = requestOf(type, resource);
    used.set(resource.type, new Set([...(used.get(resource.type) ?? []), ...request.used]));
    const document = await documentOf(type.document);
    const problems = requestProblems(document, type.method, request, Object.keys(type.deprecated ?? {}));
    const operation = `${type.document} ${type.method}`;
    return { calls: [{ operation, problems: [...request.problems, ...problems] }], lost: [] };
  },
});

describe("requests to Google Cloud as a whole", () => {
  before(function () {
    if (used.size === 0) notRun(this, "no request of the suite before was checked, so there are no APIs to look for");
  });

  it("name APIs that there are", async () => {
    const members = await (await openWheel("google_api_python_client")).list();
    const unknown = [...apis].filter((api) => {
      const name = api.replace(/\.googleapis\.com$/, "");
      return !members.some((member) => member.startsWith(`googleapiclient/discovery_cache/documents/${name}.v`));
    });
    // The only one without a document.
    assert.deepEqual(unknown, ["cloudquotas.googleapis.com"]);
  });

  it("need every entry of their tables", () => {
    const idle = Object.entries(types).flatMap(([type, { moves = {}, dropped = {} }]) =>
      [...Object.keys(moves), ...Object.keys(dropped)]
        .filter((input) => used.get(type)?.has(input) !== true)
        .map((input) => `${type} ${input}`),
    );
    assert.deepEqual(idle, []);
  });
});
