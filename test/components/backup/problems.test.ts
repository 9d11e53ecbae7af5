import assert from "node:assert/strict";
import fc from "fast-check";
import { backupProblems } from "../../../components/backup/problems.ts";
import { backupSettings } from "../../../components/backup/settings.ts";
import { identity, objectStore } from "../storage/support.ts";

const settings = backupSettings.parse({ volumes: "none" });
const bound = {
  kind: "eks",
  identity: identity([]),
  objectStore: objectStore("s3", { versionsKeptDays: 30 }),
} as const;

describe("what stands against a backup", () => {
  it("is nothing where the target has a versioned store and an identity", () => {
    assert.deepEqual(backupProblems(settings, bound, [{ name: "team-a" }]), []);
  });

  it("is said with the key and what to do", () => {
    const { identity: of, ...anonymous } = bound;
    assert.ok(of);
    const cases = [
      [
        settings,
        { kind: "kubeconfig" },
        /^kubeflow:backup: the target kubeconfig has no object store.*kubeflow:onprem\.objectStore/,
      ],
      [settings, anonymous, /^kubeflow:backup: the target eks has neither an identity nor a key/],
      [settings, { ...bound, objectStore: objectStore("s3") }, /keeps old versions.*versionsKeptDays/],
      [
        { ...settings, retentionDays: 31 },
        bound,
        /^kubeflow:backup\.retentionDays: 31; allowed: at most 30.*noncurrentDays/,
      ],
    ] as const;
    for (const [given, target, expected] of cases) {
      const problems = backupProblems(given, target, []);
      assert.equal(problems.length, 1, JSON.stringify(problems));
      assert.match(problems[0] ?? "", expected);
    }
  });

  it("is a prefix that a tenant could read or write", () => {
    const folder = fc.stringMatching(/^([a-z]{1,3}\/){1,3}$/);
    fc.assert(
      fc.property(folder, folder, (prefix, bucketPrefix) => {
        const problems = backupProblems({ ...settings, prefix }, bound, [{ name: "team-a", bucketPrefix }]);
        assert.equal(
          problems.length > 0,
          `${prefix}x`.startsWith(bucketPrefix) || `${bucketPrefix}x`.startsWith(prefix),
        );
      }),
    );
  });

  it("is that nobody has decided what becomes of volumes", () => {
    assert.equal(backupSettings.safeParse({}).success, false);
  });
});
