import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { readRawConfig } from "../../cli/stack-file.ts";
import { UserError } from "../../shared/errors.ts";

describe("configuration of a stack by its name", () => {
  let root: string;

  before(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), "kf-stack-file-"));
    await mkdir(path.join(root, "config"));
    await writeFile(
      path.join(root, "Pulumi.yaml"),
      'name: demo\nstackConfigDir: config\nconfig:\n  release: { type: string, default: "26.03" }\n  token: { type: string, default: "" }\n',
    );
    await writeFile(
      path.join(root, "config", "Pulumi.dev.yaml"),
      "encryptionsalt: v1:salt\nconfig:\n  demo:token: { secure: v1:sealed }\n  aws:region: eu-west-1\n",
    );
    await writeFile(path.join(root, "config", "Pulumi.prod.yaml"), 'config:\n  demo:release: "1.11.0"\n');
  });

  after(() => rm(root, { recursive: true, force: true }));

  it("is the stack's file over the project's defaults, with no passphrase asked for its secrets", async () => {
    assert.deepEqual(await readRawConfig("dev", root), {
      "demo:release": "26.03",
      "demo:token": "[secret]",
      "aws:region": "eu-west-1",
    });
  });

  it("of an unknown stack is refused as wrong usage, with the known ones and where their files are", async () => {
    await assert.rejects(readRawConfig("staging", root), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.exitCode, 2);
      assert.match(error.message, /staging/);
      assert.match(error.message, /dev, prod/);
      assert.ok(error.message.includes(path.join(root, "config")));
      return true;
    });
  });
});
