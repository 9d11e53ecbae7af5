/** `kf rollback STACK`: back to what the stack had before its last promotion. Applies nothing. */
import { loadUpgrades, type Upgrade } from "../../release/upgrades.ts";
import { UserError } from "../../shared/errors.ts";
import { carryOut, type ChangeOptions, type Outcome } from "./change.ts";
import { readRecords, standing } from "./records.ts";
import { partOf, readLock, readReleasePart, type PromotedLock } from "./release-part.ts";
import { readStackFile } from "./stack-files.ts";
import { finishUnfinished } from "./write.ts";

export interface RollbackOptions extends ChangeOptions {
  readonly stack: string;
}

/** @throws UserError when there is nothing to go back to, or no way back. */
export async function rollback(options: RollbackOptions): Promise<Outcome> {
  const { root, stack, dryRun } = options;
  await readStackFile(root, stack);
  const ended = dryRun ? undefined : await finishUnfinished(root, stack);
  const to = await readStackFile(root, stack);
  const last = standing(await readRecords(root, stack)).at(-1);
  const before = await readReleasePart(root, to.file, to.text);
  if (ended?.kind === "rollback") {
    const { before: from, after } = ended;
    const release = { before: from.lock.name, after: after.lock.name };
    const digest = { before: from.digest, after: after.digest };
    const files: readonly string[] = [];
    return {
      kind: "rollback",
      stack,
      result: "present",
      finished: ended.id,
      release,
      digest,
      gates: [],
      changes: [],
      files,
    };
  }
  if (last === undefined)
    throw new UserError(`${stack}: no promotion is recorded, so there is nothing to go back to; use git for its files`);
  if (last.after.digest !== before.digest) {
    throw new UserError(
      `${stack}: its release was changed by hand after the promotion ${last.id}, so going back would drop that change. ` +
        "Put the files back first (git), or promote",
    );
  }
  const wanted = last.before;
  const refusal = downgradeRefusal(stack, before.lock, wanted.lock, await loadUpgrades());
  if (refusal !== undefined) throw new UserError(refusal);
  const after = partOf(await presentLock(root, wanted.lock), wanted.options, wanted.charts);
  const finished = ended === undefined ? {} : { finished: ended.id };
  const change = { kind: "rollback", to, before, after, gates: [], origin: { undoes: last.id } } as const;
  return { ...(await carryOut(change, options)), ...finished };
}

/** Why a release may not go back to the other one; undefined when it may. Lock changes within one release may always. */
export function downgradeRefusal(
  stack: string,
  now: Pick<PromotedLock, "name">,
  wanted: Pick<PromotedLock, "name">,
  upgrades: readonly Pick<Upgrade, "from" | "to" | "downgrade">[],
): string | undefined {
  if (now.name === wanted.name) return undefined;
  const way = `${stack}: back from ${now.name} to ${wanted.name}`;
  const upgrade = upgrades.find(({ from, to }) => from === wanted.name && to === now.name);
  if (upgrade === undefined) {
    return `${way}: no rule says that this is possible. Add ${wanted.name}-to-${now.name}.yaml to release/upgrades once it was tried`;
  }
  const { allowed, reason, source } = upgrade.downgrade;
  return allowed ? undefined : `${way} is not possible: ${reason} (${source})`;
}

/** A lock of the project is there by its name, and has to be what it was. */
async function presentLock(root: string, lock: PromotedLock): Promise<PromotedLock> {
  if (lock.text !== undefined) return lock;
  const present = await readLock(root, lock.release);
  if (present.sha256 === lock.sha256) return present;
  throw new UserError(
    `release ${lock.release}: its lock is not the one that was promoted (${lock.sha256.slice(0, 12)} then, ` +
      `${present.sha256.slice(0, 12)} now). Put release/locks/${lock.release}.yaml back as it was (git)`,
  );
}
