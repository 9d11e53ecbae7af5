/** One operation on one stack, from its name to its result: configuration, cluster, release, engine. */
import type { OperationKind, OperationResult, ReportValue } from "../engine/report.ts";
import type { Violation } from "../policy/evaluate.ts";
import { UserError } from "../shared/errors.ts";
import { projectRoot } from "../shared/paths.ts";
import { parseStackConfig, type StackConfig } from "../stacks/config.ts";
import { consentFor } from "./consent.ts";
import { runOffline } from "./offline.ts";
import { cloudOf } from "./simulation.ts";
import { readRawConfig } from "./stack-file.ts";

export interface StackFlags {
  readonly quiet?: true;
  readonly parallel: number;
  readonly engine?: "offline" | "pulumi";
  readonly adopt?: true;
  readonly json?: true;
  /** What is planned is agreed to without a question. */
  readonly yes?: true;
  /** What is planned is agreed to without being shown. */
  readonly skipPreview?: true;
  /** `refresh` and `destroy`: only tell what would be done. */
  readonly previewOnly?: true;
  /** First take over what has become of the resources. */
  readonly refresh?: true;
  /** Show every property of what changes. */
  readonly diff?: true;
  /** URNs of the resources that alone are worked on. Only the Pulumi CLI has these. */
  readonly targets?: readonly string[];
  /** With `targets`: also what depends on them. */
  readonly targetDependents?: true;
  /** Clouds are tables, the cluster is a sandbox, and state is kept apart from the real one's. */
  readonly simulate?: true;
  /** Faults of the simulated cloud. */
  readonly fault?: readonly string[];
  /** List every resource that the program asks for, with its inputs. */
  readonly resources?: true;
  /** Plan as if nothing were there: no cluster is asked, and stand-ins take the place of secrets that are closed. */
  readonly fromNothing?: true;
  /** The sandbox that is the simulated cluster. @default - one of the stack's own */
  readonly sandbox?: string;
}

/** A resource as the program asks for it; secrets are `[secret]`, what only an apply tells is `[unknown]`. */
export interface PlannedResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs: ReportValue;
  readonly protect?: true;
  readonly retainOnDelete?: true;
  readonly parent?: string;
  /** URNs of what it is told to wait for, and of what its inputs come from, sorted. */
  readonly dependencies: readonly string[];
  /** Of the inputs that hold something unknown: URNs of what will tell it. Absent where nothing is unknown. */
  readonly unknownFrom?: Readonly<Record<string, readonly string[]>>;
}

export interface StackResult extends OperationResult {
  /** Nothing real was asked or changed: tables answered for a cloud, and nobody for a cluster without a kubeconfig. */
  readonly simulated?: true;
  /** What the program asks for, in the order of the URNs. Only when it is asked for. */
  readonly resources?: readonly PlannedResource[];
  /** What the policy pack finds. The Pulumi CLI tells it as diagnostics. */
  readonly policies?: readonly Violation[];
}

/**
 * Runs an operation with the engine that the flags or, without them, the target asks for.
 *
 * @throws UserError before anything was changed.
 */
export async function runOperationOn(kind: OperationKind, stack: string, flags: StackFlags): Promise<StackResult> {
  const consent = consentFor(kind, flags);
  const raw = await readRawConfig(stack);
  const config = parseStackConfig(stack, raw);
  const engine = flags.engine ?? (flags.simulate === true ? "offline" : defaultEngine(kind, config));
  const problem =
    (engine === "offline" ? unsupportedOffline(kind, stack, flags) : undefined) ??
    wrongUse(kind, config, flags, engine);
  if (problem !== undefined) throw new UserError(problem, { exitCode: 2 });
  if (kind === "up") await refuseUnfinished(stack);
  if (engine === "pulumi") {
    const { runPulumi } = await import("./pulumi-engine.ts");
    return runPulumi(kind, stack, flags, consent);
  }
  return runOffline(kind, stack, config, flags, { consent });
}

/** Half of a promotion is a release that nobody has tried. */
async function refuseUnfinished(stack: string): Promise<void> {
  const { readUnfinished } = await import("./promote/records.ts");
  const record = (await readUnfinished(projectRoot, stack))?.record;
  if (record === undefined) return;
  const again = record.kind === "rollback" ? `kf rollback ${stack}` : `kf promote ${record.from ?? "FROM"} ${stack}`;
  throw new UserError(`${stack}: a ${record.kind} was cut off on ${record.at}; end it first: ${again}`);
}

function defaultEngine(kind: OperationKind, config: StackConfig): "offline" | "pulumi" {
  return config.target === "sandbox" || kind === "preview" ? "offline" : "pulumi";
}

/** What of the flags only the Pulumi CLI does. */
function unsupportedOffline(
  kind: OperationKind,
  stack: string,
  { targets, targetDependents }: StackFlags,
): string | undefined {
  if (targets === undefined && targetDependents === undefined) return undefined;
  const flags = [
    ...(targets ?? []).map((urn) => `--target '${urn}'`),
    ...(targetDependents === true ? ["--target-dependents"] : []),
  ];
  return (
    `${targets === undefined ? "--target-dependents" : "--target"}: not with the offline engine, which works on the ` +
    `whole stack. Allowed: kf ${kind} ${stack} --engine pulumi ${flags.join(" ")}`
  );
}

/** What of the flags does not fit the stack or each other. */
function wrongUse(
  kind: OperationKind,
  config: StackConfig,
  flags: StackFlags,
  engine: "offline" | "pulumi",
): string | undefined {
  const isCloud = cloudOf(config) !== undefined;
  if (flags.fromNothing === true && (kind !== "preview" || engine !== "offline" || flags.simulate === true))
    return "--from-nothing is a plan of the offline engine; leave out --simulate and --engine pulumi";
  if (flags.refresh === true && engine === "offline" && (flags.fromNothing === true || (isCloud && !flags.simulate)))
    return "--refresh: this plan asks no cloud and no cluster; allowed: --engine pulumi, or a plan without --refresh";
  if (flags.simulate !== true) {
    if (kind === "up" && config.target === "kubeconfig" && config.kubeconfig === undefined) {
      return (
        "kubeflow:kubeconfig: not set, so there is no cluster to change; kf preview plans without one. Allowed: the " +
        "contents of a kubeconfig. Set it with: pulumi config set --secret kubeconfig < FILE"
      );
    }
    if (flags.fault !== undefined || flags.sandbox !== undefined)
      return "--fault and --sandbox say how a simulation runs; add --simulate";
    if (isCloud && engine === "offline" && kind !== "preview") {
      return (
        `--engine offline: it has no real clouds, so it can only plan the target ${config.target}. Allowed: --engine ` +
        "pulumi, for the real cloud, or --simulate"
      );
    }
    return undefined;
  }
  if (!isCloud) {
    return (
      `--simulate: the target ${config.target} is no cloud, so there is nothing to simulate; allowed: gke, eks, aks. ` +
      `Run it without --simulate`
    );
  }
  return engine === "pulumi"
    ? "--simulate: not with --engine pulumi, which has real providers only; leave one out"
    : undefined;
}
