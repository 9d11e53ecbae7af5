import type { Environment } from "../components/shared/cloud-settings.ts";
import type { Properties } from "./values.ts";

/** A resource that the program asks for, whichever engine runs it. */
export interface Resource {
  readonly urn: string;
  /** Type token, e.g. `aws:s3/bucket:Bucket`. */
  readonly type: string;
  /** Inputs; after an operation outputs too. */
  readonly props: Properties;
  readonly protect: boolean;
  /** Inputs of its provider. */
  readonly provider?: Properties;
  /** By property, the URNs of the resources that its value comes from. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
}

export interface Settings {
  readonly environment: Environment;
  /** Most nodes that one pool of GPU nodes may grow to. */
  readonly maxGpuNodesPerPool: number;
  /** Names of resources whose data may be lost: `protected-data` lets them be. */
  readonly unprotected: readonly string[];
}

/** What is wrong with one resource, each in a few words that name the property. */
export type Check = (resource: Resource, settings: Settings) => readonly string[];

export interface Finding {
  readonly urn: string;
  readonly message: string;
}

/** A rule looks at resources by their type, at all of a package, or at the stack as a whole. */
export interface Rule {
  readonly name: string;
  /** What has to be so, and why where that is not plain. */
  readonly title: string;
  /** What to do about a violation. */
  readonly remedy: string;
  /** Decides how strict the rule is in which environment. */
  readonly concern: "security" | "operations";
  readonly resources?: Readonly<Record<string, Check>>;
  /** For all resources of a package, e.g. `kubernetes`. */
  readonly packages?: Readonly<Record<string, Check>>;
  readonly stack?: (resources: readonly Resource[], settings: Settings) => readonly Finding[];
}

export type Enforcement = "advisory" | "mandatory";

/** dev: advice. staging: security as in prod, so that nothing insecure is promoted. prod: everything. */
export function enforcementOf(rule: Rule, environment: Environment): Enforcement {
  if (environment === "prod") return "mandatory";
  return environment === "staging" && rule.concern === "security" ? "mandatory" : "advisory";
}

/** What the rule finds wrong with one resource. */
export function checkResource(rule: Rule, resource: Resource, settings: Settings): readonly string[] {
  const [packageName = ""] = resource.type.split(":", 1);
  const checks = [rule.resources?.[resource.type], rule.packages?.[packageName]];
  return checks.flatMap((check) => check?.(resource, settings) ?? []);
}
