import assert from "node:assert/strict";
import { UserError } from "../../shared/errors.ts";
import { Faults, parseFaults } from "../../engine/simulation/faults.ts";
import { changes, stepOf, succeeded, usePassphrase } from "../engine/support/stack.ts";
import { fakeTable, SimulatedStack } from "./support.ts";

const everything = ["bucket", "cluster", "database", "network", "pool"];

describe("faults of a simulated cloud", () => {
  usePassphrase("faults");
  let stack: SimulatedStack;
  beforeEach(async () => {
    stack = await SimulatedStack.create();
  });
  afterEach(() => stack.dispose());

  /** Without the plan before it, which the faults do not touch. */
  const up = (mode = "", faults: readonly string[] = []) => stack.run("up", mode, faults, {}, { skipPlan: true });

  for (const [kind, cause, remedy] of [
    ["quota-exceeded", /quota of this account is used up/, /higher quota/],
    ["capacity-missing", /no capacity/, /another zone/],
    ["fails-half-way", /so it is there/, /goes on from it/],
    ["throttlingx5", /after 5 attempts/, /--parallel/],
    ["not-found-yetx5", /after 5 attempts/, /in a minute/],
  ] as const) {
    it(`${kind}: the error names resource, cause and remedy`, async () => {
      const faults = new Faults(parseFaults([`fake:index:Cluster:create=${kind}`], [fakeTable]), {
        pause: () => Promise.resolve(),
      });
      const urn = "urn:pulumi:dev::cloud::fake:index:Cluster::cluster";
      let calls = 0;
      const call = () => Promise.resolve((calls += 1));
      const create = faults.during("create", { urn, type: "fake:index:Cluster" }, new AbortController().signal, call);
      await assert.rejects(create, (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /^simulated create of fake:index:Cluster cluster: /);
        assert.match(error.message, cause);
        assert.match(error.message, remedy);
        return true;
      });
      assert.equal(calls, kind === "fails-half-way" ? 1 : 0);
    });
  }

  for (const kind of ["quota-exceeded", "fails-half-way"]) {
    it(`${kind}: the state stays true, and the next up goes on to the same end`, async () => {
      assert.ok((await up("", [`fake:index:Cluster:create=${kind}`])).failed);
      const expected = everything.filter(
        (name) => name !== "pool" && (name !== "cluster" || kind === "fails-half-way"),
      );
      assert.deepEqual(await stack.existing(), expected);
      assert.deepEqual(changes(succeeded(await up())).toSorted(), ["create cluster", "create pool"]);
      assert.deepEqual(await stack.existing(), everything);
      assert.deepEqual(changes(succeeded(await up())), []);
    });
  }

  it("passes over what passes by itself, and says that it waits", async () => {
    const faults = [
      "fake:index:Network:create=throttlingx4",
      "fake:index:Pool:create=not-found-yet",
      "fake:index:Bucket:create=slow",
    ];
    succeeded(await up("", faults));
    assert.deepEqual(await stack.existing(), everything);
    assert.match(stack.told.join("\n"), /Network network: .*attempt 4 of 5, again in 1\.6 s/);
    assert.match(stack.told.join("\n"), /Pool pool: .*not found yet/);
    assert.match(stack.told.join("\n"), /Bucket bucket: the cloud takes its time/);
  });

  it("half-way updates and deletions are gone through again", async () => {
    succeeded(await up());
    assert.ok((await up("relabelled", ["fake:index:Cluster:update=fails-half-way"])).failed);
    assert.deepEqual(changes(succeeded(await up("relabelled"))), ["update cluster"]);
    const result = await stack.run("destroy", "", ["fake:index:Cluster:delete=fails-half-way"]);
    assert.ok(result.failed);
    assert.match(stepOf(result, "cluster").error ?? "", /so it is gone/);
    // What the cluster needs is left alone until it is known to be gone.
    assert.deepEqual(await stack.existing(), ["network"]);
    succeeded(await stack.run("destroy"));
    assert.deepEqual(await stack.existing(), []);
  });

  it("destroys what a create that failed half-way left, though no state knows it", async () => {
    assert.ok((await up("", ["fake:index:Bucket:create=fails-half-way"])).failed);
    assert.ok((await stack.existing()).includes("bucket"));
    succeeded(await stack.run("destroy"));
    assert.deepEqual(await stack.existing(), []);
  });

  it("refuses a fault that cannot happen, and lists what can", () => {
    for (const [text, message] of [
      [
        "fake:index:Clustr:create=slow",
        /no type fake:index:Clustr; did you mean fake:index:Cluster\? Allowed: fake:index:Bucket, /,
      ],
      ["fake:index:Cluster:explode=slow", /explode is no operation; allowed: create, update, delete/],
      ["fake:index:Cluster:create=meteor", /meteor is no kind of fault; allowed: throttling, quota-exceeded, /],
      ["fake:index:Cluster:create=slowx0", /x0 would never happen/],
      ["slow", /cannot be read\. Write TYPE:OPERATION=KIND\[xN\]/],
    ] as const) {
      assert.throws(
        () => parseFaults([text], [fakeTable]),
        (error) => error instanceof UserError && error.exitCode === 2 && message.test(error.message),
        text,
      );
    }
  });
});
