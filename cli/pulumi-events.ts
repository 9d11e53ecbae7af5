/** What the Pulumi CLI tells of an operation (its engine events), as the result that both engines report. */
import type { DiagnosticEvent, EngineEvent, PolicyEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { signatures } from "../engine/marshal.ts";
import { parsePath } from "../engine/paths.ts";
import { Recorder } from "../engine/recorder.ts";
import type {
  Diagnostic,
  OperationKind,
  OperationResult,
  PropertyDiff,
  ReportValue,
  StepOp,
} from "../engine/report.ts";
import { isDefaultProvider, stackType, typeOfUrn } from "../engine/urn.ts";
import { describeUrn } from "./report.ts";

/**
 * Pulumi's operations in our words. A replacement is one step: its parts (`create-replacement`, `delete-replaced`) count
 * only when they fail, as in the CLI's own summary. What is missing here changes nothing outside of the state.
 */
const ops: Readonly<Record<string, StepOp>> = {
  same: "same",
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
  read: "read",
  import: "create",
  "import-replacement": "replace",
  // A refresh reports what came of it (`same`, `update`, `delete`); it is called so only when it failed.
  refresh: "same",
};
/** The CLI's words for a plugin that it took from PATH: where `kf` put it, and tells of it in its own words. */
const ambientPlugin = /^using pulumi-(resource|language)-\S+ from \$PATH at /;

const partsOfReplacement = new Set(["create-replacement", "delete-replaced"]);

export interface EventOptions {
  readonly kind: OperationKind;
  readonly project: string;
  readonly stack: string;
  /** Texts that must not show anywhere. Pulumi masks what it knows to be secret; a provider's message may quote one. */
  readonly secrets: readonly string[];
  /** What people have to know of the CLI's parts, told with the result. */
  readonly notes: readonly string[];
  readonly progress: (message: string) => void;
}

/** Takes the events of one operation, one after the other, and makes its result of them. */
export class EventCollector {
  readonly #options: EventOptions;
  readonly #recorder: Recorder;
  /** Steps that began and did not end yet, by URN. */
  readonly #begun = new Map<string, StepEventMetadata>();
  /** Steps that ended: components are reported twice. */
  readonly #ended = new Set<string>();
  /** What went wrong with a resource, until its step takes it. */
  readonly #errors = new Map<string, string>();
  #outputs: Readonly<Record<string, ReportValue>> = {};
  #seconds = 0;

  constructor(options: EventOptions) {
    this.#options = options;
    this.#recorder = new Recorder("apply", () => undefined);
  }

  /** Whether the CLI got so far as to look at a resource. */
  get begun(): boolean {
    return this.#begun.size > 0 || this.#recorder.steps.length > 0 || this.#recorder.diagnostics.length > 0;
  }

  add(event: EngineEvent): void {
    if (event.resourcePreEvent !== undefined) this.#begin(event.resourcePreEvent.metadata);
    if (event.resOutputsEvent !== undefined) this.#end(event.resOutputsEvent.metadata);
    if (event.resOpFailedEvent !== undefined) this.#fail(event.resOpFailedEvent.metadata);
    if (event.diagnosticEvent !== undefined) this.#diagnose(event.diagnosticEvent);
    if (event.policyEvent !== undefined) this.#judge(event.policyEvent);
    if (event.summaryEvent !== undefined) this.#seconds = event.summaryEvent.durationSeconds;
  }

  /** @param failure what the CLI ended with; its own words are used only where no event says why. */
  result(failure?: string): OperationResult {
    for (const metadata of this.#begun.values()) this.#settle(metadata, failure !== undefined);
    for (const [urn, message] of this.#errors) this.#tell({ severity: "error", message, urn });
    const { kind, project, stack, notes } = this.#options;
    for (const message of notes) this.#tell({ severity: "info", message });
    if (failure !== undefined && !this.#recorder.failed) this.#tell({ severity: "error", message: failure });
    return {
      kind,
      project,
      stack,
      steps: this.#recorder.steps,
      summary: this.#recorder.summary,
      outputs: this.#outputs,
      failed: this.#recorder.failed,
      diagnostics: this.#recorder.diagnostics,
      timings: { [kind === "preview" ? "plan" : "apply"]: this.#seconds * 1000 },
    };
  }

  #begin(metadata: StepEventMetadata): void {
    this.#begun.set(metadata.urn, metadata);
    if (metadata.op !== "same") this.#options.progress(`${metadata.op} ${describeUrn(metadata.urn)}`);
  }

  #end(metadata: StepEventMetadata): void {
    const { urn, type } = metadata;
    this.#begun.delete(urn);
    if (type === stackType) this.#outputs = this.#properties(metadata.new?.outputs);
    const op = ops[metadata.op];
    const key = `${urn} ${metadata.op}`;
    if (op === undefined || isDefaultProvider(urn) || this.#ended.has(key)) return;
    this.#ended.add(key);
    const changed = op === "update" || op === "replace";
    const reasons = op === "replace" ? replaceReasons(metadata) : [];
    this.#recorder.steps.push({
      urn,
      type,
      op,
      diffs: changed ? this.#diffs(metadata) : [],
      ...(reasons.length === 0 ? {} : { replaceReasons: reasons }),
    });
  }

  #fail(metadata: StepEventMetadata): void {
    const { urn, type } = metadata;
    this.#begun.delete(urn);
    const op = partsOfReplacement.has(metadata.op) ? "replace" : (ops[metadata.op] ?? "same");
    const error = this.#errors.get(urn) ?? "failed; the Pulumi CLI gave no reason";
    this.#errors.delete(urn);
    this.#recorder.steps.push({ urn, type, op, diffs: this.#diffs(metadata), error });
  }

  /** A step without an end: a failed preview tells only why, and a component that names no outputs tells nothing. */
  #settle(metadata: StepEventMetadata, failed: boolean): void {
    const custom = (metadata.new ?? metadata.old)?.custom === true;
    if (this.#errors.has(metadata.urn)) this.#fail(metadata);
    else if (!custom && !failed) this.#end(metadata);
  }

  #diagnose({ severity, message, urn, ephemeral }: DiagnosticEvent): void {
    // What the engine tells itself, inputs and secrets of every resource included: never for people.
    // The SDK's type lacks the word, the CLI sends it (`--event-log` carries debug events whatever else is shown).
    if ((severity as string) === "debug") return;
    const text = this.#clean(message);
    if (text === "" || ambientPlugin.test(text)) return;
    if (ephemeral === true) {
      this.#options.progress(text);
      return;
    }
    if (severity === "error" && urn !== undefined && urn !== "" && typeOfUrn(urn) !== stackType) {
      const earlier = this.#errors.get(urn);
      this.#errors.set(urn, earlier === undefined ? text : `${earlier}\n${text}`);
      return;
    }
    this.#tell({
      severity: severity === "info#err" ? "info" : severity,
      message: text,
      ...(urn === undefined || urn === "" ? {} : { urn }),
    });
  }

  #judge({ resourceUrn, message, policyName, policyPackName, enforcementLevel }: PolicyEvent): void {
    this.#tell({
      severity: enforcementLevel === "mandatory" ? "error" : "warning",
      message: `policy ${policyPackName}/${policyName}: ${this.#clean(message)}`,
      ...(resourceUrn === undefined || resourceUrn === "" ? {} : { urn: resourceUrn }),
    });
  }

  #tell(diagnostic: Diagnostic): void {
    this.#recorder.diagnose(diagnostic);
  }

  #diffs({ detailedDiff, diffs, old, new: next }: StepEventMetadata): readonly PropertyDiff[] {
    const changes = Object.entries(detailedDiff ?? Object.fromEntries((diffs ?? []).map((key) => [key, undefined])));
    return changes.map(([path, change]) => {
      const before = this.#value(at(change?.inputDiff === false ? old?.outputs : old?.inputs, path));
      const after = this.#value(at(next?.inputs, path));
      return {
        path,
        kind: kindOf(change?.diffKind, before, after),
        ...(before === undefined ? {} : { old: before }),
        ...(after === undefined ? {} : { new: after }),
      };
    });
  }

  #properties(properties: unknown): Readonly<Record<string, ReportValue>> {
    return Object.fromEntries(entriesOf(properties).map(([key, value]) => [key, this.#value(value) ?? null] as const));
  }

  /** A value of an event, its secrets and unknowns named as reports name them. */
  #value(value: unknown): ReportValue | undefined {
    if (value === undefined) return undefined;
    if (typeof value === "string") return value === signatures.unknown ? "[unknown]" : this.#masked(value);
    if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
    if (Array.isArray(value)) return value.map((item: unknown) => this.#value(item) ?? null);
    const map = this.#properties(value);
    return map[signatures.key] === signatures.secret ? "[secret]" : map;
  }

  /** Without Pulumi's colour directives, without secrets. */
  #clean(text: string): string {
    return this.#masked(text.replaceAll(/<\{%.*?%\}>/g, "").trim());
  }

  #masked(text: string): string {
    return this.#options.secrets.reduce((masked, secret) => masked.replaceAll(secret, "[secret]"), text);
  }
}

function replaceReasons({ keys, detailedDiff }: StepEventMetadata): readonly { path: string; reason: string }[] {
  const forced = Object.entries(detailedDiff ?? {}).filter(([, { diffKind }]) => diffKind.endsWith("-replace"));
  const paths = forced.length > 0 ? forced.map(([path]) => path) : (keys ?? []);
  return paths.map((path) => ({ path, reason: "its provider cannot change it in place" }));
}

function kindOf(kind: string | undefined, before: unknown, after: unknown): PropertyDiff["kind"] {
  if (kind === undefined) return before === undefined ? "add" : after === undefined ? "delete" : "update";
  if (kind.startsWith("add")) return "add";
  return kind.startsWith("delete") ? "delete" : "update";
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function at(properties: unknown, path: string): unknown {
  return parsePath(path).reduce<unknown>(
    (value, key) => entriesOf(value).find(([name]) => name === String(key))?.[1],
    properties,
  );
}
