import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { runOperation, type OperationOptions } from "../../../engine/operations.ts";
import type { OperationKind, OperationResult, StepReport } from "../../../engine/report.ts";
import { nameOfUrn } from "../../../engine/urn.ts";
import { World } from "./fake-provider.ts";

const programs = path.resolve(import.meta.dirname, "../programs");

/** One stack of a program below test/engine/programs, with its own state and its own world. */
export class TestStack {
  readonly folder: string;
  readonly world: World;
  readonly program: string;
  readonly name: string;

  private constructor(folder: string, program: string, name: string) {
    this.folder = folder;
    this.program = program;
    this.name = name;
    this.world = new World(path.join(folder, "world"));
  }

  static async create(program: string, name = "dev"): Promise<TestStack> {
    return new TestStack(await mkdtemp(path.join(tmpdir(), "engine-")), program, name);
  }

  /** Another stack that shares state and world. */
  sibling(program: string, name: string): TestStack {
    return new TestStack(this.folder, program, name);
  }

  get stateDir(): string {
    return path.join(this.folder, "state");
  }

  get snapshotFile(): string {
    return path.join(this.stateDir, "stacks", this.program, `${this.name}.json`);
  }

  get projectRoot(): string {
    return path.join(programs, this.program);
  }

  /** @param config by the program's own keys; `mode` says which of its variants to run. */
  run(
    kind: OperationKind,
    config: Record<string, string> = {},
    more: Partial<OperationOptions> = {},
  ): Promise<OperationResult> {
    const entries = Object.entries(config).map(([key, value]) => [
      key.includes(":") ? key : `${this.program}:${key}`,
      value,
    ]);
    return runOperation(kind, {
      projectRoot: this.projectRoot,
      stack: this.name,
      stateDir: this.stateDir,
      providers: { test: this.world.factory },
      config: Object.fromEntries(entries) as Record<string, string>,
      ...more,
    });
  }

  async snapshot(): Promise<string> {
    return readFile(this.snapshotFile, "utf8");
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Sets the passphrase for the tests of the suite that calls this; without one, as a machine that has none. */
export function usePassphrase(passphrase: string | undefined): void {
  const names = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"];
  let saved: readonly (string | undefined)[];
  before(() => {
    saved = names.map((name) => process.env[name]);
    for (const name of names) Reflect.deleteProperty(process.env, name);
    if (passphrase !== undefined) process.env["PULUMI_CONFIG_PASSPHRASE"] = passphrase;
  });
  after(() => {
    for (const [index, name] of names.entries()) {
      const value = saved[index];
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });
}

/** The steps that do something, as `op name`. */
export function changes(result: OperationResult): readonly string[] {
  return result.steps.filter(({ op }) => op !== "same").map((step) => `${step.op} ${nameOfUrn(step.urn)}`);
}

export function stepOf(result: OperationResult, name: string): StepReport {
  const step = result.steps.find(({ urn }) => nameOfUrn(urn) === name);
  if (step === undefined) throw new Error(`no step for ${name}: ${JSON.stringify(result, undefined, 1)}`);
  return step;
}

/** @throws with what went wrong when the operation failed. */
export function succeeded(result: OperationResult): OperationResult {
  if (!result.failed) return result;
  const errors = result.steps
    .filter(({ error }) => error !== undefined)
    .map(({ urn, error }) => `${urn}: ${String(error)}`);
  throw new Error(
    [...errors, ...result.diagnostics.map(({ severity, message }) => `${severity}: ${message}`)].join("\n"),
  );
}
