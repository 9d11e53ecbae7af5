/** What `kf --engine pulumi` says where the real Pulumi CLI does not get far. No case here needs a cluster. */
import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { kf, type Ran } from "../../support/kf.ts";
import { usePulumiWorkspace } from "../../support/pulumi-workspace.ts";
import { object, writeRelease } from "../../support/small-release.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const nowhere = {
  ...{ apiVersion: "v1", kind: "Config", "current-context": "a" },
  contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
  clusters: [{ name: "a", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "a", user: { token: "a-token-of-nobody" } }],
};

describe("refusals with the Pulumi CLI", function () {
  this.timeout(180_000);
  const workspace = usePulumiWorkspace();
  let release: string;

  const run = (stack: string, env: Environment = {}): Promise<Ran> =>
    kf(
      ["up", stack, "--engine", "pulumi", "--skip-preview"],
      { ...workspace().env, ...env },
      workspace().checkout.root,
    );
  const makeStack = async (name: string, kubeconfig: unknown = nowhere): Promise<void> => {
    await workspace().checkout.stack(name, { target: "kubeconfig", release, kubeconfig: JSON.stringify(kubeconfig) });
  };
  /** A program of that name that does nothing but this, in a folder of its own. @returns the folder. */
  const program = async (name: string, folder: string, body: string): Promise<string> => {
    const file = path.join(workspace().folder, folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `#!/bin/sh\n${body}\n`);
    await chmod(file, 0o755);
    return path.dirname(file);
  };
  const firstOnPath = (folder: string): Environment => ({
    PATH: [folder, workspace().env["PATH"]].join(path.delimiter),
  });
  /** Every file of the backend with its content. */
  const backend = async (): Promise<ReadonlyMap<string, string>> => {
    const folder = path.join(workspace().folder, "backend");
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    return new Map(await Promise.all(files.sort().map(async (file) => [file, await readFile(file, "utf8")] as const)));
  };
  /** Before anything was looked at: one message, and the backend as it was. */
  const refused = async (stack: string, message: RegExp, env: Environment = {}, code = 1): Promise<Ran> => {
    const before = await backend();
    const ran = await run(stack, env);
    assert.equal(ran.code, code, ran.stderr);
    assert.equal(ran.stdout, "");
    const told = /^kf: [^]*/m.exec(ran.stderr)?.[0] ?? "";
    assert.match(told, message);
    assert.doesNotMatch(ran.stderr, /^\s+at \S+|unexpected error|a-token-of-nobody/m);
    assert.deepEqual(await backend(), before);
    return ran;
  };
  /** The CLI began, and failed with this before it changed anything in a cluster. */
  const failed = async (stack: string, messages: readonly RegExp[], env: Environment = {}): Promise<void> => {
    const { code, stdout, stderr } = await run(stack, env);
    assert.equal(code, 1, stderr);
    for (const message of messages) assert.match(stdout, message);
    assert.doesNotMatch(stdout + stderr, /^\s+at \S+:\d+|unexpected error|a-token-of-nobody/m);
    const { stdout: state } = await workspace().expectPulumi(["stack", "--stack", stack]);
    assert.doesNotMatch(state, /kubernetes:core/);
  };

  before(async () => {
    release = await writeRelease(path.join(workspace().folder, "release"), {
      components: { one: [object("Namespace", { name: "one" })] },
    });
    await makeStack("absent");
    await makeStack("made");
    await workspace().expectPulumi(["stack", "init", "made"]);
  });

  after(() => workspace().close());

  it("makes no stack by itself: says how when the backend has none of the name", async () => {
    await refused("absent", /^kf: stack absent: not in the backend.*pulumi stack init absent$/m);
  });

  for (const [title, env, words] of [
    ["wrong", { PULUMI_CONFIG_PASSPHRASE: "another" }, "incorrect passphrase"],
    ["missing", { PULUMI_CONFIG_PASSPHRASE: undefined }, "passphrase must be set"],
  ] as const) {
    it(`says how to give the passphrase that is ${title}`, async () => {
      await refused("made", new RegExp(`^kf: stack made: .*${words}.*export PULUMI_CONFIG_PASSPHRASE=`, "m"), env);
    });
  }

  it("says how to log in where the CLI is logged in to no backend", async () => {
    const home = path.join(workspace().folder, "empty-home");
    const env = { PULUMI_HOME: home, PULUMI_BACKEND_URL: undefined, PULUMI_ACCESS_TOKEN: undefined };
    await refused("made", /^kf: stack made: .*logged in to no backend.*pulumi login --local/m, env);
  });

  it("says who holds the stack, and how to take a dead one's lock away", async () => {
    const folder = path.join(workspace().folder, "backend", ".pulumi", "locks", "organization", "kubeflow", "made");
    await mkdir(folder, { recursive: true });
    const lock = { pid: 1, username: "someone", hostname: "elsewhere", timestamp: "2026-01-01T00:00:00Z" };
    await writeFile(path.join(folder, "0c1d.json"), JSON.stringify(lock));
    await refused("made", /^kf: stack made: another operation is under way: .*pulumi cancel --stack made$/m);
    await workspace().expectPulumi(["cancel", "--yes", "--stack", "made"]);
    assert.deepEqual(await readdir(folder).catch(() => []), []);
  });

  it("refuses a kubeconfig that is none, by its key and without its content", async () => {
    await makeStack("garbage", "a-token-of-nobody");
    await refused("garbage", /kubeflow:kubeconfig: .*pulumi config set --secret kubeconfig < FILE/, {}, 2);
  });

  for (const version of ["2.1.0", "4.0.0"]) {
    it(`goes past CLI ${version} on PATH, and says why`, async () => {
      const folder = await program("pulumi", `cli-${version}`, `echo v${version}`);
      const { stderr } = await refused("absent", /not in the backend/, firstOnPath(folder));
      assert.match(stderr, new RegExp(`${folder}/pulumi is ignored: version ${version}, wanted >=3\\.200\\.0 <4`));
    });
  }

  it("goes past a Kubernetes provider on PATH that does not start, and says why", async () => {
    const folder = await program("pulumi-resource-kubernetes", "broken", "exit 3");
    const { stderr } = await refused("absent", /not in the backend/, firstOnPath(folder));
    assert.match(stderr, /broken\/pulumi-resource-kubernetes is ignored: it tells no version/);
  });

  it("names an installed plugin that does not start, and how to get another", async () => {
    const { version } = JSON.parse(
      await readFile(
        path.join(workspace().checkout.root, "node_modules", "@pulumi", "kubernetes", "package.json"),
        "utf8",
      ),
    ) as { readonly version: string };
    const folder = await program(
      "pulumi-resource-kubernetes",
      `home/plugins/resource-kubernetes-v${version}`,
      "echo cannot start >&2; exit 3",
    );
    // Without the folders that `kf` found before.
    await failed("made", [/could not read plugin.*exit status 3/, /pulumi plugin rm resource/], {
      PATH: [path.dirname(process.execPath), "/usr/bin", "/bin"].join(path.delimiter),
    });
    await rm(folder, { recursive: true });
  });

  it("names the address where no API server answers, and what to check", async () => {
    await failed("made", [
      /Namespace one\n\s+failed: .*unreachable.*https:\/\/127\.0\.0\.1:1\/.*connection refused/,
      /kubectl get --raw \/readyz/,
    ]);
  });
});
