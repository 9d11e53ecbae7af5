/** Commands of a checkout of the test's own, each searched for secrets: what it prints, writes and leaves. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import type { Deployment } from "../../engine/deployment.ts";
import { PassphraseSecrets } from "../../engine/secrets.ts";
import { cacheDir } from "../../shared/paths.ts";
import { Canaries, type Leak } from "./canaries.ts";
import { copyCheckout, type Checkout } from "./checkout.ts";
import { Lookout } from "./lookout.ts";
import { addKubeconfig, passphrase, writeStacks } from "./secret-stacks.ts";
import { makeTestFolder } from "./temporary-data.ts";
import { kfInTerminal, type Answer } from "./terminal.ts";

export interface RunOptions {
  /** Exit codes that are right. @default - 0 */
  readonly codes?: readonly (number | undefined)[];
  /** Over the environment of all. */
  readonly env?: Readonly<Record<string, string>>;
  /** For its standard input. */
  readonly input?: string;
  /** It is killed, so its own folder of temporary files is left until the next run. */
  readonly leavesPrivate?: boolean;
  /** The Pulumi CLI not driven by `kf`: its Kubernetes provider leaves the kubeconfig as a temporary file. */
  readonly byCliItself?: boolean;
  /** What is done while it runs. */
  readonly meanwhile?: (pid: number) => Promise<void>;
}

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** What the cluster has to have in clear: its own keys and its database. */
const clusterItself = /^sandboxes\/[^/]+\/(kubeconfig$|clusters\/[^/]+\/(etcd|pki)\/)/;
/** Programs and sources of this machine's cache, and Node's code compiled: thousands of files that no run writes. */
const programs = /^(bin|build|debian|sources)(\/|$)|node-compile-cache|^node_modules$/;
/**
 * A file of the Kubernetes provider's own with the kubeconfig, written with every operation (cli/private-temporary.ts): under
 * `kf` in the run's own folder, which goes with the run; under the CLI by itself it stays.
 */
const ofProviderUnderKf = /\/kf-pulumi-\d+-\w+\/kubeconfig\d+$/;
const ofProvider = /\/(temporary|kf-pulumi-\d+-\w+)\/kubeconfig\d+$/;
const written = ["temporary", "data", "cache", "home", "backend"];
/** Programs and sources that are taken from the cache of this machine. */
const borrowed = ["bin", "build", "debian", "sources"];

export class SecretSearch {
  readonly canaries = new Canaries();
  /** Everything that is written is below, but for the checkout. */
  readonly folder: string;
  readonly checkout: Checkout;
  readonly env: Readonly<Record<string, string>>;
  /** Path of the sandbox's. */
  kubeconfig = "";

  private constructor(folder: string, checkout: Checkout, env: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.checkout = checkout;
    this.env = env;
  }

