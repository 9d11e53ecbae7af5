import { styleText } from "node:util";
import Table from "cli-table3";
import { Command } from "commander";
import type { Check, Status } from "../doctor-probe.ts";

const marks: Readonly<Record<Status, string>> = {
  ok: styleText("green", "ok"),
  warn: styleText("yellow", "warn"),
  missing: styleText("red", "missing"),
};

/** `kf doctor`: what is on this machine, what is missing, and what to do about each. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("what is on this machine, what is missing, and what to do about it (changes nothing)")
    .option("--json", "print JSON: an array of {name, status, found, wanted, remedy}")
    .addHelpText("after", "\nExit code 1 when something is missing that `npm start` needs.")
    .action(async (flags: { readonly json?: true }) => {
      const { diagnose } = await import("../doctor.ts");
      const checks = await diagnose();
      process.stdout.write(flags.json === true ? `${JSON.stringify(checks, undefined, 2)}\n` : describe(checks));
      if (checks.some(({ status }) => status === "missing")) process.exitCode = 1;
    });
}

/** No lines between rows. */
const chars = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

function describe(checks: readonly Check[]): string {
  const table = new Table({ head: ["", "what", "found", "wanted"], chars, style: { head: [], border: [] } });
  for (const { status, name, found, wanted } of checks) table.push([marks[status], name, found, wanted]);
  const byRemedy = Map.groupBy(
    checks.filter(({ remedy }) => remedy !== undefined),
    ({ status, remedy }) => `${marks[status]}  ${remedy ?? ""}`,
  );
  const todo = [...byRemedy].map(([remedy, those]) => `  ${remedy} (${those.map(({ name }) => name).join(", ")})`);
  return `${table.toString()}\n${todo.length === 0 ? "Nothing to do." : `What to do\n${todo.join("\n")}`}\n`;
}
