import assert from "node:assert/strict";
import { describeField } from "../../cli/drift/describe.ts";
import { chooseDrifted } from "../../cli/drift/fix.ts";
import { exitCodeOf, reportOf } from "../../cli/drift/report.ts";
import { toMap, withSecretData } from "../../engine/kubernetes/objects.ts";
import { sightOf } from "../../engine/kubernetes/sight.ts";
import type { Looked } from "../../engine/look.ts";

const ours = "pulumi-kubeflow-test";
const entry = (manager: string, fieldsV1: object, more: object = {}) => ({
  ...{ manager, operation: "Update", time: "2026-01-01T00:00:00Z", fieldsType: "FieldsV1", fieldsV1 },
  ...more,
});
const lost = entry(ours, { "f:metadata": { "f:labels": { "f:a": {} } } }, { operation: "Apply" });

/** What a look tells of an object that was applied as `object` and is now `live`, managed as said. */
function look(object: object, live: object, ...managedFields: readonly object[]): Looked {
  const whole = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d", namespace: "n" } };
  const inputs = withSecretData(toMap({ ...whole, ...object }));
  const metadata = { ...whole.metadata, managedFields: [lost, ...managedFields] };
  const sight = sightOf(inputs, { ...whole, ...live, metadata }, ours);
  return { resource: resource("kubernetes:apps/v1:Deployment", "n/d", inputs), sight };
}

function resource(type: string, id: string, inputs: Looked["resource"]["inputs"] = {}): Looked["resource"] {
  return {
    ...{ urn: `urn:pulumi:own::kubeflow::${type}::${id}`, type, id, custom: true, inputs, outputs: {} },
    ...{ dependencies: [], propertyDependencies: {}, additionalSecretOutputs: [], customTimeouts: {} },
  };
}

const containers = (...list: readonly object[]) => ({ spec: { containers: list } });
const a = { name: "a", image: "1" };
const b = { name: "b", image: "1" };

describe("a look at a live object", () => {
  it("names the place in our inputs and the owner of the item, whatever the order in the cluster", () => {
    const other = entry("kubectl-edit", {
      "f:spec": { "f:containers": { 'k:{"name":"b"}': { ".": {}, "f:name": {}, "f:image": {} } } },
    });
    const sidecar = entry("injector", { "f:spec": { "f:containers": { 'k:{"name":"s"}': { "f:image": {} } } } });
    const looked = look(
      containers(a, b),
      containers({ name: "s", image: "x" }, { ...b, image: "2" }, a),
      other,
      sidecar,
    );
    const [drift] = reportOf("own", [looked], {}).drifts;
    assert.equal(drift?.name, "Deployment/n/d");
    assert.deepEqual(drift.fields, [
      {
        ...{ path: "spec.containers[1].image", expected: "1", live: "2" },
        managers: [{ manager: "kubectl-edit", operation: "Update", time: "2026-01-01T00:00:00Z" }],
      },
    ]);
    assert.deepEqual(
      drift.writers.map(({ manager }) => manager),
      ["kubectl-edit", "injector"],
    );
  });

  it("tells of an item that was taken out, and not of those behind it", () => {
    const [drift] = reportOf("own", [look(containers(a, b), containers(b))], {}).drifts;
    assert.deepEqual(drift?.fields, [{ path: "spec.containers[0]", expected: a, managers: [] }]);
  });

  it("takes status for nobody's writing, and the owner of a whole list for the owner of its items", () => {
    const status = entry("kubelet", { "f:spec": { "f:args": {} } }, { subresource: "status" });
    const whole = entry("kubectl", { "f:spec": { "f:args": {} } }, { subresource: "" });
    const [drift] = reportOf(
      "own",
      [look({ spec: { args: ["x"] } }, { spec: { args: ["x", "y"] } }, status, whole)],
      {},
    ).drifts;
    assert.deepEqual(drift?.fields, [
      {
        ...{ path: "spec.args[1]", live: "y" },
        managers: [{ manager: "kubectl", operation: "Update", time: "2026-01-01T00:00:00Z" }],
      },
    ]);
  });

  it("never shows what a Secret holds, as data or as stringData, there or expected", () => {
    const kind = { apiVersion: "v1", kind: "Secret" };
    const encoded = (text: string): string => Buffer.from(text).toString("base64");
    const by = entry("thief", { "f:data": { "f:k": {} } });
    for (const inputs of [{ stringData: { k: "ours" } }, { data: { k: encoded("ours") } }]) {
      const looked = look({ ...kind, ...inputs }, { ...kind, data: { k: encoded("theirs") } }, by);
      const report = reportOf("own", [looked], {});
      const [drift] = report.drifts;
      assert.deepEqual(
        drift?.fields.map(({ expected, live, managers }) => [expected, live, managers[0]?.manager]),
        [["[secret]", "[secret]", "thief"]],
      );
      const text = JSON.stringify(report) + drift.fields.map((field) => describeField(drift, field)).join("");
      for (const secret of ["ours", "theirs", encoded("ours"), encoded("theirs")])
        assert.ok(!text.includes(`"${secret}"`), secret);
    }
  });
});

describe("the report of a look", () => {
  const fine: Looked = { resource: resource("kubernetes:core/v1:Namespace", "n"), sight: there() };
  const gone: Looked = {
    resource: resource("kubeflow:index:CustomResourceDefinition", "things.x"),
    sight: { ...there(), is: "gone" },
  };
  const unread: Looked = { resource: resource("kubernetes:core/v1:Secret", "n/s"), sight: { error: "not allowed" } };
  const sameName: Looked = { ...fine, resource: resource("kubernetes:other/v1:Namespace", "n") };

  function there() {
    return { is: "there" as const, differences: [], writers: [] };
  }

  it("has an exit code that tells a cron drift from a look that failed", () => {
    const code = (...looked: readonly Looked[]): number => exitCodeOf(reportOf("own", looked, {}));
    assert.deepEqual([code(fine), code(fine, gone), code(fine, gone, unread)], [0, 3, 1]);
  });

  it("takes for --fix only what drifts, and says all that is wrong with the names at once", () => {
    const crd = "CustomResourceDefinition/things.x";
    assert.deepEqual(chooseDrifted([fine, gone], [crd, crd, gone.resource.urn]), [gone]);
    const refused = (looked: readonly Looked[], ...names: readonly string[]): string => {
      try {
        chooseDrifted(looked, names);
      } catch (error) {
        assert.ok(error instanceof Error && "exitCode" in error && error.exitCode === 2);
        return error.message;
      }
      return assert.fail("it was taken");
    };
    const message = refused([fine, gone, unread], crd, "Namespace/n", "Namespace/nn", "Secret/n/s");
    assert.match(message, /Namespace\/n: does not drift/);
    assert.match(message, /Namespace\/nn: no object of the stack\. Nearest: Namespace\/n, /);
    assert.match(message, /Secret\/n\/s: could not be looked at: not allowed/);
    assert.match(refused([fine, sameName], "Namespace/n"), /means several objects.*urn:.*urn:/);
  });
});
