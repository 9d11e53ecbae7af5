import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { changes, stepOf, succeeded, usePassphrase } from "../engine/support/stack.ts";
import { SimulatedStack } from "./support.ts";

const everything = ["bucket", "cluster", "database", "network", "pool"];

describe("a stack on a simulated cloud", () => {
  usePassphrase("simulation");
  let stack: SimulatedStack;
  beforeEach(async () => {
    stack = await SimulatedStack.create();
  });
  afterEach(() => stack.dispose());

  it("is planned whole, and nothing is made", async () => {
    const result = succeeded(await stack.run("preview", "inside"));
    assert.equal(result.summary.create, 10);
    assert.deepEqual(await stack.existing(), []);
  });

  it("comes up, changes nothing the second time, and leaves nothing when it is destroyed", async () => {
    succeeded(await stack.run("up"));
    assert.deepEqual(await stack.existing(), everything);
    assert.deepEqual(changes(succeeded(await stack.run("up"))), []);
    assert.deepEqual(changes(succeeded(await stack.run("refresh"))), []);
    const { steps } = succeeded(await stack.run("destroy"));
    const order = steps.map(({ urn }) => urn.split("::").at(-1) ?? "");
    assert.ok(order.indexOf("pool") < order.indexOf("cluster") && order.indexOf("cluster") < order.indexOf("network"));
    assert.deepEqual(await stack.existing(), []);
  });

  it("keeps no secret in clear, neither an input nor what the cloud makes of it", async () => {
    succeeded(await stack.run("up"));
    const text = await stack.files();
    for (const secret of ["open sesame", "mysql://root", "certificate of"]) assert.ok(!text.includes(secret), secret);
  });

  it("gives names that stay, and others to what replaces", async () => {
    succeeded(await stack.run("up"));
    const nameOf = async (): Promise<string> => /"network-[0-9a-f]{7}"/.exec(await stack.files())?.[0] ?? "";
    const before = await nameOf();
    succeeded(await stack.run("up"));
    assert.equal(await nameOf(), before);
    const result = succeeded(await stack.run("up", "moved"));
    assert.deepEqual(
      stepOf(result, "network")
        .replaceReasons?.map(({ path }) => path)
        .toSorted(),
      ["range"],
    );
    assert.equal(stepOf(result, "database").op, "replace");
    assert.notEqual(await nameOf(), before);
    assert.deepEqual(await stack.existing(), everything);
  });

  it("plans an update without taking what the cloud gave for unknown", async () => {
    succeeded(await stack.run("up"));
    assert.deepEqual(changes(succeeded(await stack.run("preview", "relabelled"))), ["update cluster"]);
    assert.deepEqual(changes(succeeded(await stack.run("up", "relabelled"))), ["update cluster"]);
  });

  it("finds what somebody deleted, and makes it again", async () => {
    succeeded(await stack.run("up"));
    const cloud = JSON.parse(await readFile(stack.cloudFile, "utf8")) as {
      resources: Record<string, { type: string }>;
    };
    const left = Object.entries(cloud.resources).filter(([, { type }]) => type !== "fake:index:Bucket");
    await writeFile(stack.cloudFile, JSON.stringify({ ...cloud, resources: Object.fromEntries(left) }));
    assert.deepEqual(changes(succeeded(await stack.run("refresh"))), ["delete bucket"]);
    assert.deepEqual(changes(succeeded(await stack.run("up"))), ["create bucket"]);
  });

  it("refuses what the cloud would not take, by property", async () => {
    for (const [mode, name, message] of [
      ["mistaken", "cluster", /^colour: the simulated cloud knows no such input; it has: labels, network$/],
      ["broken-text", "database", /^note: holds the text "undefined"/],
      ["long", "bucket-with-a-name-that-is-rather-long", /^name: .* more than the 30 that are allowed/],
    ] as const) {
      const result = await stack.run("preview", mode);
      assert.ok(result.failed);
      assert.match(stepOf(result, name).error ?? "", message);
    }
  });

  it("does not destroy what is protected, and does once it is not", async () => {
    succeeded(await stack.run("up", "protected"));
    await assert.rejects(stack.run("destroy"), /::database: protected/);
    assert.deepEqual(await stack.existing(), everything);
    succeeded(await stack.run("up"));
    succeeded(await stack.run("destroy"));
    assert.deepEqual(await stack.existing(), []);
  });
});