  /** With a sandbox, and the stacks with secrets. @param env for all commands. */
  static async open(env: Readonly<Record<string, string>>): Promise<SecretSearch> {
    const folder = await makeTestFolder("secrets");
    const below = (name: string): string => path.join(folder, name);
    for (const name of written) await mkdir(below(name));
    for (const name of borrowed) await symlink(cacheDir(name), path.join(below("cache"), name));
    const search = new SecretSearch(folder, await copyCheckout(), {
      TMPDIR: below("temporary"),
      KF_DATA_DIR: below("data"),
      KF_CACHE_DIR: below("cache"),
      HOME: below("home"),
      PULUMI_HOME: below("home/.pulumi"),
      PULUMI_BACKEND_URL: `file://${below("backend")}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_SKIP_CONFIRMATIONS: "true",
      NO_COLOR: "1",
      ...env,
    });
    await writeStacks(search.checkout, search.canaries);
    const { stdout } = await search.kf(["sandbox", "start", "--json"]);
    search.kubeconfig = (JSON.parse(stdout) as { readonly kubeconfig: string }).kubeconfig;
    addKubeconfig(search.canaries, "the sandbox's kubeconfig", await readFile(search.kubeconfig, "utf8"));
    return search;
  }

  async close(): Promise<void> {
    await this.kf(["sandbox", "stop"]);
    await this.checkout.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  kf(args: readonly string[], options: RunOptions = {}): Promise<Printed> {
    return this.run(process.execPath, [path.join(this.checkout.root, "cli", "main.ts"), ...args], options);
  }

  /** @throws AssertionError for another exit code, and for every secret that is found, without its value. */
  async run(
    file: string,
    args: readonly string[],
    { codes = [0], env = {}, input, meanwhile, leavesPrivate = false, byCliItself = false }: RunOptions = {},
  ): Promise<Printed> {
    const title = [
      path.basename(args[0]?.endsWith("main.ts") === true ? "kf" : file),
      ...args.slice(file === process.execPath ? 1 : 0),
    ].join(" ");
    const lookout = await Lookout.open(this.folder + "/temporary");
    const running = execa(file, args, {
      cwd: this.checkout.root,
      env: { ...this.env, ...env },
      ...(input === undefined ? { stdin: "ignore" as const } : { input }),
      reject: false,
      maxBuffer: 500_000_000,
    });
    await Promise.all([running, meanwhile?.(running.pid ?? 0)]);
    const { exitCode, stdout, stderr } = await running;
    const { leaks } = await lookout.search(this.canaries);
    const printed = [
      ...this.canaries.find(`stdout of ${title}`, stdout),
      ...this.canaries.find(`stderr of ${title}`, stderr),
    ];
    const isExpected = ({ place }: Leak): boolean => (byCliItself ? ofProvider : ofProviderUnderKf).test(place);
    const passing = leaks.filter((leak) => !isExpected(leak));
    const left = this.findInFiles().filter((leak) => !((leavesPrivate || byCliItself) && isExpected(leak)));
    this.expectNone([...printed, ...passing, ...left], title);
    if (byCliItself) await this.#dropKubeconfigs();
    assert.ok(
      codes.includes(exitCode),
      `${title}: exit code ${String(exitCode)}\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`,
    );
    return { stdout, stderr };
  }

  /** What the Kubernetes provider leaves, for all but its user closed. */
  async #dropKubeconfigs(): Promise<void> {
    const folder = path.join(this.folder, "temporary");
    for (const name of await readdir(folder)) {
      if (!/^kubeconfig\d+$/.test(name)) continue;
      assert.equal((await stat(path.join(folder, name))).mode & 0o777, 0o600);
      await rm(path.join(folder, name));
    }
  }

  /** The same in a terminal. */
  async inTerminal(args: readonly string[], answers: readonly Answer[]): Promise<string> {
    const lookout = await Lookout.open(this.folder + "/temporary");
    const { screen } = await kfInTerminal(
      args,
      { ...this.env, PULUMI_SKIP_CONFIRMATIONS: "" },
      answers,
      this.checkout.root,
    );
    const { leaks } = await lookout.search(this.canaries);
    // A long value may be broken into lines of the screen.
    const shown = [screen, screen.replaceAll(/\s*\r?\n\s*/g, "")].flatMap((text) =>
      this.canaries.find("the screen", text),
    );
    this.expectNone([...shown, ...leaks, ...this.findInFiles()], args.join(" "));
    return screen;
  }

  /** Everything that was ever written and is still there. */
  findInFiles(): readonly Leak[] {
    const folders = written.map((name) => path.join(this.folder, name));
    return [...folders, this.checkout.root].flatMap((folder) =>
      this.canaries.findBelow(folder, (name) => clusterItself.test(name) || programs.test(name)),
    );
  }

  expectNone(leaks: readonly Leak[], title: string): void {
    const lines = new Set(leaks.map(({ name, form, place }) => `${name} (${form}) in ${place}`));
    assert.equal(lines.size, 0, `${title}: secrets in clear:\n${[...lines].slice(0, 40).join("\n")}`);
  }

  /** From here on, whatever a state has of generated secrets is searched for, too: passwords, and the hashes of them. */
  async addGenerated(stack: string, state: string): Promise<number> {
    const { deployment } = JSON.parse(state) as Deployment;
    const salt = deployment.secrets_providers?.state?.salt;
    const opened = await PassphraseSecrets.open({ text: passphrase, source: "the test", generated: false }, salt);
    let count = 0;
    for (const { urn, type, outputs } of deployment.resources ?? []) {
      if (type?.startsWith("random:") !== true) continue;
      const values: readonly (readonly [string, unknown])[] = Object.entries(outputs ?? {});
      for (const [key, value] of values) {
        if (typeof value !== "object" || value === null || !("ciphertext" in value)) continue;
        const plain = JSON.parse(opened.decrypt(String(value.ciphertext), urn)) as unknown;
        if (typeof plain !== "string") continue;
        this.canaries.add(`${stack}: ${urn.split("::").at(-1) ?? ""} ${key}`, plain);
        count += 1;
      }
    }
    return count;
  }
}

/** An admission policy that refuses each change of a Secret, and quotes it, as policies of companies do. */
export const quotingPolicy = {
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "quoting" },
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["secrets"] },
          ],
        },
        validations: [
          {
            expression: "!has(object.data.password)",
            messageExpression: "'refused with ' + string(object.data.password)",
          },
        ],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "quoting" },
      spec: { policyName: "quoting", validationActions: ["Deny"] },
    },
  ],
};
