/**
 * Random changes of the files of all stacks: `kf diff` reports exactly the objects that a comparison of bytes of both
 * renders finds, and flags everything that is destroyed. 208 changes with KF_E2E_FULL, else one of each of six stacks.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import YAML from "yaml";
import { compareListings } from "../../cli/diff/compare.ts";
import { findingsFor } from "../../cli/diff/findings/findings.ts";
import { openSecretKey, planStacks, type StackPlan } from "../../cli/diff/plans.ts";
import { replacementRules } from "../../cli/diff/replacements.ts";
import type { PlannedResource } from "../../cli/operation.ts";
import { messageOf } from "../../shared/errors.ts";
import { copyCheckout } from "../support/checkout.ts";
import { neededMirror } from "../support/mirror.ts";
import { destroyed, differing } from "./diff/byte-comparison.ts";
import { mutations, type Config } from "./diff/mutations.ts";

const isFull = process.env["KF_E2E_FULL"] !== undefined;
const few = ["aws-dev", "azure-staging", "gcp-prod", "k3s-dev", "local-dev", "onprem-prod"];
const all = [
  ...["aws", "azure", "gcp", "onprem"].flatMap((cloud) => ["dev", "staging", "prod"].map((each) => `${cloud}-${each}`)),
  ...["k3s-dev", "local-dev", "microk8s-dev", "minikube-dev"],
];
const stacks = isFull ? all : few;
const rounds = isFull ? 13 : 1;

interface Mutated {
  readonly what: string;
  readonly config: Config;
}

/** The first mutation, in a random order, that the stack's file has something for. */
function mutate(config: Config, order: readonly string[], n: number): Mutated {
  for (const name of order) {
    const copy = structuredClone(config);
    const said = mutations[name]?.(copy, n);
    if (said !== undefined) return { what: `${name}: ${said}`, config: copy };
  }
  throw new Error("no mutation fits");
}

async function configOf(root: string, stack: string): Promise<Config> {
  const text = await readFile(path.join(root, "stacks", "config", `Pulumi.${stack}.yaml`), "utf8");
  const { config } = YAML.parse(text) as { readonly config: Config };
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace(/^kubeflow:/, ""), value]));
}

function resourcesOf(plan: StackPlan | undefined, where: string): readonly PlannedResource[] {
  assert.ok(plan !== undefined && "resources" in plan, `${where}: ${JSON.stringify(plan)}`);
  return plan.resources;
}

describe("kf diff of random changes of all stacks", () => {
  it(`reports what differs in bytes, and flags what is destroyed (${String(rounds * stacks.length)} changes${isFull ? "" : "; KF_E2E_FULL has 208"})`, async function () {
    neededMirror(this);
    const seed = Number(process.env["KF_SEED"] ?? Date.now() % 1_000_000);
    const secretKey = await openSecretKey();
    const checkout = await copyCheckout();
    const faults: string[] = [];
    const figures = { changes: 0, refused: 0, objects: 0, destructive: 0 };
    try {
      const configs = new Map(
        await Promise.all(stacks.map(async (stack) => [stack, await configOf(checkout.root, stack)] as const)),
      );
      const base = await planStacks(checkout.root, "the base", stacks, secretKey);
      const orders = fc.sample(
        fc.tuple(
          fc.shuffledSubarray(Object.keys(mutations), { minLength: Object.keys(mutations).length }),
          fc.nat(9999),
        ),
        { numRuns: rounds * stacks.length, seed },
      );
      for (let round = 0; round < rounds; round++) {
        const mutated = new Map(
          stacks.map((stack, index) => {
            const [order, n] = orders[round * stacks.length + index] ?? [[], 0];
            return [stack, mutate(configs.get(stack) ?? {}, order, n)] as const;
          }),
        );
        for (const [stack, { config }] of mutated) await checkout.stack(stack, config);
        const head = await planStacks(checkout.root, "the head", stacks, secretKey);
        for (const [stack, { what }] of mutated) {
          await check(stack, what, head.get(stack)).catch((error: unknown) => faults.push(messageOf(error)));
        }
        process.stderr.write(
          `      round ${String(round + 1)} of ${String(rounds)}: ${JSON.stringify({ ...figures, faults: faults.length })}\n`,
        );
      }
      assert.deepEqual(faults, []);
      assert.ok(figures.changes > (rounds * stacks.length) / 2, JSON.stringify(figures));

      async function check(stack: string, what: string, plan: StackPlan | undefined): Promise<void> {
        const where = `${stack}, ${what} (KF_SEED=${String(seed)})`;
        if (plan !== undefined && "failure" in plan) {
          // The stack's own checks refuse it, and say so of a key: there is nothing to compare.
          assert.match(plan.failure, /kubeflow:|allowed|policies/, where);
          figures.refused += 1;
          return;
        }
        const [before, after] = [resourcesOf(base.get(stack), where), resourcesOf(plan, where)];
        const rules = await replacementRules(new Set([...before, ...after].map(({ type }) => type)));
        const changes = compareListings(before, after, rules);
        assert.deepEqual(changes.map(({ urn }) => urn).sort(), differing(before, after), where);
        const findings = await findingsFor([...before, ...after]);
        // What is left behind on purpose is lost to the program only: a warning.
        const enough = (change: (typeof changes)[number]): readonly string[] =>
          change.before?.retainOnDelete === true ? ["danger", "warning"] : ["danger"];
        const dangers = new Set(
          changes
            .filter((change) => findings(change).some(({ level }) => enough(change).includes(level)))
            .map(({ urn }) => urn),
        );
        const lost = destroyed(before, after);
        assert.deepEqual(
          lost.filter((urn) => !dangers.has(urn)),
          [],
          where,
        );
        figures.changes += 1;
        figures.objects += changes.length;
        figures.destructive += lost.length;
      }
    } finally {
      await checkout.close();
    }
  });
});
