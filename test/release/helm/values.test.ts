import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { loadChart, type Chart } from "../../../release/helm/metadata.ts";
import { checkValues, type CheckOptions } from "../../../release/helm/values.ts";
import type { Values } from "../../../release/helm/yaml.ts";
import { UserError } from "../../../shared/errors.ts";
import { addSchema } from "./support.ts";

function problems(chart: Chart, values: Values, options: CheckOptions = {}): readonly string[] {
  try {
    checkValues(chart, values, options);
    return [];
  } catch (error) {
    assert.ok(error instanceof UserError);
    assert.equal(error.exitCode, 2);
    return error.message
      .split("\n")
      .filter((line) => line.startsWith("  "))
      .map((line) => line.trim());
  }
}

describe("values of a chart", () => {
  let folder: string;
  let plain: Chart;
  let withSchema: Chart;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-values-"));
    await cp(path.join(import.meta.dirname, "fixtures", "chart"), folder, { recursive: true });
    plain = await loadChart(folder);
    await addSchema(folder);
    withSchema = await loadChart(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("names every unknown key at once: its full path, the nearest key and those allowed there", () => {
    const found = problems(
      plain,
      { replcas: 2, image: { tga: "2" }, service: { "no.dots": 1 } },
      { root: "demo.values" },
    );
    assert.equal(found.length, 3);
    assert.match(
      found[0] ?? "",
      /^demo\.values\.replcas: no such key; the nearest is "replicas" \(allowed here: .*service/,
    );
    assert.equal(found[1], 'demo.values.image.tga: no such key; the nearest is "tag" (allowed here: repository, tag)');
    assert.match(found[2] ?? "", /^demo\.values\.service\["no\.dots"\]: no such key/);
  });

  it("leaves empty maps, lists and globals to the user", () => {
    const values = {
      extraConfig: { any: { thing: 1 } },
      arguments: ["--x"],
      global: { registry: "x" },
      replicas: null,
    };
    assert.deepEqual(problems(plain, values), []);
  });

  it("leaves labels and quantities to the user, and adds the keys that Kubernetes knows", () => {
    const values = { podLabels: { any: "x" }, resources: { limits: { memory: "1Gi" }, requests: { memory: "1Gi" } } };
    assert.deepEqual(problems(plain, values), []);
    assert.match(problems(plain, { resources: { limts: {} } })[0] ?? "", /values\.resources\.limts: .*"limits"/);
  });

  it("takes a key that values.yaml has as a comment, in its own map only", () => {
    assert.deepEqual(problems(plain, { image: { digest: "sha256:0" } }), []);
    assert.equal(problems(plain, { service: { digest: "sha256:0" } }).length, 1);
  });

  it("takes any key in a map that is named free-form", () => {
    assert.deepEqual(problems(plain, { image: { mirror: "x" } }, { freeForm: ["image"] }), []);
  });

  it("checks subcharts by their own values.yaml, under their aliases", () => {
    assert.deepEqual(problems(plain, { second: { queue: "x", enabled: true, retry: { times: 1 }, global: {} } }), []);
    const found = problems(plain, { second: { retry: { time: 1 } }, worker: { qeue: "x" } });
    assert.match(found[0] ?? "", /^values\.second\.retry\.time: .*"times"/);
    assert.match(
      found[1] ?? "",
      /^values\.worker\.qeue: .*"queue" \(allowed here: enabled, global, limits, queue, retry\)/,
    );
  });

  it("wants a map where the chart has one", () => {
    assert.match(problems(plain, { image: "demo:1" })[0] ?? "", /^values\.image = "demo:1": must be a map \(keys: /);
  });

  it("tells what a schema refuses: path, value and what is allowed", () => {
    const values = { replicas: "two", service: { type: "Balancer", port: [1] }, podLabels: { a: 1 } };
    const found = problems(withSchema, values).toSorted();
    assert.deepEqual(found, [
      "values.podLabels.a = 1: must be string",
      'values.replicas = "two": must be integer',
      "values.service.port = [1]: must be integer or must be string",
      'values.service.type = "Balancer": must be one of "ClusterIP","NodePort","LoadBalancer"',
    ]);
  });

  it("names unknown keys where a schema forbids them, and where it leaves them open without a word", () => {
    const found = problems(withSchema, { image: { tga: "2" }, service: { prot: 1 }, replcas: 2 });
    assert.match(
      found.join("\n"),
      /values\.image\.tga: no such key; the nearest is "tag" \(allowed here: repository, tag\)/,
    );
    assert.match(found.join("\n"), /values\.service\.prot: no such key; the nearest is "port"/);
    assert.match(found.join("\n"), /values\.replcas: no such key; the nearest is "replicas"/);
    assert.equal(found.length, 3);
  });

  it("checks the values over the defaults, a default taken away by null included", () => {
    const chart = { ...plain, schema: { type: "object", required: ["replicas"] } };
    assert.deepEqual(problems(chart, {}), []);
    assert.match(problems(chart, { replicas: null })[0] ?? "", /must have required property 'replicas'/);
  });

  it("checks a subchart's schema under its alias", async () => {
    const schema = { type: "object", required: ["token"], properties: { queue: { type: "string" } } };
    await writeFile(path.join(folder, "charts", "worker", "values.schema.json"), JSON.stringify(schema));
    const chart = await loadChart(folder);
    assert.deepEqual(problems(chart, { second: { queue: 3 } }), ["values.second.queue = 3: must be string"]);
  });

  it("never shows a value that may be a secret", () => {
    const schema = { properties: { auth: { properties: { password: { type: "integer" } } } } };
    const found = problems({ ...plain, values: {}, schema }, { auth: { password: "hunter2" } });
    assert.deepEqual(found, ["values.auth.password = (hidden): must be integer"]);
  });

  for (const dialect of [
    "http://json-schema.org/draft-06/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
    undefined,
  ]) {
    it(`reads a schema of ${dialect ?? "no dialect"}`, () => {
      const schema = { $schema: dialect, properties: { replicas: { type: "integer" } } };
      assert.equal(problems({ ...plain, schema }, { replicas: "x" }).length, 1);
    });
  }

  it("checks what it can of a schema that refers to another site, and leaves one it cannot read to Helm", () => {
    const remote = {
      properties: { service: { $ref: "https://far.example/schema.json" }, replicas: { type: "integer" } },
    };
    assert.equal(problems({ ...plain, schema: remote }, { replicas: "x", service: { port: 1 } }).length, 1);
    const broken = { properties: { replicas: { $ref: "#/definitions/nothing" } } };
    assert.deepEqual(problems({ ...plain, schema: broken }, { replicas: "x" }), []);
  });
});
