import { createHash } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";

/**
 * A deployment of version 3 as Pulumi documents it (`apitype`: DeploymentV3, ResourceV3, OperationV2 and property values),
 * and what a schema cannot say: references point to earlier resources, and the manifest's magic fits.
 */
const signature = "4dabf18193072939515e22adb298388d";
const urn = { type: "string", pattern: "^urn:pulumi:[^:]+::[^:]+::.+::.+$" };
const urns = { type: "array", items: urn };
const properties = { type: "object", additionalProperties: { $ref: "#/$defs/value" } };

const resource = {
  type: "object",
  required: ["urn", "custom", "type"],
  additionalProperties: false,
  properties: {
    urn,
    custom: { type: "boolean" },
    delete: { const: true },
    id: { type: "string", minLength: 1 },
    type: { type: "string", pattern: "^[^:]+:[^:]*:[^:]+$" },
    inputs: properties,
    outputs: properties,
    parent: urn,
    protect: { const: true },
    external: { const: true },
    dependencies: { ...urns, minItems: 1 },
    initErrors: { type: "array", items: { type: "string" } },
    provider: { type: "string", pattern: "^urn:pulumi:.+::pulumi:providers:.+::.+::.+$" },
    propertyDependencies: { type: "object", additionalProperties: urns },
    pendingReplacement: { const: true },
    additionalSecretOutputs: { type: "array", items: { type: "string" }, minItems: 1 },
    aliases: urns,
    customTimeouts: { type: "object", additionalProperties: { type: "number" } },
    importID: { type: "string" },
    retainOnDelete: { const: true },
    deletedWith: urn,
    created: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$" },
    modified: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$" },
  },
};

const schema = {
  $defs: {
    resource,
    value: {
      anyOf: [
        { type: ["null", "boolean", "number"] },
        { type: "string", not: { const: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } },
        { type: "array", items: { $ref: "#/$defs/value" } },
        { type: "object", properties: { [signature]: false }, additionalProperties: { $ref: "#/$defs/value" } },
        {
          type: "object",
          required: [signature, "ciphertext"],
          additionalProperties: false,
          properties: {
            [signature]: { const: "1b47061264138c4ac30d75fd1eb44270" },
            ciphertext: { type: "string", pattern: "^v1:[A-Za-z0-9+/=]{16}:[A-Za-z0-9+/=]+$" },
          },
        },
        {
          type: "object",
          required: [signature, "urn"],
          properties: { [signature]: { const: "5cf8f73096256a8f31e491e813e4eb8e" }, urn, id: { type: "string" } },
        },
      ],
    },
  },
  type: "object",
  required: ["version", "deployment"],
  additionalProperties: false,
  properties: {
    version: { const: 3 },
    deployment: {
      type: "object",
      required: ["manifest", "secrets_providers", "resources"],
      additionalProperties: false,
      properties: {
        manifest: {
          type: "object",
          required: ["time", "magic", "version"],
          additionalProperties: false,
          properties: {
            time: { type: "string" },
            magic: { type: "string" },
            version: { type: "string", pattern: "^v\\d" },
          },
        },
        secrets_providers: {
          type: "object",
          required: ["type", "state"],
          additionalProperties: false,
          properties: {
            type: { const: "passphrase" },
            state: {
              type: "object",
              required: ["salt"],
              additionalProperties: false,
              properties: { salt: { type: "string", pattern: "^v1:[^:]+:v1:[^:]+:[^:]+$" } },
            },
          },
        },
        resources: { type: "array", items: { $ref: "#/$defs/resource" } },
        pending_operations: {
          type: "array",
          minItems: 1,
          items: {
            type: "object",
            required: ["resource", "type"],
            additionalProperties: false,
            properties: {
              resource: { $ref: "#/$defs/resource" },
              type: { enum: ["creating", "updating", "deleting", "reading", "importing"] },
            },
          },
        },
        metadata: { type: "object" },
      },
    },
  },
};

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile<Parsed>(schema);

interface Parsed {
  readonly deployment: {
    readonly manifest: { readonly magic: string; readonly version: string };
    readonly resources: readonly {
      readonly urn: string;
      readonly parent?: string;
      readonly provider?: string;
      readonly dependencies?: readonly string[];
    }[];
  };
}

/** What is wrong with a deployment; nothing when `pulumi stack import` would take it. */
export function deploymentFaults(deployment: unknown): readonly string[] {
  if (!validate(deployment))
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${String(message)}`);
  const { manifest, resources } = deployment.deployment;
  const faults: string[] = [];
  if (manifest.magic !== createHash("sha256").update(manifest.version).digest("hex"))
    faults.push("manifest: wrong magic");
  const seen = new Set<string>();
  for (const { urn: own, parent, provider, dependencies = [] } of resources) {
    const needed = [
      ...dependencies,
      ...[parent, provider?.slice(0, provider.lastIndexOf("::"))].filter((x) => x !== undefined),
    ];
    for (const reference of needed)
      if (!seen.has(reference)) faults.push(`${own} refers to ${reference}, which does not precede it`);
    seen.add(own);
  }
  return faults;
}
