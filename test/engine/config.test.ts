import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseDuration } from "../../engine/goal.ts";
import { runOperation } from "../../engine/operations.ts";
import { loadProject } from "../../engine/project.ts";
import { PassphraseSecrets } from "../../engine/secrets.ts";
import { listStacks } from "../../engine/session.ts";
import { loadStackConfig, resolveConfig, type ResolvedConfig } from "../../engine/stack-config.ts";
import { UserError } from "../../shared/errors.ts";

const projectYaml = `
name: shop
runtime: nodejs
stackConfigDir: config
config:
  nodes: { type: integer, default: 3, description: how many }
  tls: { type: boolean, default: false }
  admin: { type: string }
  zones: { type: array, items: { type: string }, default: [a, b] }
  pool: { type: object, default: { size: 1 } }
  password: { type: string, default: changeme, secret: true }
  cloud:region: north
`;

describe("project and stack configuration", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "config-"));
    await mkdir(path.join(root, "config"));
    await writeFile(path.join(root, "Pulumi.yaml"), projectYaml);
  });
  afterEach(() => rm(root, { recursive: true }));

  async function load(yaml: string, overrides: Record<string, string> = {}): Promise<ResolvedConfig> {
    await writeFile(path.join(root, "config", "Pulumi.dev.yaml"), yaml);
    const config = await loadStackConfig(await loadProject(root), "dev", overrides, []);
    return resolveConfig(config, (ciphertext) => `opened ${ciphertext}`);
  }

  async function refusal(yaml: string, overrides: Record<string, string> = {}): Promise<string> {
    const error: unknown = await load(yaml, overrides).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof UserError);
    assert.equal(error.exitCode, 2);
    return error.message;
  }

  it("fills in the project's defaults, and passes lists and maps as JSON", async () => {
    const config = await load("config:\n  shop:admin: kim\n  shop:nodes: 5\n  other:any: { x: [1, true] }\n");
    assert.deepEqual(config.values, {
      "shop:nodes": "5",
      "shop:tls": "false",
      "shop:admin": "kim",
      "shop:zones": '["a","b"]',
      "shop:pool": '{"size":1}',
      "shop:password": "changeme",
      "cloud:region": "north",
      "other:any": '{"x":[1,true]}',
    });
    assert.deepEqual(config.secretKeys, ["shop:password"]);
  });

  it("opens secure values, also inside maps, and lets overrides win", async () => {
    const yaml = "config:\n  shop:admin: { secure: abc }\n  other:map: { a: { secure: def }, b: 1 }\n";
    const config = await load(yaml, { "shop:zones": '["c"]' });
    assert.equal(config.values["shop:admin"], "opened abc");
    assert.equal(config.values["other:map"], '{"a":"opened def","b":1}');
    assert.equal(config.values["shop:zones"], '["c"]');
    assert.deepEqual(config.secretKeys.toSorted(), ["other:map", "shop:admin", "shop:password"]);
  });

  it("says where a mistake is, what was found, what is allowed and what to do", async () => {
    assert.match(
      await refusal("config:\n  shop:admin: kim\n  shop:noodes: 5\n"),
      /Pulumi\.dev\.yaml: config\.shop:noodes: unknown key; did you mean shop:nodes\? Allowed: shop:nodes, shop:tls/,
    );
    assert.match(
      await refusal("config:\n  shop:admin: kim\n  shop:nodes: many\n"),
      /config\.shop:nodes: "many" is not allowed here; allowed: a whole number/,
    );
    assert.match(
      await refusal("config:\n  shop:admin: kim\n  shop:zones: [a, [b]]\n"),
      /config\.shop:zones\[1\]: \["b"\].+a string/,
    );
    assert.match(await refusal("config:\n  shop:admin: kim\n", { "shop:pool": "[1]" }), /shop:pool: "\[1\]".+a map/);
    assert.match(
      await refusal("config:\n  shop:admin: kim\n  nodes: 3\n"),
      /config\.nodes: .+did you mean shop:nodes\?/,
    );
    assert.match(await refusal("config: {}\n"), /config: no value for shop:admin; Pulumi\.yaml gives no default/);
    assert.match(await refusal("config: [1]\n"), /Pulumi\.dev\.yaml: .+config/s);
    assert.match(await refusal("config: {\n"), /Pulumi\.dev\.yaml: /);
  });

  it("lists the known stacks when one is unknown", async () => {
    await load("config:\n  shop:admin: kim\n");
    const stateDir = path.join(root, "state");
    await mkdir(path.join(stateDir, "stacks", "shop"), { recursive: true });
    await writeFile(path.join(stateDir, "stacks", "shop", "old.json"), "{}");
    const options = { projectRoot: root, stateDir, providers: {} };
    await assert.rejects(
      runOperation("preview", { ...options, stack: "prod" }),
      /Unknown stack prod\. Known: dev, old \(/,
    );
    await assert.rejects(runOperation("preview", { ...options, stack: "../dev" }), /Stack name "\.\.\/dev"/);
    assert.deepEqual(await listStacks(await loadProject(root), stateDir), ["dev", "old"]);
  });

  it("tells what is wrong with Pulumi.yaml", async () => {
    const broken = (yaml: string) => writeFile(path.join(root, "Pulumi.yaml"), yaml).then(() => loadProject(root));
    await assert.rejects(broken("runtime: nodejs"), /Pulumi\.yaml: .+name/s);
    await assert.rejects(broken("name: a\nmain: nowhere/"), /main: nowhere\/ does not exist/);
    await assert.rejects(broken("name: a\nconfig: { x: { type: integr } }"), /Pulumi\.yaml: /);
    await assert.rejects(loadProject(path.join(root, "config")), /Pulumi\.yaml: no such file/);
  });

  it("opens a stack's secure values by its encryption salt, and refuses them without", async () => {
    const saved = process.env["PULUMI_CONFIG_PASSPHRASE"];
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "secure config";
    try {
      const secrets = await PassphraseSecrets.open({ text: "secure config", source: "", generated: false });
      const secure = secrets.encrypt("kim", "");
      const run = async (yaml: string) => {
        await load(yaml);
        await writeFile(path.join(root, "index.js"), "");
        await writeFile(path.join(root, "config", "Pulumi.dev.yaml"), yaml);
        return runOperation("preview", {
          projectRoot: root,
          stack: "dev",
          stateDir: path.join(root, "state"),
          providers: {},
        });
      };
      const config = `config:\n  shop:admin: { secure: "${secure}" }\n`;
      await assert.rejects(run(config), /secure values but no encryptionsalt/);
      process.env["PULUMI_CONFIG_PASSPHRASE"] = "another";
      await assert.rejects(run(`encryptionsalt: ${secrets.salt}\n${config}`), /Wrong passphrase/);
    } finally {
      if (saved === undefined) delete process.env["PULUMI_CONFIG_PASSPHRASE"];
      else process.env["PULUMI_CONFIG_PASSPHRASE"] = saved;
    }
  });

  it("reads durations as Go writes them", () => {
    assert.deepEqual(["1h15m", "1.5s", "250ms", "2m"].map(parseDuration), [4500, 1.5, 0.25, 120]);
    assert.throws(() => parseDuration("5 minutes"), /customTimeouts: "5 minutes" is not a duration/);
  });
});
