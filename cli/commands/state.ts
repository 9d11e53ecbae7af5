import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import Table from "cli-table3";
import type { ImportedState } from "../../engine/state-import.ts";
import { messageOf, UserError } from "../../shared/errors.ts";
import { projectRoot } from "../../shared/paths.ts";
import { positiveInteger } from "../arguments.ts";

/** `kf state`: what the offline engine keeps of a stack. */
export function stateCommand(): Command {
  const state = new Command("state").description("look into the state that the offline engine keeps of a stack");
  state
    .command("size")
    .description("how large the state is, and which resources make it so")
    .argument("[stack]", "stack name", "local-dev")
    .option("--top <count>", "how many resources to list", positiveInteger, 20)
    .option("--json", "print JSON, every resource")
    .action(async (stack: string, options: { readonly top: number; readonly json?: true }) => {
      const { stateSize } = await import("../../engine/stored-state.ts");
      const { stateDir } = await import("../offline.ts");
      const size = await stateSize({ projectRoot, stateDir: stateDir(), stack });
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify(size)}\n`);
        return;
      }
      const table = new Table({ head: ["bytes", "resource"], style: { head: [], border: [] } });
      for (const { urn, bytes } of size.resources.slice(0, options.top)) table.push([bytes, urn]);
      process.stdout.write(
        `${table.toString()}\n${stack}: ${String(size.bytes)} bytes in ${String(size.resources.length)} resources\n`,
      );
    });
  state
    .command("export")
    .description("print the state as `pulumi stack import` takes it; its secrets stay encrypted")
    .argument("[stack]", "stack name", "local-dev")
    .action(async (stack: string) => {
      const { exportState } = await import("../../engine/stored-state.ts");
      const { stateDir } = await import("../offline.ts");
      const state = await exportState({ projectRoot, stateDir: stateDir(), stack });
      if (state === undefined) throw new UserError(`stack ${stack}: it has no state, so there is nothing to export`);
      process.stdout.write(`${JSON.stringify(state, undefined, 2)}\n`);
    });
  state
    .command("import")
    .description("take over the state that `pulumi stack export` printed; the one that there is goes to the backups")
    .argument("[stack]", "stack name", "local-dev")
    .option("--file <path>", "where the state is (default: standard input)")
    .option("--json", "print JSON")
    .action(async (stack: string, { file, json }: { readonly file?: string; readonly json?: true }) => {
      const { importState } = await import("../../engine/state-import.ts");
      const { stateDir } = await import("../offline.ts");
      const imported = await importState({ projectRoot, stateDir: stateDir(), stack }, await exportedText(file));
      process.stdout.write(`${json === true ? JSON.stringify(imported) : describeImport(stack, imported)}\n`);
    });
  state
    .command("outputs")
    .description("print what the stack gives out: addresses, and with --show-secrets the first user's password")
    .argument("[stack]", "stack name", "local-dev")
    .option("--show-secrets", "print secrets in clear")
    .option("--json", "print JSON")
    .action(async (stack: string, options: { readonly showSecrets?: true; readonly json?: true }) => {
      const { stackOutputs } = await import("../../engine/stored-state.ts");
      const { stateDir } = await import("../offline.ts");
      const showSecrets = options.showSecrets === true;
      const outputs = await stackOutputs({ projectRoot, stateDir: stateDir(), stack, showSecrets });
      if (outputs === undefined) throw new UserError(`stack ${stack}: it has no state, so it gives out nothing`);
      const lines = Object.entries(outputs).map(
        ([name, value]) => `${name}\t${typeof value === "string" ? value : JSON.stringify(value)}`,
      );
      process.stdout.write(`${options.json === true ? JSON.stringify(outputs) : lines.join("\n")}\n`);
    });
  return state;
}

async function exportedText(file: string | undefined): Promise<string> {
  if (file !== undefined) {
    return readFile(file, "utf8").catch((cause: unknown): never => {
      throw new UserError(`--file ${file}: cannot be read (${messageOf(cause)})`, { cause, exitCode: 2 });
    });
  }
  if (!process.stdin.isTTY) return text(process.stdin);
  throw new UserError("no state: give it on standard input (pulumi stack export | kf state import) or by --file", {
    exitCode: 2,
  });
}

function describeImport(stack: string, { resources, pending, setAside }: ImportedState): string {
  const lines = [
    `${stack}: ${String(resources)} resources imported`,
    ...(pending === 0
      ? []
      : [`${String(pending)} operations had not ended: the next refresh or up looks what came of them`]),
    ...(setAside === undefined ? [] : [`the state before it: ${setAside}`]),
  ];
  return lines.join("\n");
}
