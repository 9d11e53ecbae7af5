import { Command } from "commander";
import { printOutcome, withChangeFlags, type ChangeFlags } from "../promote/flags.ts";

/** `kf rollback`: back to what a stack had before its last promotion. */
export function rollbackCommand(): Command {
  return withChangeFlags(
    new Command("rollback")
      .description("write the release that a stack had before its last promotion into its files; applies nothing")
      .argument("<stack>", "a stack that was promoted to"),
  ).action(async (stack: string, flags: ChangeFlags) => {
    const { rollback } = await import("../promote/rollback.ts");
    const { changeOptions } = await import("../promote/options.ts");
    await printOutcome(await rollback({ ...changeOptions(flags, {}), stack }), flags);
  });
}
