import assert from "node:assert/strict";
import { behindOf } from "../../cli/promote/status.ts";
import { downgradeRefusal } from "../../cli/promote/rollback.ts";
import { pulumiUpdates } from "../../cli/promote/running.ts";
import { standing, type PromotionRecord } from "../../cli/promote/records.ts";
import { runsSince, toHistoryNotes, toUpdates, type StackUpdate } from "../../cli/promote/updates.ts";
import { loadUpgrades } from "../../release/upgrades.ts";
import { partOf } from "../../cli/promote/release-part.ts";

const hour = 3600;
const up = (endTime: number, part: string, result: "succeeded" | "failed" | "in-progress" = "succeeded") =>
  ({
    kind: "update",
    startTime: endTime - 60,
    endTime,
    result,
    environment: toHistoryNotes({ release: "26.03", render: `${part}-render`, part }),
  }) as const;

const since = (updates: readonly StackUpdate[]): number | undefined => runsSince(updates, "new", "new-render");

describe("how long a stack has run a release", () => {
  it("counts from its first up, whatever brought the same up again, and starts anew after another", () => {
    const history = [up(1 * hour, "new"), up(2 * hour, "old"), up(3 * hour, "new"), up(4 * hour, "new")];
    assert.equal(since(toUpdates(history)), 3 * hour * 1000);
  });

  it("is not reset by an up of it that failed, and does not count from one", () => {
    const history = [up(1 * hour, "new", "failed"), up(2 * hour, "new"), up(3 * hour, "new", "failed")];
    assert.equal(since(toUpdates(history)), 2 * hour * 1000);
    assert.equal(since(toUpdates([up(1 * hour, "new", "failed")])), undefined);
  });

  it("is nothing after another release, a destroy, or for one that was never there", () => {
    const destroyed = { ...up(2 * hour, "new"), kind: "destroy" } as const;
    assert.equal(since(toUpdates([up(1 * hour, "new"), destroyed])), undefined);
    assert.equal(since(toUpdates([up(1 * hour, "new"), up(2 * hour, "old")])), undefined);
    assert.equal(since([]), undefined);
  });

  it("is not stretched by a look at the stack", () => {
    const refresh = { ...up(2 * hour, "other"), kind: "refresh", environment: {} } as const;
    assert.equal(since(toUpdates([up(1 * hour, "new"), refresh])), 1 * hour * 1000);
  });

  it("counts from the last up where the Pulumi CLI keeps the history, which does not say of what an up was", () => {
    const history = [
      {
        kind: "update",
        result: "succeeded",
        startTime: "2026-01-02T00:00:00.000Z",
        endTime: "2026-01-02T01:00:00.000Z",
      },
      {
        kind: "update",
        result: "succeeded",
        startTime: "2026-01-01T00:00:00.000Z",
        endTime: "2026-01-01T01:00:00.000Z",
      },
    ];
    const updates = pulumiUpdates(history, { release: "26.03", render: "new-render" });
    assert.equal(updates[0]?.started, "2026-01-01T00:00:00.000Z");
    assert.equal(since(updates), Date.parse("2026-01-02T01:00:00.000Z"));
  });
});

const part = (name: string) => partOf({ release: name, name, sha256: name }, {}, []);
const [one, two, three] = [part("1.0"), part("2.0"), part("3.0")];

function record(
  id: string,
  before: typeof one,
  after: typeof one,
  rest: Partial<PromotionRecord> = {},
): PromotionRecord {
  return {
    ...{ version: 1, kind: "promotion", id, stack: "prod", at: id, by: { name: "ada" } },
    ...{ before: { ...before, options: {} }, after: { ...after, options: {} }, rendered: {}, gates: [] },
    ...rest,
  };
}

const first = record("2026-01-01T00:00:00.000Z", one, two);
const second = record("2026-01-03T00:00:00.000Z", two, three);

describe("how far an environment is behind", () => {
  const now = Date.parse("2026-01-05T00:00:00.000Z");
  const previous = { member: { stack: "staging" }, digest: three.digest, records: [first, second], updates: [] };

  it("counts the releases that the one before has had since, and the days since it left this one", () => {
    assert.deepEqual(behindOf(three, previous, now), { stack: "staging", promotions: 0, days: 0, same: true });
    assert.deepEqual(behindOf(two, previous, now), { stack: "staging", promotions: 1, days: 2, same: false });
    assert.deepEqual(behindOf(one, previous, now), { stack: "staging", promotions: 2, days: 4, same: false });
  });

  it("says when that is not recorded", () => {
    assert.deepEqual(behindOf(part("0.9"), previous, now), { stack: "staging", same: false });
  });

  it("goes by what was brought up in the first environment, to which nothing is promoted", () => {
    const day = (count: number) => Date.parse("2026-01-01T00:00:00.000Z") / 1000 + count * 24 * hour;
    const updates = toUpdates([up(day(0), two.digest), up(day(1), two.digest), up(day(2), three.digest)]);
    const { promotions, days } = behindOf(two, { ...previous, records: [], updates }, now);
    assert.deepEqual([promotions, days], [1, 2]);
  });
});

describe("a rollback", () => {
  it("goes back over what no other has taken back", () => {
    const back = record("2026-01-04T00:00:00.000Z", three, two, { kind: "rollback", undoes: second.id });
    assert.deepEqual(standing([first, second]), [first, second]);
    assert.deepEqual(standing([first, second, back]), [first]);
  });

  const rules = [
    { from: "1.0", to: "2.0", downgrade: { allowed: true, reason: "tried", source: "a test" } },
    { from: "2.0", to: "3.0", downgrade: { allowed: false, reason: "the database was migrated", source: "its notes" } },
  ];

  it("stays within a release, or follows a rule", () => {
    assert.equal(downgradeRefusal("prod", { name: "3.0" }, { name: "3.0" }, rules), undefined);
    assert.equal(downgradeRefusal("prod", { name: "2.0" }, { name: "1.0" }, rules), undefined);
  });

  it("from 26.03 to 1.11.0 is refused by the rules of the project, with their reason", async () => {
    const refusal = downgradeRefusal("prod", { name: "26.03" }, { name: "1.11.0" }, await loadUpgrades());
    assert.match(refusal ?? "", /prod: back from 26\.03 to 1\.11\.0 is not possible: .{20,} \(.+\)$/s);
  });

  it("says why it is refused", () => {
    const refused = downgradeRefusal("prod", { name: "3.0" }, { name: "2.0" }, rules);
    assert.match(
      refused ?? "",
      /prod: back from 3\.0 to 2\.0 is not possible: the database was migrated \(its notes\)/,
    );
    assert.match(
      downgradeRefusal("prod", { name: "3.0" }, { name: "1.0" }, rules) ?? "",
      /no rule says.*1\.0-to-3\.0\.yaml/,
    );
  });
});
