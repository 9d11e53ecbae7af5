import { Command } from "commander";
import { UserError } from "../../shared/errors.ts";

interface CostFlags {
  readonly compare?: string;
  readonly region?: string;
  readonly json?: true;
}

/** `kf cost`: what a stack costs in a month, and where some GPUs cost the least. */
export function costCommand(): Command {
  return new Command("cost")
    .description("what a stack costs in a month, at least and at most, from the price files of the project")
    .argument("[stack]", "stack name, a file of stacks/config")
    .option("--compare <gpus>", "the cheapest machines of each cloud that have these GPUs, e.g. l4=4,h100=8")
    .option("--region <regions>", "for --compare: regions, one of each cloud, e.g. europe-west4,us-east-1")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nThe floor has every pool at its minimum, the ceiling at its maximum. Prices are those of the folder prices/, each\n" +
        "with date and source; kubeflow:prices in the stack's file sets others. What has no price is said, and not guessed.",
    )
    .action(async (stack: string | undefined, flags: CostFlags) => {
      process.stdout.write(
        flags.compare === undefined ? await cost(stack, flags) : await comparison(stack, flags, flags.compare),
      );
    });
}

async function cost(stack: string | undefined, { region, json }: CostFlags): Promise<string> {
  if (stack === undefined) throw wrong("cost: name a stack, or say --compare, e.g. --compare l4=4,h100=8");
  if (region !== undefined) throw wrong("cost: --region is for --compare; the region of a stack is in its file");
  const { readRawConfig } = await import("../stack-file.ts");
  const { parseStackConfig } = await import("../../stacks/config.ts");
  const { estimate } = await import("../cost/estimate.ts");
  const estimated = estimate(parseStackConfig(stack, await readRawConfig(stack)));
  if (json === true) return asJson({ stack, ...estimated });
  const { describeEstimate } = await import("../cost/describe.ts");
  return describeEstimate(stack, estimated);
}

async function comparison(stack: string | undefined, { region, json }: CostFlags, gpus: string): Promise<string> {
  if (stack !== undefined) throw wrong("cost: either a stack or --compare, not both");
  const { compare, parseDemand } = await import("../cost/compare.ts");
  const regions = region === undefined ? [] : region.split(",").map((name) => name.trim());
  const compared = compare(parseDemand(gpus), regions);
  if (json === true) return asJson({ currency: "USD", clouds: compared });
  const { describeComparison } = await import("../cost/describe.ts");
  return describeComparison(compared);
}

const asJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
const wrong = (message: string): UserError => new UserError(message, { exitCode: 2 });
