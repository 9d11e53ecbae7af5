/** The real Pulumi CLI as a user has it: a checkout, a backend on disk, a passphrase, and plugins on PATH. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { ensurePulumi } from "../../tools/pulumi.ts";
import { copyCheckout, type Checkout } from "./checkout.ts";
import { changesOf, readEvents, type LoggedStep } from "./event-log.ts";
import { kf } from "./kf.ts";
import { neededMirror } from "./mirror.ts";
import { neededTime } from "./not-run.ts";
import { makeTestFolder } from "./temporary-data.ts";

export interface PulumiWorkspace {
  readonly checkout: Checkout;
  /** Everything of the test lives below. */
  readonly folder: string;
  /** For `pulumi` and for `kf`. */
  readonly env: Readonly<Record<string, string>>;
  /** What stands in for parts of Pulumi that are not to be had here. */
  readonly standIns: readonly string[];
  /** Starts `pulumi` in the checkout. */
  readonly pulumi: (args: readonly string[], more?: MoreOptions) => ReturnType<typeof startPulumi>;
  /** @returns what it printed. @throws with its whole output when it exits with another code. */
  readonly expectPulumi: (args: readonly string[], code?: number, more?: MoreOptions) => Promise<PulumiOutput>;
  /** Runs `pulumi up`, `preview`, `refresh` or `destroy`. @returns what it changed, or would change. */
  readonly changes: (args: readonly string[], code?: number, more?: MoreOptions) => Promise<readonly LoggedStep[]>;
  /** Starts a sandbox of the workspace. @returns the path of its kubeconfig. */
  readonly startSandbox: (name?: string) => Promise<string>;
  /** Makes the stack in the backend, for the cluster of this kubeconfig. */
  readonly initStack: (stack: string, kubeconfig: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface MoreOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

interface PulumiOutput {
  readonly stdout: string;
  readonly stderr: string;
}

const passphrase = "canary-passphrase-3f81";

/** What a suite needs. */
interface Needs {
  /** The real releases. @default - releases of the project's or of the test's own */
  readonly mirror?: true;
  /** What the suite takes, for one that takes long. */
  readonly minutes?: number;
}

/** Gives the suite that it is called in a workspace. @returns a function that gives it, for use inside tests and hooks. */
export function usePulumiWorkspace({ mirror, minutes }: Needs = {}): () => PulumiWorkspace {
  let workspace: PulumiWorkspace | undefined;
  before(async function () {
    if (minutes !== undefined) neededTime(this, minutes);
    workspace = await openPulumiWorkspace(mirror === undefined ? "/no-mirror-is-needed" : neededMirror(this));
    for (const note of workspace.standIns) process.stdout.write(`    STANDS IN: ${note}\n`);
  });
  after(() => workspace?.close());
  return () => {
    if (workspace === undefined) throw new Error("the workspace of the Pulumi CLI: used before it was opened");
    return workspace;
  };
}

/** @param mirror of the releases. */
export async function openPulumiWorkspace(mirror: string): Promise<PulumiWorkspace> {
  const { folders, standIns } = await ensurePulumi(() => undefined);
  const folder = await makeTestFolder("pulumi");
  const backend = path.join(folder, "backend");
  await mkdir(backend);
  const checkout = await copyCheckout();
  const sandboxes = new Set<string>();
  const env = {
    KF_DATA_DIR: path.join(folder, "data"),
    KF_MIRROR: mirror,
    PATH: [path.dirname(process.execPath), ...folders, process.env["PATH"] ?? ""].join(path.delimiter),
    PULUMI_HOME: path.join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const pulumi = (args: readonly string[], { input = "", env: more = {} }: MoreOptions = {}) =>
    startPulumi(args, checkout.root, { ...env, ...more }, input);
  const expectPulumi: PulumiWorkspace["expectPulumi"] = async (args, code = 0, more = {}) => {
    const { exitCode, stdout, stderr } = await pulumi(args, more);
    if (exitCode === code) return { stdout, stderr };
    const shown = `${stdout.slice(-6000)}\n${stderr.slice(-6000)}`;
    throw new Error(`pulumi ${args.join(" ")}: exit code ${String(exitCode)}, expected ${String(code)}\n${shown}`);
  };
  return {
    ...{ checkout, folder, env, standIns, pulumi, expectPulumi },
    async changes(args, code = 0, more = {}) {
      const file = path.join(folder, `events-${randomUUID()}.json`);
      // It hides this flag else.
      await expectPulumi([...args, "--event-log", file], code, {
        ...more,
        env: { ...more.env, PULUMI_DEBUG_COMMANDS: "true" },
      });
      return changesOf(await readEvents(file));
    },
    async startSandbox(name = "default") {
      sandboxes.add(name);
      const { code, stdout, stderr } = await kf(["sandbox", "start", "--name", name, "--json"], env, checkout.root);
      if (code !== 0) throw new Error(stderr);
      return (JSON.parse(stdout) as { readonly kubeconfig: string }).kubeconfig;
    },
    async initStack(stack, kubeconfig) {
      await expectPulumi(["stack", "init", stack]);
      const input = `${await readFile(kubeconfig, "utf8")}\n`;
      await expectPulumi(["config", "set", "--secret", "kubeconfig", "--stack", stack], 0, { input });
    },
    async close() {
      for (const name of sandboxes) {
        const { code, stderr } = await kf(["sandbox", "stop", "--name", name], env, checkout.root);
        // Its folder stays then, for the next run to stop what runs in it.
        if (code !== 0) throw new Error(stderr);
      }
      await checkout.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function startPulumi(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  input: string,
) {
  return execa("pulumi", [...args, "--non-interactive", "--color", "never"], {
    ...{ cwd, env, input },
    reject: false,
    maxBuffer: 500_000_000,
  });
}
