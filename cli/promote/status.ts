/** `kf promote --status`: what each environment runs, since when, and how far it is behind the one before it. */
import { availableParallelism } from "node:os";
import PQueue from "p-queue";
import { UserError } from "../../shared/errors.ts";
import { parseStackConfig } from "../../stacks/config.ts";
import { readRawConfig } from "../stack-file.ts";
import { chainOf, inOrder, predecessorOf, type Member } from "./chain.ts";
import { readRecords, readUnfinished, type PromotionRecord } from "./records.ts";
import { readReleasePart } from "./release-part.ts";
import { runningOf } from "./running.ts";
import { listMembers, readStackFile } from "./stack-files.ts";
import type { StackUpdate } from "./updates.ts";

export interface EnvironmentStatus {
  readonly chain: string;
  readonly stack: string;
  readonly environment: string;
  /** What its files say: the lock's name, and the digest of lock, components and options. */
  readonly files: { readonly release: string; readonly digest: string };
  /** What runs, as far as its engine tells. `upToDate`: it is what the files say. */
  readonly running?: { readonly release: string; readonly upToDate: boolean; readonly lastUp?: string };
  /** Of the last promotion or rollback. */
  readonly promoted?: { readonly kind: string; readonly at: string; readonly by: string; readonly from?: string };
  /** A change that was cut off: when it began. */
  readonly unfinished?: string;
  /** Undefined for the first environment of a chain. */
  readonly behind?: Behind;
}

export interface Behind {
  readonly stack: string;
  /** How many releases the one before has had since the one that is here; undefined where that is not recorded. */
  readonly promotions?: number;
  /** Since the one before has another release than this; 0 when both have the same. */
  readonly days?: number;
  readonly same: boolean;
}

interface Known {
  readonly member: Member;
  readonly digest: string;
  readonly release: string;
  readonly records: readonly PromotionRecord[];
  readonly updates: readonly StackUpdate[];
}

export async function promotionStatus(
  root: string,
  stateDir: string,
  now = Date.now(),
): Promise<readonly EnvironmentStatus[]> {
  const members = await listMembers(root);
  // Each may start a Pulumi CLI.
  const queue = new PQueue({ concurrency: availableParallelism() });
  const looks = members.map((member) =>
    queue.add(async () => [member.stack, await look(root, stateDir, member)] as const),
  );
  const known = new Map(await Promise.all(looks));
  const statuses = inOrder(members).map(async (member): Promise<EnvironmentStatus | undefined> => {
    const own = known.get(member.stack);
    if (own === undefined) return undefined;
    const before = predecessorOf(member, members);
    const previous = before === undefined ? undefined : known.get(before.stack);
    const { stack, environment } = member;
    const last = own.records.at(-1);
    const unfinished = (await readUnfinished(root, stack))?.record.at;
    return {
      ...{ chain: chainOf(member), stack, environment },
      files: { release: own.release, digest: own.digest },
      ...runningIn(own),
      ...(last === undefined ? {} : { promoted: promotedIn(last) }),
      ...(unfinished === undefined ? {} : { unfinished }),
      ...(previous === undefined ? {} : { behind: behindOf(own, previous, now) }),
    };
  });
  return (await Promise.all(statuses)).filter((status) => status !== undefined);
}

async function look(root: string, stateDir: string, member: Member): Promise<Known | undefined> {
  const { stack } = member;
  try {
    const { file, text } = await readStackFile(root, stack);
    const { digest, lock } = await readReleasePart(root, file, text);
    const config = parseStackConfig(stack, await readRawConfig(stack, root));
    const records = await readRecords(root, stack);
    const updates = await asked(() => runningOf({ root, stateDir, stack, config }));
    return { member, digest, release: lock.name, records, updates: updates?.updates ?? [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`kf: ${stack} is left out: ${error.message}\n`);
    return undefined;
  }
}

/** A backend that does not answer for one stack keeps no other from being shown. */
async function asked<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function runningIn({ digest, updates }: Known): Pick<EnvironmentStatus, "running"> {
  const last = updates.findLast(({ kind, result }) => kind === "update" && result === "succeeded");
  const isGone = updates.at(-1)?.kind === "destroy";
  if (last === undefined || isGone) return {};
  const { notes, ended } = last;
  const lastUp = ended === undefined ? {} : { lastUp: ended };
  return { running: { release: notes.release ?? "unknown", upToDate: notes.part === digest, ...lastUp } };
}

function promotedIn({ kind, at, by, from }: PromotionRecord): NonNullable<EnvironmentStatus["promoted"]> {
  return { kind, at, by: by.ci?.actor ?? by.name, ...(from === undefined ? {} : { from }) };
}

/** @param previous the environment before it. */
export function behindOf(
  own: Pick<Known, "digest">,
  previous: Pick<Known, "digest" | "records" | "updates"> & { readonly member: Pick<Member, "stack"> },
  now: number,
): Behind {
  const { stack } = previous.member;
  if (own.digest === previous.digest) return { stack, promotions: 0, days: 0, same: true };
  const had = releasesOf(previous);
  const since = had.findLastIndex(({ digest }) => digest === own.digest);
  // The one here is older than what is recorded, or never was there.
  if (since === -1) return { stack, same: false };
  const next = had[since + 1];
  const days = next === undefined ? 0 : (now - Date.parse(next.at)) / 86_400_000;
  return { stack, promotions: had.length - 1 - since, days: Math.max(0, Math.round(days * 10) / 10), same: false };
}

/** The releases that a stack has had, one after the other: promoted into it, or, for the first of a chain, brought up. */
function releasesOf({
  digest: present,
  records,
  updates,
}: Pick<Known, "digest" | "records" | "updates">): readonly { readonly digest: string; readonly at: string }[] {
  const [first] = records;
  const promoted = [
    ...(first === undefined ? [] : [{ digest: first.before.digest, at: new Date(0).toISOString() }]),
    ...records.map(({ after, at }) => ({ digest: after.digest, at })),
  ];
  const broughtUp = updates.flatMap(({ kind, result, started, notes }) =>
    kind === "update" && result === "succeeded" && notes.part !== undefined
      ? [{ digest: notes.part, at: started }]
      : [],
  );
  const had = (promoted.length > 0 ? promoted : broughtUp).filter(
    ({ digest }, at, all) => digest !== all[at - 1]?.digest,
  );
  // Changed in the files, and neither promoted nor brought up yet: from now on.
  return had.at(-1)?.digest === present ? had : [...had, { digest: present, at: new Date().toISOString() }];
}
