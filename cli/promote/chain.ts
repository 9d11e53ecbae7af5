/** Which environment comes before which. */
import type { StackConfig } from "../../stacks/config.ts";

const order = ["dev", "staging", "prod"] as const satisfies readonly StackConfig["environment"][];

export interface Member {
  readonly stack: string;
  readonly environment: StackConfig["environment"];
  readonly target: StackConfig["target"];
  /** `kubeflow:promotion.after` */
  readonly after?: string | undefined;
}

/** The name without its environment: `gcp` of `gcp-dev`. Stacks of one chain share it, and their target. */
export function chainOf({ stack, environment, target }: Member): string {
  const parts = stack.split(/[-_.]/);
  const rest = parts.filter((part) => part !== environment);
  return `${rest.join("-")} ${target}`;
}

export function rankOf({ environment }: Pick<Member, "environment">): number {
  return order.indexOf(environment);
}

/** The stack that this one gets its releases from: the one that it names, else the nearest environment before it. */
export function predecessorOf(member: Member, all: readonly Member[]): Member | undefined {
  if (member.after !== undefined) return all.find(({ stack }) => stack === member.after);
  return all
    .filter((other) => chainOf(other) === chainOf(member) && rankOf(other) < rankOf(member))
    .sort((a, b) => rankOf(b) - rankOf(a))[0];
}

/** In the order of promotion: chains by name, each from its first environment to its last. */
export function inOrder(all: readonly Member[]): readonly Member[] {
  return [...all].sort(
    (a, b) =>
      chainOf(a).localeCompare(chainOf(b), "en") || rankOf(a) - rankOf(b) || a.stack.localeCompare(b.stack, "en"),
  );
}
