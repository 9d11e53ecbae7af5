/** Consent to an operation before it changes anything: the same flags, and the same question, as the Pulumi CLI has. */
import type { OperationKind, OperationResult, StepOp } from "../engine/report.ts";
import { Declined, UserError } from "../shared/errors.ts";
import type { StackFlags, StackResult } from "./operation.ts";
import { describePolicies } from "./policy.ts";
import { describeResult, describeUrn } from "./report.ts";

/** Shows a plan and has it agreed to. @throws Declined when it is not. */
export type Consent = (plan: StackResult, signal?: AbortSignal) => Promise<void>;

type Environment = Readonly<Record<string, string | undefined>>;

/** As Pulumi calls the operations when it asks. */
const titles: Readonly<Record<OperationKind, string>> = {
  preview: "preview",
  up: "update",
  refresh: "refresh",
  destroy: "destroy",
};

/** How many of the resources that go are named in the question. */
const namedInQuestion = 3;

/**
 * How an operation is agreed to.
 *
 * @returns undefined when nothing is to be shown or asked.
 * @throws UserError (wrong usage) when nobody can be asked and no flag agrees.
 */
export function consentFor(kind: OperationKind, flags: StackFlags): Consent | undefined {
  const { previewOnly, skipPreview, json, diff = false } = flags;
  const problem = contradiction(flags);
  if (problem !== undefined) throw new UserError(problem, { exitCode: 2 });
  if (kind === "preview" || previewOnly === true) return undefined;
  const isAgreed = flags.yes === true || skipPreview === true || isTruthy(process.env["PULUMI_SKIP_CONFIRMATIONS"]);
  if (!isAgreed && (json === true || !isInteractive())) throw new UserError(mustAgree(kind, json), { exitCode: 2 });
  if (skipPreview === true || json === true) return undefined;
  return async (plan, signal) => {
    show(plan, diff);
    if (!isAgreed) await ask(plan, diff, signal);
  };
}

function contradiction({ previewOnly, skipPreview, yes }: StackFlags): string | undefined {
  if (previewOnly !== true) return undefined;
  const other = skipPreview === true ? "--skip-preview" : yes === true ? "--yes" : undefined;
  return other && `${other} and --preview-only cannot be used together`;
}

function mustAgree(kind: OperationKind, json: true | undefined): string {
  const flags = kind === "up" ? "--yes or --skip-preview" : "--yes or --skip-preview or --preview-only";
  return `${flags} must be passed in to proceed ${json === true ? "with --json" : "when running in non-interactive mode"}`;
}

/** Whether there is a person at a terminal, as Pulumi decides it. */
function isInteractive({ TERM, CI }: Environment = process.env): boolean {
  const isPipeline = CI !== undefined && CI !== "" && CI !== "false";
  return process.stdin.isTTY && process.stdout.isTTY && TERM?.toLowerCase() !== "dumb" && !isPipeline;
}

function isTruthy(value: string | undefined): boolean {
  return value === "1" || value?.toLowerCase() === "true";
}

function show(plan: StackResult, diff: boolean): void {
  process.stdout.write(describeResult(plan, { diff }) + describePolicies(plan.policies ?? []));
}

async function ask(plan: StackResult, diff: boolean, signal: AbortSignal | undefined): Promise<void> {
  const { default: select } = await import("@inquirer/select");
  const choices = ["yes", "no", ...(diff ? [] : ["details"])];
  const context = signal === undefined ? {} : { signal };
  for (;;) {
    const answer = await select({ message: question(plan), choices, default: "no" }, context).catch(
      (cause: unknown): never => {
        throw new Declined(`confirmation cancelled, not proceeding with the ${titles[plan.kind]}`, { cause });
      },
    );
    if (answer === "yes") return;
    if (answer === "no") {
      throw new Declined(`confirmation declined, not proceeding with the ${titles[plan.kind]}`);
    }
    show(plan, true);
  }
}

/** Names what cannot be taken back: what is deleted and what is replaced. */
function question(plan: OperationResult): string {
  const { kind, stack } = plan;
  const asked = `Do you want to perform this ${titles[kind]} of ${stack}?`;
  if (kind === "refresh") {
    return `${asked} No resources will be modified as part of this refresh; just your stack's state will be.`;
  }
  const losses = (["delete", "replace"] as const).flatMap((op) => describeLoss(plan, op));
  return losses.length === 0 ? asked : `${asked} It ${losses.join(", and ")}.`;
}

function describeLoss({ steps }: OperationResult, op: StepOp & ("delete" | "replace")): readonly string[] {
  const names = steps.filter((step) => step.op === op).map(({ urn }) => describeUrn(urn));
  if (names.length === 0) return [];
  const count = names.length === 1 ? "1 resource" : `${String(names.length)} resources`;
  const more = names.length > namedInQuestion ? ", ..." : "";
  return [`${op}s ${count} (${names.slice(0, namedInQuestion).join(", ")}${more})`];
}
