/** What promotions and rollbacks have in common: the plan with the release, the gates, the record and the files. */
import path from "node:path";
import type { StackResult } from "../operation.ts";
import { author } from "./author.ts";
import type { KeyChange } from "./config-file.ts";
import {
  destructiveGate,
  knownStateGate,
  planGate,
  policyGate,
  withWaiver,
  type GateResult,
  type Waivers,
} from "./gates.ts";
import { planWith } from "./plan.ts";
import { withPlannedLock } from "./planned-lock.ts";
import { recordFile, type PromotionRecord } from "./records.ts";
import { placePart, type ReleasePart } from "./release-part.ts";
import type { StackFile } from "./stack-files.ts";
import { writeChange } from "./write.ts";

export interface ChangeOptions {
  readonly root: string;
  readonly stateDir: string;
  readonly waivers: Waivers;
  /** URNs, or their names, of what may be replaced or deleted although it holds data. */
  readonly acknowledge: readonly string[];
  readonly engine?: "offline" | "pulumi" | undefined;
  readonly dryRun: boolean;
  readonly quiet: boolean;
  /** Told of each file as it is written. */
  readonly written?: (file: string) => void;
}

export interface Outcome {
  readonly kind: "promotion" | "rollback";
  readonly stack: string;
  /** `written`: the files are changed, and nothing is applied. `present`: the stack's files have it already. */
  readonly result: "written" | "dry-run" | "refused" | "present";
  /** Of an earlier run that was cut off, and that this one has ended. */
  readonly finished?: string;
  readonly release: { readonly before: string; readonly after: string };
  /** sha256 of the release part: lock, component set, platform options. */
  readonly digest: { readonly before: string; readonly after: string };
  readonly gates: readonly GateResult[];
  readonly changes: readonly KeyChange[];
  /** Below the project: written, or in a dry run to be written. */
  readonly files: readonly string[];
  readonly record?: string;
  readonly plan?: StackResult;
}

interface Change {
  readonly kind: Outcome["kind"];
  readonly to: StackFile;
  readonly before: ReleasePart;
  readonly after: ReleasePart;
  /** Of where the release comes from. */
  readonly gates: readonly GateResult[];
  readonly origin: Pick<PromotionRecord, "from" | "undoes">;
  /** What runs there. */
  readonly render?: string | undefined;
}

/** Passes the gates of the stack, and writes its files and the record where every gate lets it through. */
export async function carryOut(change: Change, options: ChangeOptions): Promise<Outcome> {
  const { kind, to, before, after } = change;
  const { root, waivers, dryRun } = options;
  const { stack } = to;
  const placed = await placePart(root, after, to, kind === "rollback");
  const plan = await withPlannedLock(root, stack, after.lock, (release) =>
    planWith({ ...options, ...to, placed, release }),
  );
  const gates = [
    ...change.gates,
    planGate(stack, plan.facts),
    policyGate(stack, plan.facts),
    knownStateGate(stack, plan.facts),
    destructiveGate(stack, plan.destroyed, options.acknowledge),
  ].map((gate) => withWaiver(gate, waivers));
  const outcome = {
    ...{ kind, stack, gates },
    release: { before: before.lock.name, after: after.lock.name },
    digest: { before: before.digest, after: after.digest },
    changes: placed.changes,
    files: placed.files.map(({ file }) => file),
    ...(plan.result === undefined ? {} : { plan: plan.result }),
  };
  if (gates.some(({ result }) => result === "refused")) return { ...outcome, result: "refused" };
  if (dryRun) return { ...outcome, result: "dry-run" };
  const at = new Date().toISOString();
  const planned = plan.result?.outputs["digest"];
  const record: PromotionRecord = {
    ...{ version: 1, kind, stack, at },
    id: `${at.replaceAll(":", "-")}-${after.digest.slice(0, 12)}`,
    ...(await author(root)),
    ...change.origin,
    before,
    after: { ...after, charts: after.charts.map(({ name, release, namespace }) => ({ name, release, namespace })) },
    rendered: { from: change.render, planned: typeof planned === "string" ? planned : undefined },
    gates: [...gates],
  };
  await writeChange(root, { record: withoutUndefined(record), files: [...placed.files] }, options.written);
  const written = path.relative(root, recordFile(root, record)).split(path.sep).join("/");
  return { ...outcome, result: "written", record: written };
}

/** YAML would write them as null. */
function withoutUndefined<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
