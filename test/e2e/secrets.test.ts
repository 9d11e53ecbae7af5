/**
 * No secret in any output of the offline engine: secrets that the test knows are in every place of a stack that takes one,
 * and are searched for in all that commands print, write and leave, and in command lines. The tests build on each other.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { parse as parseYaml } from "yaml";
import { parseStackConfig } from "../../stacks/config.ts";
import { namedSecrets } from "../../stacks/named-secrets.ts";
import { ensureTool } from "../../tools/tools.ts";
import { Canaries } from "../support/canaries.ts";
import { startKf } from "../support/kf.ts";
import { Lookout } from "../support/lookout.ts";
import { neededMirror } from "../support/mirror.ts";
import { quotingPolicy, SecretSearch } from "../support/secret-search.ts";
import { writeSmallStack } from "../support/secret-stacks.ts";

describe("secrets under the offline engine", function () {
  this.timeout(10 * 60_000);
  let search: SecretSearch;

  const kubectl = async (args: readonly string[], input?: unknown): Promise<void> => {
    const tool = await ensureTool("kubectl", () => undefined);
    const stdin = input === undefined ? {} : { input: JSON.stringify(input) };
    await execa(tool, ["--kubeconfig", search.kubeconfig, ...args], stdin);
  };
  const stackFile = (stack: string): string =>
    path.join(search.checkout.root, "stacks", "config", `Pulumi.${stack}.yaml`);
  const addConfig = async (stack: string, more: Readonly<Record<string, unknown>>): Promise<void> => {
    const { config, ...rest } = JSON.parse(await readFile(stackFile(stack), "utf8")) as {
      readonly config: Readonly<Record<string, unknown>>;
    };
    await writeFile(stackFile(stack), JSON.stringify({ ...rest, config: { ...config, ...more } }));
  };
  const addGenerated = async (stack: string): Promise<void> => {
    const { stdout } = await search.kf(["state", "export", stack]);
    assert.ok((await search.addGenerated(stack, stdout)) >= 7);
    search.expectNone(search.canaries.find("the exported state", stdout), stack);
    search.expectNone(search.findInFiles(), stack);
  };

  before(async function () {
    search = await SecretSearch.open({ KF_MIRROR: neededMirror(this) });
    await writeSmallStack(search.checkout);
  });
  after(() => search.close());

  it("are found when they are planted: each form, in files that come and go and in command lines", async () => {
    const canaries = new Canaries();
    const value = 'planted-"\\&<é>-secret';
    canaries.add("planted", value);
    const lines = "the first line of the key\nthe second line of the key";
    canaries.add("key", `-----BEGIN KEY-----\n${lines}\n-----END KEY-----\n`);
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    const planted: Readonly<Record<string, string>> = {
      plain: `x ${value} y`,
      JSON: JSON.stringify({ value }),
      "JSON in JSON": JSON.stringify(JSON.stringify({ value })),
      URL: `https://example.com/?a=${encodeURIComponent(value)}`,
      base64: base64(value),
      "user and value": `Basic ${base64(`user:${value}`)}`,
      "longer user and value": `Basic ${base64(`user1:${value}`)}`,
      "value within": `Basic ${base64(`user12:${value}:`)}`,
      "base64 twice": base64(base64(value)),
      hex: Buffer.from(value).toString("hex"),
      HTML: "planted-&quot;\\&amp;&lt;é&gt;-secret",
      line: "  the second line of the key",
    };
    for (const [form, text] of Object.entries(planted)) assert.ok(canaries.find(form, text).length > 0, form);
    assert.deepEqual(canaries.find("another", "planted-secret -----BEGIN KEY-----"), []);
    const folder = path.join(search.folder, "planted");
    await mkdir(folder);
    const lookout = await Lookout.open(folder);
    const child = spawn(process.execPath, ["-e", "setTimeout(() => undefined, 5000)", value]);
    await writeFile(path.join(folder, "file"), value);
    await delay(200);
    await rm(path.join(folder, "file"));
    await delay(200);
    child.kill();
    const { leaks } = await lookout.search(canaries);
    assert.deepEqual([...new Set(leaks.map(({ place }) => path.basename(place)))].sort(), ["a command line", "file"]);
    await writeFile(path.join(folder, "left"), planted["JSON"] ?? "");
    assert.equal(canaries.findBelow(folder).length, 1);
  });

  it("are in none of the plans, which name every one of them", async () => {
    const named = new Set<string>();
    for (const stack of ["full", "onprem", "cloud", "unreachable"]) {
      await search.kf(["preview", stack, ...(stack === "full" ? ["--diff"] : ["--json", "--resources"])]);
      const { config } = parseYaml(await readFile(stackFile(stack), "utf8")) as {
        readonly config: Readonly<Record<string, unknown>>;
      };
      const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
      const raw = Object.entries(config).map(([key, value]) => [key, asText(value)] as const);
      const closed = { "kubeflow:kubeconfig": "", "kubeflow:secrets": "{}", "kubeflow:oauthClientSecret": "" };
      const parsed = parseStackConfig(stack, { ...Object.fromEntries(raw), ...closed });
      namedSecrets(parsed).forEach((name) => named.add(name));
    }
    assert.deepEqual(
      [...named].filter((name) => !search.canaries.names.includes(name)),
      [],
    );
    assert.ok(named.size >= 17, String(named.size));
  });

  it("are in no report of kf diff, nor in what it keeps; nor in policies, costs, images and doctor's words", async () => {
    const { root } = search.checkout;
    const git = (...args: readonly string[]) =>
      execa("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: root });
    await git("init", "--quiet");
    await writeFile(path.join(root, ".gitignore"), "node_modules\n");
    await git("add", "--all");
    await git("commit", "--quiet", "-m", "base");
    for (const stack of ["full", "onprem"]) {
      const text = await readFile(stackFile(stack), "utf8");
      await writeFile(stackFile(stack), text.replaceAll("ada@example.com", "eve@example.com"));
    }
    const out = (name: string): string => path.join(search.folder, "temporary", name);
    const formats = ["--md", out("diff.md"), "--html", out("diff.html"), "--json", out("diff.json")];
    const { stdout } = await search.kf(["diff", "--base", "HEAD", "--stacks", "full,onprem", ...formats]);
    assert.match(stdout, /onprem/);
    await search.kf(["policy", "onprem"], { codes: [0, 1] });
    await search.kf(["cost", "cloud"]);
    await search.kf(["release", "images", "26.03"]);
    await search.kf(["doctor"], { codes: [0, 1] });
  });

  it("are not in what an up of the whole release says and writes, nor in later commands", async () => {
    await search.kf(["up", "full", "--json", "--diff"]);
    await addGenerated("full");
    await search.kf(["state", "outputs", "full"]);
    await search.kf(["state", "size", "full", "--json"]);
  });

  it("are not in drift, whoever made it", async () => {
    search.canaries.add("a password set by hand", "canary-set-by-hand-5f2c9a1e");
    const stringData = { password: "canary-set-by-hand-5f2c9a1e", more: "canary-set-by-hand-5f2c9a1e" };
    const patch = (namespace: string, what: readonly string[], body: unknown) =>
      kubectl(["-n", namespace, "patch", ...what, "-p", JSON.stringify(body)]);
    await patch("kubeflow", ["secret", "mysql-secret"], { stringData });
    await patch("auth", ["secret", "dex-passwords"], { stringData });
    await patch("auth", ["configmap", "dex"], { data: { "config.yaml": "issuer: nobody" } });
    await kubectl(["-n", "kubeflow", "delete", "secret", "mlpipeline-minio-artifact"]);
    await search.kf(["drift", "full"], { codes: [3] });
    await search.kf(["drift", "full", "--json"], { codes: [3] });
    await search.kf(["refresh", "full", "--diff"]);
  });

  it("are not in a change of them, nor in the mending of drift", async () => {
    const rotate = { "admin-password": "2", "cookie-secret": "2", "pipelines-database-password": "2" };
    await addConfig("full", { "kubeflow:rotate": rotate });
    await search.kf(["preview", "full", "--diff", "--json", "--resources"]);
    await search.kf(["up", "full", "--diff"]);
    await addGenerated("full");
    await search.kf(["destroy", "full", "--diff"]);
  });

  it("are not in what a terminal shows", async () => {
    const screen = await search.inTerminal(["up", "small", "--diff"], [[/yes/, "\r"]]);
    assert.match(screen, /small/);
    await search.kf(["up", "small"]);
    await addGenerated("small");
  });

  it("are not in an error, though who refuses an object quotes it", async () => {
    await kubectl(["apply", "-f", "-"], quotingPolicy);
    // Until the API server has read the policy.
    await delay(3_000);
    await addConfig("small", { "kubeflow:rotate": { "pipelines-database-password": "2" } });
    const { stdout } = await search.kf(["up", "small"], { codes: [1] });
    assert.match(stdout, /refused with .*\[secret\]/);
    await search.kf(["up", "small", "--json"], { codes: [1] });
    await addGenerated("small");
    await kubectl(["delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", "quoting"]);
  });

  it("are not in words about a stack's file that is wrong", async () => {
    search.canaries.add("a secret in a wrong place", "canary-wrong-place-7b1d");
    const wrong = [
      "  kubeflow:kubeconfig: { users: [{ user: { token: canary-wrong-place-7b1d } }] }\n",
      "  kubeflow:kubeconfig: canary-wrong-place-7b1d\n",
      "  kubeflow:secrets: canary-wrong-place-7b1d\n",
      "  kubeflow:secrets: { name: [canary-wrong-place-7b1d] }\n",
      "  kubeflow:oauthClientSecret: [canary-wrong-place-7b1d]\n",
      '  kubeflow:oauthClientSecret: canary-wrong-place-7b1d: "\n',
    ];
    for (const text of wrong) {
      // The file itself has it in clear, so only what is printed is searched.
      await writeFile(stackFile("wrong"), `config:\n  kubeflow:target: sandbox\n${text}`);
      const { exitCode, stdout, stderr } = await startKf(["preview", "wrong"], search.env, search.checkout.root);
      assert.equal(exitCode, 2, `${text}${stdout}${stderr}`);
      search.expectNone(search.canaries.find(text.slice(0, 30), stdout + stderr), "kf preview");
    }
    await rm(stackFile("wrong"));
  });

  it("are not in words about a cluster that is not there, or a passphrase that does not fit", async () => {
    await search.kf(["up", "unreachable", "--engine", "offline"], { codes: [1] });
    await search.kf(["preview", "full"], { codes: [1], env: { PULUMI_CONFIG_PASSPHRASE: "another-passphrase" } });
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    it(`are not in what a ${signal} leaves`, async () => {
      await search.kf(["destroy", "small"]);
      const journal = path.join(search.folder, "data", "stacks", "stacks", "kubeflow", "small.journal");
      await search.kf(["up", "small", "--json"], {
        codes: [0, 1, undefined],
        async meanwhile(pid) {
          for (let tries = 0; tries < 2_000 && !existsSync(journal); tries += 1) await delay(10);
          process.kill(pid, signal);
        },
      });
      await search.kf(["up", "small"]);
      await addGenerated("small");
    });
  }

  it("are nowhere in the end", () => {
    search.expectNone(search.canaries.findBelow(path.join(search.folder, "temporary")), "temporary files");
    search.expectNone(search.findInFiles(), "everything written");
  });
});
