/** What is made anew because something else is, which no comparison of two plans shows. */
import assert from "node:assert/strict";
import { findingsFor } from "../../cli/diff/findings/findings.ts";
import type { PlannedResource } from "../../cli/operation.ts";
import { compared, planned, type Inputs } from "./listing.ts";

const nothing = await findingsFor([]);

/** What is said of followers. */
const said = (before: readonly PlannedResource[], after: readonly PlannedResource[]): readonly string[] =>
  compared(before, after).flatMap((change) =>
    nothing(change)
      .map(({ level, kind, message }) => `${change.op} ${change.name}: ${level} ${kind}: ${message}`)
      .filter((text) => text.includes("replaced with it")),
  );

const cluster = (name: string) => planned("gcp:container/cluster:Cluster", "main", { name });
const pool = (inputs: Inputs, from: PlannedResource, name = "gpu") =>
  planned("gcp:container/nodePool:NodePool", name, inputs, { unknownFrom: { cluster: [from.urn] } });
const encryption = (keyUsage: string) => planned("aws:kms/key:Key", "main", { keyUsage });
const database = (from: PlannedResource, options: Partial<PlannedResource> = {}) =>
  planned(
    "aws:rds/instance:Instance",
    "pipelines",
    { kmsKeyId: "[unknown]", engine: "mysql" },
    { unknownFrom: { kmsKeyId: [from.urn] }, ...options },
  );

describe("kf diff of what another change takes along", () => {
  it("names the data that is lost with it, though nothing about the database differs", () => {
    const [old, next] = [encryption("a"), encryption("b")];
    assert.deepEqual(
      compared([old, database(old)], [next, database(next)]).map(({ name }) => name),
      ["main"],
    );
    assert.deepEqual(said([old, database(old, { protect: true })], [next, database(next, { protect: true })]), [
      "replace main: danger data-loss: aws:rds/instance:Instance pipelines is replaced with it (kmsKeyId), " +
        "and with it the data of the database; it is protected, so an up refuses",
    ]);
  });

  it("names what holds no data as well, and what follows from what follows", () => {
    const [old, next] = [cluster("a"), cluster("b")];
    const first = (from: PlannedResource) => pool({ cluster: "[unknown]" }, from);
    const second = (from: PlannedResource) => pool({ cluster: "[unknown]" }, from, "after-it");
    const findings = said([old, second(first(old)), first(old)], [next, second(first(next)), first(next)]);
    assert.deepEqual(findings, [
      "replace main: warning replaced-too: replaced with it: gcp:container/nodePool:NodePool gpu (cluster), " +
        "gcp:container/nodePool:NodePool after-it (cluster)",
    ]);
  });

  it("sees it when the other is deleted, and another one takes its place", () => {
    const [old, next] = [
      encryption("a"),
      { ...encryption("a"), urn: encryption("a").urn.replace("::main", "::other") },
    ];
    assert.match(
      said([old, database(old)], [next, database(next)]).join("\n"),
      /^delete main: danger data-loss: aws:rds\/instance:Instance pipelines is replaced with it/m,
    );
  });

  it("is silent where the value can be changed in place, is known, or comes from what stays", () => {
    const [old, next] = [encryption("a"), encryption("b")];
    const inPlace = (from: PlannedResource) =>
      planned(
        "aws:rds/instance:Instance",
        "pipelines",
        { vpcSecurityGroupIds: ["[unknown]"] },
        {
          unknownFrom: { vpcSecurityGroupIds: [from.urn] },
        },
      );
    assert.deepEqual(said([old, inPlace(old)], [next, inPlace(next)]), []);
    const known = { ...database(old), inputs: { kmsKeyId: "a" } };
    assert.deepEqual(said([old, known], [next, known]), []);
    const other = cluster("a");
    assert.deepEqual(said([old, other, database(other)], [next, other, database(other)]), []);
  });
});
