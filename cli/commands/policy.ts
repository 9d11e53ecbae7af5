import { Command } from "commander";
import { defaultParallel } from "../arguments.ts";

interface PolicyFlags {
  readonly list?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** `kf policy`: what the policy pack says of a stack, without the rest of a preview. */
export function policyCommand(): Command {
  return new Command("policy")
    .description("what the policy pack says of a stack; changes nothing, and asks for no credentials")
    .argument("[stack]", "stack name, a file of stacks/config", "local-dev")
    .option("--list", "the rules, and how strict each is in dev, staging and prod")
    .option("--json", "print one JSON object")
    .option("--quiet", "no progress")
    .action(async (stack: string, flags: PolicyFlags) => {
      process.stdout.write(flags.list === true ? await list(flags) : await check(stack, flags));
    });
}

async function list({ json }: PolicyFlags): Promise<string> {
  const { listRules } = await import("../policy.ts");
  const rules = listRules();
  if (json === true) return `${JSON.stringify({ rules })}\n`;
  return rules
    .map(
      ({ rule, title, dev, staging, prod }) => `${rule}: ${title}\n    dev ${dev}, staging ${staging}, prod ${prod}\n`,
    )
    .join("");
}

async function check(stack: string, { json, quiet }: PolicyFlags): Promise<string> {
  const { runOperationOn } = await import("../operation.ts");
  const { countOf, describePolicies } = await import("../policy.ts");
  const flags = { parallel: defaultParallel, engine: "offline", ...(quiet === true ? { quiet } : {}) } as const;
  const { policies = [], failed, diagnostics } = await runOperationOn("preview", stack, flags);
  if (failed) process.exitCode = 1;
  // A plan that failed for another reason was not looked at.
  const errors = failed ? diagnostics.filter(({ severity }) => severity === "error") : [];
  if (json === true) return `${JSON.stringify({ stack, failed, policies, errors })}\n`;
  return [
    describePolicies(policies),
    ...errors.map(({ message }) => `error: ${message}\n`),
    `${stack}: ${policies.length === 0 && !failed ? "no policy is violated" : countOf(policies)}\n`,
  ].join("");
}
