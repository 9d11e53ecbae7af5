/** The one test of every cloud: what its stacks ask for is what its own models allow. */
import assert from "node:assert/strict";
import type { TargetKind } from "../../components/contracts/cluster-target.ts";
import type { StackConfig } from "../../stacks/config.ts";
import { notRun } from "../support/not-run.ts";
import { recordStack, stacksOf, type CloudResource, type RecordedCloud } from "./recorded-stack.ts";

/** One call of a cloud's API. */
interface ApiCall {
  /** `eks.CreateCluster`, as the models name it. */
  readonly operation: string;
  /** What of it is not as the model wants it, each with its path. */
  readonly problems: readonly string[];
}

/** What a resource is to its API. */
export interface Translation {
  /** The calls that create it. */
  readonly calls: readonly ApiCall[];
  /** Inputs that no call takes, and no reason is given for. */
  readonly lost: readonly string[];
}

export interface CloudModels {
  readonly target: TargetKind;
  readonly cloud: RecordedCloud;
  /** Configurations beside the stacks', by what they are: for settings that no stack uses. */
  readonly beside?: ReadonlyMap<string, StackConfig>;
  /** Types without a mapping, and why. */
  readonly notCovered: Readonly<Record<string, string>>;
  /** Why the models cannot be had on this machine; all else is a failure. */
  readonly whyPending: () => Promise<string | undefined>;
  /** Where the models are from: `botocore 1.44.5`. */
  readonly source: () => Promise<string>;
  /** Undefined for a type without a mapping. */
  readonly translate: (resource: CloudResource) => Promise<Translation | undefined>;
  /** Every type that has a mapping. */
  readonly mapped: readonly string[];
}

/** Defines the tests. Beside them it prints which type is which call. */
export async function describeRequests(title: string, models: CloudModels): Promise<void> {
  const stacks = new Map([...(await stacksOf(models.target)), ...(models.beside ?? [])]);
  const seen = new Map<string, Set<string>>();
  const used = new Set<string>();
  let requests = 0;

  describe(title, () => {
    before(async function () {
      const reason = await models.whyPending();
      if (reason !== undefined) notRun(this, `nothing is checked: ${reason}`);
    });

    for (const [stack, config] of stacks) {
      it(`takes every request of ${stack}`, async () => {
        const resources = await recordStack(config, models.cloud);
        assert.ok(resources.length > 0, "no resource was recorded");
        const problems: string[] = [];
        for (const resource of resources) {
          used.add(resource.type);
          const translation = await models.translate(resource);
          if (translation === undefined) {
            if (resource.type in models.notCovered) continue;
            problems.push(`${resource.type} ${resource.name}: has no mapping, and is not in notCovered`);
            continue;
          }
          const { calls, lost } = translation;
          const where = `${resource.type} ${resource.name}`;
          problems.push(...lost.map((input) => `${where}: ${input}: goes into no request`));
          for (const call of calls) {
            requests += 1;
            seen.set(resource.type, (seen.get(resource.type) ?? new Set()).add(call.operation));
            problems.push(...call.problems.map((problem) => `${where} -> ${call.operation}: ${problem}`));
          }
        }
        assert.equal(problems.length, 0, `\n${problems.join("\n")}`);
      });
    }

    it("has no mapping and no exception that no stack needs", () => {
      const idle = [...models.mapped, ...Object.keys(models.notCovered)].filter((type) => !used.has(type));
      assert.deepEqual(idle, []);
      assert.ok(stacks.size > 0);
    });

    after(async () => {
      if (seen.size === 0) return;
      const lines = [...seen].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [type, operations] of lines) console.log(`      ${type}: ${[...operations].join(", ")}`);
      for (const [type, reason] of Object.entries(models.notCovered))
        console.log(`      ${type}: not covered: ${reason}`);
      console.log(
        `      ${seen.size} of ${used.size} types, ${requests} requests of ${stacks.size} stacks, held against ${await models.source()}`,
      );
    });
  });
}
