import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { partOf } from "../../cli/promote/release-part.ts";
import { readRecords, recordFolder, readUnfinished, type Unfinished } from "../../cli/promote/records.ts";
import { finishUnfinished, writeChange } from "../../cli/promote/write.ts";

const at = "2026-01-01T00:00:00.000Z";
const part = (name: string) => ({ ...partOf({ release: name, name, sha256: name }, {}, []), options: {} });
const change: Unfinished = {
  record: {
    ...{ version: 1, kind: "promotion", id: at.replaceAll(":", "-"), stack: "prod", at, by: { name: "ada" } },
    ...{ from: "staging", before: part("1.0"), after: part("2.0"), rendered: {} },
    gates: [{ gate: "soak", result: "waived", evidence: "1 h", reason: "a: hotfix # not a comment" }],
  },
  files: [
    { file: "locks/prod.yaml", after: "lock\n" },
    { file: "config.yaml", before: "old\n", after: "new\n" },
  ],
};

describe("a promotion that is written", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), "kf-write-"));
    await writeFile(path.join(root, "config.yaml"), "old\n");
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const text = (file: string): Promise<string> => readFile(path.join(root, file), "utf8");

  async function isWhole(): Promise<void> {
    assert.deepEqual([await text("locks/prod.yaml"), await text("config.yaml")], ["lock\n", "new\n"]);
    assert.deepEqual(await readRecords(root, "prod"), [change.record]);
    assert.deepEqual(await readdir(recordFolder(root, "prod")), [`${change.record.id}.yaml`]);
  }

  it("is whole, and its record reads as it was written", async () => {
    const written: string[] = [];
    await writeChange(root, change, (file) => written.push(path.basename(file)));
    await isWhole();
    assert.deepEqual(written, ["unfinished.yaml", "prod.yaml", "config.yaml", `${change.record.id}.yaml`]);
    assert.equal(await finishUnfinished(root, "prod"), undefined);
  });

  for (const point of [1, 2, 3, 4]) {
    it(`is ended by the next run when it stops after ${String(point)} of 4 files, and twice is once`, async () => {
      let left = point;
      const crash = writeChange(root, change, () => {
        left -= 1;
        if (left === 0) throw new Error("killed");
      });
      await assert.rejects(crash, /killed/);
      assert.deepEqual(await readUnfinished(root, "prod"), change);
      assert.equal((await readRecords(root, "prod")).length, point === 4 ? 1 : 0);
      assert.deepEqual(await finishUnfinished(root, "prod"), change.record);
      await isWhole();
      assert.equal(await finishUnfinished(root, "prod"), undefined);
    });
  }

  it("leaves nothing when it stops before it has begun, and takes that litter away the next time", async () => {
    await mkdir(recordFolder(root, "prod"), { recursive: true });
    await writeFile(path.join(recordFolder(root, "prod"), "unfinished.yaml.4711.new"), "half");
    assert.equal(await finishUnfinished(root, "prod"), undefined);
    assert.equal(await text("config.yaml"), "old\n");
    await writeChange(root, change);
    await isWhole();
  });

  it("is not ended over what somebody has changed since", async () => {
    await assert.rejects(
      writeChange(root, change, () => {
        throw new Error("killed");
      }),
    );
    await writeFile(path.join(root, "config.yaml"), "by hand\n");
    await assert.rejects(
      finishUnfinished(root, "prod"),
      /config\.yaml: it was changed after a promotion of prod.*delete .*unfinished/,
    );
    assert.equal(await text("config.yaml"), "by hand\n");
    assert.deepEqual(await readRecords(root, "prod"), []);
  });

  it("is refused while another one is unfinished", async () => {
    await assert.rejects(
      writeChange(root, change, () => {
        throw new Error("killed");
      }),
    );
    await assert.rejects(writeChange(root, change), /another change of its release has begun/);
  });
});
