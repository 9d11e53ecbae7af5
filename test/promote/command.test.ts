import assert from "node:assert/strict";
import { kf } from "../support/kf.ts";

describe("kf promote and kf rollback, used wrongly", () => {
  const wrong: readonly (readonly [title: string, args: readonly string[], message: RegExp])[] = [
    ["no stacks", ["promote"], /name two stacks, FROM and TO, or say --status/],
    ["a stack with --status", ["promote", "gcp-dev", "--status"], /--status is of all stacks/],
    ["one stack twice", ["promote", "gcp-dev", "gcp-dev"], /gcp-dev to itself/],
    ["a stack that is not there", ["promote", "gcp-dev", "nope"], /there is no stack nope; known: .*gcp-dev/],
    [
      "a gate that cannot be waived",
      ["rollback", "gcp-prod", "--waive", "policies=late"],
      /"policies" is no gate that can be waived; allowed: order, health, soak, known-state/,
    ],
    [
      "a waiver without a reason",
      ["promote", "gcp-dev", "gcp-prod", "--waive", "soak="],
      /the waiver of soak has no reason/,
    ],
    [
      "a reason that says nothing",
      ["promote", "gcp-dev", "gcp-prod", "--skip-reason", " "],
      /the waiver of order has no reason/,
    ],
  ];
  for (const [title, args, message] of wrong) {
    it(`exit with 2, given ${title}`, async () => {
      const { code, stdout, stderr } = await kf(args, {});
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, "");
    });
  }

  it("say that there is nothing to go back to", async () => {
    const { code, stderr } = await kf(["rollback", "gcp-prod"], {});
    assert.equal(code, 1);
    assert.match(stderr, /gcp-prod: no promotion is recorded/);
  });
});
