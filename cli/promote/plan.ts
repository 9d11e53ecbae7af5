/** The plan of a stack with a release that is not in its files yet. */
import { loadProject } from "../../engine/project.ts";
import { storedResources } from "../../engine/stored-state.ts";
import { messageOf, UserError } from "../../shared/errors.ts";
import { parseStackConfig, type StackConfig } from "../../stacks/config.ts";
import { defaultParallel } from "../arguments.ts";
import { runOffline } from "../offline.ts";
import type { StackResult } from "../operation.ts";
import { Phases } from "../progress.ts";
import { describeSummary } from "../report.ts";
import { readRawConfig } from "../stack-file.ts";
import { configOf } from "./config-file.ts";
import { destructionsBetween, destructionsIn, type Destruction } from "./destructive.ts";
import type { PlanFacts } from "./gates.ts";
import type { PlacedPart } from "./release-part.ts";

export interface PlanOptions {
  readonly root: string;
  readonly stateDir: string;
  readonly stack: string;
  readonly file: string;
  readonly placed: PlacedPart;
  /** Where the lock is that the plan is made with: that of the stack may have to be written yet. */
  readonly release: string;
  readonly engine?: "offline" | "pulumi" | undefined;
  readonly quiet: boolean;
}

export interface Plan {
  readonly facts: PlanFacts;
  /** What it would destroy; where the state is not here, what the files say differs. */
  readonly destroyed: readonly Destruction[];
  /** Undefined when it came to nothing: `facts` say why. */
  readonly result: StackResult | undefined;
}

export async function planWith(options: PlanOptions): Promise<Plan> {
  const { root, stack } = options;
  try {
    const overrides = await overridesOf(options);
    const raw = await readRawConfig(stack, root);
    const config = parseStackConfig(stack, { ...raw, ...overrides });
    const stored = await storedResources({ projectRoot: root, stateDir: options.stateDir, stack });
    const isHere = options.engine === "offline" || config.target === "sandbox" || stored.length > 0;
    const preview = (planned: StackConfig, changed: Record<string, string>): Promise<StackResult> => {
      const flags = { parallel: defaultParallel, resources: true } as const;
      const phases = new Phases(options.quiet);
      return runOffline("preview", stack, planned, flags, { phases, overrides: changed });
    };
    const { resources = [], ...result } = await preview(config, overrides);
    const facts: PlanFacts = {
      failed: result.failed,
      errors: errorsOf(result),
      policies: result.policies ?? [],
      summary: describeSummary(result),
      stateKnown: result.simulated !== true && isHere,
    };
    if (facts.stateKnown) {
      const retained = stored.filter(({ retainOnDelete }) => retainOnDelete === true).map(({ urn }) => urn);
      return { facts, destroyed: destructionsIn(result.steps, new Set(retained)), result };
    }
    const { resources: present = [], ...now } = await preview(parseStackConfig(stack, raw), {});
    if (present.length === 0)
      throw new UserError(`as it is now, so nothing can be compared: ${errorsOf(now).join("; ")}`);
    return { facts, destroyed: await destructionsBetween(present, resources), result };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const nothing = { policies: [], summary: "", stateKnown: false };
    return { facts: { failed: true, errors: [messageOf(error)], ...nothing }, destroyed: [], result: undefined };
  }
}

function errorsOf({ steps, diagnostics }: StackResult): readonly string[] {
  const failed = steps.flatMap(({ urn, error }) => (error === undefined ? [] : [`${urn}: ${error}`]));
  const said = diagnostics.flatMap(({ severity, message }) => (severity === "error" ? [message] : []));
  return [...new Set([...failed, ...said])];
}

/** Only keys that change: what is encrypted in the others stays with the file, where the engine opens it. */
async function overridesOf({ root, stack, file, placed, release }: PlanOptions): Promise<Record<string, string>> {
  const { config: declared } = await loadProject(root);
  const config = configOf(placed.configText, file);
  const keys = new Set(placed.changes.map(({ path: [key] }) => key));
  const entries = [...keys].map((key) => {
    const value = config[key] ?? declared[key]?.default ?? "";
    return [key, typeof value === "string" ? value : JSON.stringify(value)] as const;
  });
  const secret = entries.find(([, text]) => text.includes('"secure":'));
  if (secret !== undefined) {
    throw new UserError(
      `${stack}: ${secret[0]} changes and has encrypted values, which are not opened for a plan ahead; move them to ` +
        "kubeflow:secrets, or make the change by hand",
    );
  }
  return { ...Object.fromEntries(entries), "kubeflow:release": release };
}
