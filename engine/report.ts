/** What an operation tells its caller: while it runs (events) and at the end (result). Plain data, no secrets. */

export type OperationKind = "preview" | "up" | "refresh" | "destroy";

export type StepOp = "same" | "create" | "update" | "replace" | "delete" | "read";

/** JSON for a report: secrets are `"[secret]"`, values only the apply will tell `"[unknown]"`. */
export type ReportValue =
  null | boolean | number | string | readonly ReportValue[] | { readonly [key: string]: ReportValue };

export interface PropertyDiff {
  /** Property path in Pulumi's notation, e.g. `spec.ports[0].port`, `metadata.labels["app.kubernetes.io/name"]`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  readonly old?: ReportValue;
  readonly new?: ReportValue;
}

export interface StepReport {
  readonly urn: string;
  readonly type: string;
  readonly op: StepOp;
  readonly diffs: readonly PropertyDiff[];
  /** Why the resource cannot be changed in place. */
  readonly replaceReasons?: readonly { readonly path: string; readonly reason: string }[];
  /** Why the step failed, fit for a person. */
  readonly error?: string;
}

export interface Diagnostic {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  readonly urn?: string;
}

/** `up` has two: `plan` finds out what there is to do, `apply` does it. */
export type Pass = "plan" | "apply";

export type EngineEvent =
  | { readonly kind: "phase"; readonly name: string }
  /** After the plan pass of an `up`: what the apply pass will do. */
  | { readonly kind: "planned"; readonly summary: Summary }
  | ({ readonly kind: "step-started"; readonly pass: Pass } & Pick<StepReport, "urn" | "type" | "op">)
  | { readonly kind: "step-finished"; readonly pass: Pass; readonly step: StepReport; readonly ms: number }
  | ({ readonly kind: "diagnostic" } & Diagnostic);

/** How many steps of each kind succeeded or, in a plan, are to be done. `read` only where there are any. */
export type Summary = Record<Exclude<StepOp, "read">, number> & { read?: number };

export interface OperationResult {
  readonly kind: OperationKind;
  readonly project: string;
  readonly stack: string;
  /** In the order in which they finished. Default providers are in state but not here, as with the Pulumi CLI. */
  readonly steps: readonly StepReport[];
  readonly summary: Summary;
  /** Stack outputs. Secrets masked unless `showSecrets`. */
  readonly outputs: { readonly [name: string]: ReportValue };
  readonly failed: boolean;
  /** What an `up`, `refresh` or `destroy` would do; nothing was done. */
  readonly planned?: true;
  readonly diagnostics: readonly Diagnostic[];
  /** Milliseconds by phase: `load state`, `start program`, `plan`, `preflight`, `apply`, `delete`, `save`. */
  readonly timings: { readonly [phase: string]: number };
}
