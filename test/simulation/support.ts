/** Stacks of the program `cloud` on a simulated cloud of its own. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "../../engine/kubernetes/objects.ts";
import { runOperation, type OperationOptions } from "../../engine/operations.ts";
import type { ProviderFactory } from "../../engine/provider.ts";
import type { OperationKind, OperationResult } from "../../engine/report.ts";
import { SimulatedCloud } from "../../engine/simulation/cloud.ts";
import { Faults, parseFaults } from "../../engine/simulation/faults.ts";
import { simulationProviderFactory } from "../../engine/simulation/provider.ts";
import type { SimulationTable } from "../../engine/simulation/table.ts";
import { nameOfUrn } from "../../engine/urn.ts";

export const fakeTable: SimulationTable = {
  "fake:index:Network": {
    required: ["range"],
    optional: ["labels"],
    forceNew: ["range"],
    autoName: { property: "name", maxLength: 30, separator: "-" },
    answer: ({ token, config }) => ({ id: `networks/${text(config["region"])}/${token}`, outputs: {} }),
  },
  "fake:index:Cluster": {
    required: ["network"],
    optional: ["labels"],
    forceNew: ["network", "name"],
    autoName: { property: "name", maxLength: 30, separator: "-" },
    answer: ({ token }) => ({ id: token, outputs: { endpoint: `https://${token}.example.com` } }),
  },
  "fake:index:Pool": {
    required: ["cluster"],
    optional: ["size"],
    forceNew: ["cluster"],
    autoName: { property: "name", maxLength: 30, separator: "-" },
    answer: ({ token }) => ({ id: token, outputs: {} }),
  },
  "fake:index:Database": {
    required: ["network", "password"],
    optional: ["note"],
    forceNew: ["network"],
    autoName: { property: "name", maxLength: 30, separator: "-" },
    secretOutputs: ["certificate"],
    answer: ({ token, inputs }) => ({
      id: token,
      outputs: { certificate: `certificate of ${token}`, connection: `mysql://root:${text(inputs["password"])}@db` },
    }),
  },
  "fake:index:Bucket": {
    required: [],
    optional: [],
    autoName: { property: "name", maxLength: 30, separator: "-" },
    answer: ({ token }) => ({ id: token, outputs: {} }),
  },
};

export class SimulatedStack {
  readonly folder: string;
  readonly told: string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<SimulatedStack> {
    return new SimulatedStack(await mkdtemp(path.join(tmpdir(), "simulation-")));
  }

  get cloudFile(): string {
    return path.join(this.folder, "cloud.json");
  }

  get snapshotFile(): string {
    return path.join(this.folder, "state", "stacks", "cloud", "dev.json");
  }

  async run(
    kind: OperationKind,
    mode = "",
    faults: readonly string[] = [],
    others: Readonly<Record<string, ProviderFactory>> = {},
    more: Partial<OperationOptions> = {},
  ): Promise<OperationResult> {
    const cloud = await SimulatedCloud.open(this.cloudFile);
    const parsed = parseFaults(faults, [fakeTable]);
    const told = { progress: (message: string) => void this.told.push(message), pause: () => Promise.resolve() };
    const fake = simulationProviderFactory(fakeTable, { cloud, faults: new Faults(parsed, told) });
    return runOperation(kind, {
      projectRoot: path.join(import.meta.dirname, "programs", "cloud"),
      stack: "dev",
      stateDir: path.join(this.folder, "state"),
      providers: { fake, ...others },
      config: { "cloud:mode": mode },
      ...more,
    });
  }

  /** What exists in the cloud, by logical name. */
  async existing(): Promise<readonly string[]> {
    const { resources } = await SimulatedCloud.open(this.cloudFile);
    return resources.map(({ urn }) => nameOfUrn(urn)).sort();
  }

  async files(): Promise<string> {
    return (await Promise.all([this.cloudFile, this.snapshotFile].map((file) => readFile(file, "utf8")))).join("\n");
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
