/** Events of our own writing, in the shape of apitype.EngineEvent. */
import type { EngineEvent, OpType, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";

export const urnOf = (type: string, name: string): string => `urn:pulumi:dev::demo::${type}::${name}`;
export const stackUrn = urnOf("pulumi:pulumi:Stack", "demo-dev");
export const deployment = urnOf("demo:index:Platform$kubernetes:apps/v1:Deployment", "web");
export const signed = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};

export type Details = Partial<StepEventMetadata> & {
  readonly inputs?: object;
  readonly before?: object;
  outputs?: object;
};

function metadata(op: OpType, urn: string, { inputs, before, outputs, ...more }: Details = {}): StepEventMetadata {
  const type = (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
  const custom = type.startsWith("kubernetes:") || type.startsWith("pulumi:providers:");
  const state = { type, urn, custom, id: "x", parent: "", provider: "" };
  return {
    op,
    urn,
    type,
    provider: "",
    new: { ...state, inputs: { ...inputs }, outputs: { ...outputs } },
    old: { ...state, inputs: { ...before }, outputs: {} },
    ...more,
  };
}

export const pre = (op: OpType, urn: string, details?: Details): Partial<EngineEvent> => ({
  resourcePreEvent: { metadata: metadata(op, urn, details) },
});
export const done = (op: OpType, urn: string, details?: Details): Partial<EngineEvent> => ({
  resOutputsEvent: { metadata: metadata(op, urn, details) },
});
export const failedStep = (op: OpType, urn: string): Partial<EngineEvent> => ({
  resOpFailedEvent: { metadata: metadata(op, urn), status: 1, steps: 1 },
});
export const told = (severity: "warning" | "error", message: string, urn?: string): Partial<EngineEvent> => ({
  diagnosticEvent: { severity, message, color: "never", ...(urn === undefined ? {} : { urn }) },
});
export const summary = (durationSeconds: number): Partial<EngineEvent> => ({
  summaryEvent: { maybeCorrupt: false, durationSeconds, resourceChanges: {}, policyPacks: {} },
});
