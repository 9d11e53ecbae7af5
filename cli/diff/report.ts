/** What `kf diff` finds between two commits: the JSON that it writes, and what its pages are made from. */
import type { PropertyDiff, ReportValue } from "../../engine/report.ts";

export interface DiffReport {
  readonly base: { readonly ref: string; readonly commit: string };
  /** `dirty`: the working tree has changes beside its commit. */
  readonly head: { readonly commit: string; readonly dirty: boolean };
  /** Those that plan otherwise than before, or could not be planned, in the order of their names. */
  readonly stacks: readonly StackDiff[];
  /** Names of stacks whose plans are the same. */
  readonly unaffected: readonly string[];
  /** Every change once, with all stacks that it is in. */
  readonly changes: readonly Change[];
  /** Every resource of the affected stacks once: the changed ones, and the others for the picture. */
  readonly graph: readonly GraphNode[];
  /** Milliseconds by phase. */
  readonly timings: Readonly<Record<string, number>>;
}

export interface StackDiff {
  readonly stack: string;
  readonly target: string;
  readonly environment: string;
  /** Why it could not be planned, and at which of the two. Then all else is empty. */
  readonly failure?: { readonly at: "base" | "head"; readonly message: string };
  readonly is: "new" | "removed" | "changed";
  readonly summary: Readonly<Record<ChangeOp, number>>;
  /** What is violated now and was not before, and the other way round: `rule`, who, what. */
  readonly policies: { readonly added: readonly PolicyChange[]; readonly resolved: readonly PolicyChange[] };
  /** US dollars a month at least and at most; undefined where there is no cloud or no price. */
  readonly cost: BeforeAndAfter<{ readonly atLeastUsd: number; readonly atMostUsd: number } | undefined>;
  /** By kind of GPU, how many at least and at most. */
  readonly gpus: BeforeAndAfter<Readonly<Record<string, { readonly min: number; readonly max: number }>>>;
}

interface BeforeAndAfter<T> {
  readonly before: T;
  readonly after: T;
}

export interface PolicyChange {
  readonly rule: string;
  readonly enforcement: string;
  readonly resource: string;
  readonly message: string;
}

export type ChangeOp = "create" | "change" | "replace" | "delete";

export interface Change {
  /** Unique in the report, and the same for the same change in another run. */
  readonly id: string;
  readonly op: ChangeOp;
  readonly type: string;
  readonly name: string;
  readonly stacks: readonly string[];
  /** Without noise. Of what is new or gone none: `inputs` has all of it. Secrets and unknowns are `[secret…]`, `[unknown]`. */
  readonly diffs: readonly PropertyDiff[];
  /** Of what is new or gone. */
  readonly inputs?: ReportValue;
  readonly replaceReasons: readonly { readonly path: string; readonly reason: string }[];
  /** What a reviewer must not miss, worst first. */
  readonly findings: readonly Finding[];
}

export type FindingKind =
  | "data-loss"
  | "cluster-replaced"
  | "replaced-too"
  | "permissions-grew"
  | "public-exposure"
  | "image"
  | "crd-version"
  | "protection-removed";

export interface Finding {
  readonly kind: FindingKind;
  /** `danger`: it destroys something or lets somebody in. */
  readonly level: "danger" | "warning" | "info";
  readonly message: string;
}

export interface GraphNode {
  /** Unique in the graph: the URN without stack and project. */
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly stacks: readonly string[];
  /** Ids of nodes. */
  readonly parent?: string;
  readonly dependsOn: readonly string[];
  /** Of {@link Change}, when it changes. */
  readonly change?: string;
  readonly op: ChangeOp | "same";
}
