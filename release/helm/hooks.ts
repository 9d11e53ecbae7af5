import { describeObject, type KubernetesObject } from "../../kubernetes/objects.ts";
import { UserError } from "../../shared/errors.ts";
import { isCrd } from "../fixes.ts";

/** The objects of a chart by when they are installed. */
export interface Phased {
  readonly crds: readonly KubernetesObject[];
  /** Install hooks, in the order in which Helm would run them. */
  readonly before: readonly KubernetesObject[];
  readonly rest: readonly KubernetesObject[];
  readonly after: readonly KubernetesObject[];
  /** Test hooks: objects that nothing installs. */
  readonly dropped: readonly KubernetesObject[];
  /** What Helm would do with hooks and we do not. */
  readonly notes: readonly string[];
}

type Phase = "crds" | "before" | "rest" | "after" | "dropped";

/**
 * Sorts what a chart renders by its `helm.sh/hook` annotations.
 *
 * @throws UserError naming every object whose hook has no place in a declarative install.
 */
export function splitHooks(objects: readonly KubernetesObject[], label: string): Phased {
  const refused = objects.flatMap((object) => reasonAgainst(object) ?? []);
  if (refused.length > 0) {
    throw new UserError(
      `${label} has hooks that cannot be installed as plain objects:\n${refused.map((line) => `  ${line}`).join("\n")}\n` +
        "Switch them off through the chart's values, or install this chart with Pulumi's helm.v3.Release",
    );
  }
  const phases = Map.groupBy(objects, phaseOf);
  const take = (phase: Phase): readonly KubernetesObject[] => phases.get(phase) ?? [];
  const before = [...take("before")].sort(byWeight);
  const after = [...take("after")].sort(byWeight);
  const notes = [...before, ...after].flatMap((object) => deletionNote(object) ?? []);
  return { crds: take("crds"), before, rest: take("rest"), after, dropped: take("dropped"), notes };
}

function annotation(object: KubernetesObject, name: string): string {
  // Charts do write numbers and booleans here, whatever the API says.
  const value: unknown = object.metadata.annotations?.[`helm.sh/${name}`];
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The events of an object's hook, without the test events, which are never installed. */
function eventsOf(object: KubernetesObject): readonly string[] {
  const events = annotation(object, "hook").split(",");
  return events.map((event) => event.trim()).filter((event) => event !== "" && !isTest(event));
}

function isTest(event: string): boolean {
  return ["test", "test-success", "test-failure"].includes(event);
}

function phaseOf(object: KubernetesObject): Phase {
  if (isCrd(object)) return "crds";
  if (annotation(object, "hook").trim() === "") return "rest";
  const events = eventsOf(object);
  if (events.length === 0) return "dropped";
  // What both phases use (a ServiceAccount of their Jobs) is there from the first on.
  return events.some((event) => event.startsWith("pre-")) ? "before" : "after";
}

function reasonAgainst(object: KubernetesObject): string | undefined {
  if (isCrd(object)) return undefined;
  const events = eventsOf(object);
  const other = events.find((event) => !isInstallEvent(event, events));
  if (other !== undefined) {
    return `${describeObject(object)}: hook "${other}" (taken: pre-install, pre-upgrade, post-install, post-upgrade, test)`;
  }
  const isRun = object.kind === "Job" || object.kind === "Pod";
  const isBoth = ["pre-", "post-"].every((when) => events.some((event) => event.startsWith(when)));
  if (!isRun || !isBoth) return undefined;
  return `${describeObject(object)}: hooks "${events.join(", ")}" (it would run twice, before and after; we install once)`;
}

/** Going back to an older version is an upgrade to us, so a rollback hook beside an upgrade hook adds nothing. */
function isInstallEvent(event: string, events: readonly string[]): boolean {
  if (["pre-install", "pre-upgrade", "post-install", "post-upgrade"].includes(event)) return true;
  return ["pre-rollback", "post-rollback"].includes(event) && events.includes(event.replace("rollback", "upgrade"));
}

function byWeight(a: KubernetesObject, b: KubernetesObject): number {
  const weight = (object: KubernetesObject): number => Number.parseInt(annotation(object, "hook-weight"), 10) || 0;
  return weight(a) - weight(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}

function deletionNote(object: KubernetesObject): string | undefined {
  const policy = annotation(object, "hook-delete-policy");
  if (policy === "" || policy === "before-hook-creation") return undefined;
  return `${describeObject(object)}: hook-delete-policy "${policy}" is not followed, the object stays until the chart goes`;
}
