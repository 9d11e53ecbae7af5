import assert from "node:assert/strict";
import { blobCondition, prefixProblems } from "../../../components/aks/blob-condition.ts";

const actions = ["read", "write", "delete", "add/action"];

describe("condition of access to blobs", () => {
  it("has a clause for every action of the role, for what has none is allowed", () => {
    const { condition = "" } = blobCondition("read-write", ["a/"]);
    for (const action of actions) assert.ok(condition.includes(`blobs/${action}'}`), action);
    assert.equal(condition.match(/!\(/g)?.length, 5, "reading and listing are two");
  });

  it("holds reads and writes to the blob's path, and lists to the prefix that is asked for", () => {
    const { condition = "" } = blobCondition("read", ["a/", "b/"]);
    assert.match(condition, /blobs:path\] StringStartsWith 'a\/' OR @Resource\[[^\]]+:path\] StringStartsWith 'b\/'/);
    assert.match(condition, /SubOperationMatches\{'Blob\.List'\}\)\) OR \(@Request\[[^\]]+blobs:prefix\]/);
    assert.doesNotMatch(condition, /blobs\/write/);
  });

  it("is none for the whole container", () => {
    assert.deepEqual(blobCondition("read-write", ["a/", ""]), {});
  });

  it("takes no prefix that would end its quotes", () => {
    const bad = ["a'/", "a", "a//", "/", "a b/"];
    for (const prefix of bad) assert.equal(prefixProblems([{ prefix, permission: "read" }]).length, 1, prefix);
    for (const prefix of ["", "a/", "team-a/x.y_z/"])
      assert.deepEqual(prefixProblems([{ prefix, permission: "read" }]), []);
  });
});
