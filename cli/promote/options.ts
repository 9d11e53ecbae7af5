/** From flags to what a promotion works with. */
import { projectRoot } from "../../shared/paths.ts";
import { UserError } from "../../shared/errors.ts";
import { stateDir } from "../offline.ts";
import type { ChangeOptions } from "./change.ts";
import type { ChangeFlags } from "./flags.ts";
import type { Waivers } from "./gates.ts";
import { waivable } from "./waivable.ts";

/** @param given waivers by flags of their own. @throws UserError (wrong usage) for a waiver without a gate or a reason. */
export function changeOptions(flags: ChangeFlags, given: Waivers): ChangeOptions {
  const { acknowledge = [], waive = [], engine, dryRun = false, quiet = false } = flags;
  const waivers = Object.fromEntries([...Object.entries(given), ...waive.map(parseWaiver)]);
  const empty = Object.entries(waivers).find(([, reason]) => reason.trim() === "");
  if (empty !== undefined)
    throw new UserError(`promote: the waiver of ${empty[0]} has no reason; say why`, { exitCode: 2 });
  return {
    root: projectRoot,
    stateDir: stateDir(),
    waivers,
    acknowledge,
    engine,
    dryRun,
    quiet: quiet || flags.json === true,
  };
}

function parseWaiver(text: string): readonly [gate: string, reason: string] {
  const [, gate = text, reason = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if ((waivable as readonly string[]).includes(gate)) return [gate, reason];
  throw new UserError(
    `--waive ${text}: ${JSON.stringify(gate)} is no gate that can be waived; allowed: ${waivable.join(", ")}, as GATE=REASON`,
    {
      exitCode: 2,
    },
  );
}
