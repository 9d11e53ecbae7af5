import assert from "node:assert/strict";
import { UserError } from "../../../shared/errors.ts";
import { parseStackConfig } from "../../../stacks/config.ts";

function refusal(profiles: readonly unknown[], rest: Readonly<Record<string, unknown>> = {}): string {
  try {
    parseStackConfig("dev", {
      "kubeflow:target": "sandbox",
      "kubeflow:tenants": JSON.stringify({ ...rest, profiles }),
    });
  } catch (error) {
    assert.ok(error instanceof UserError);
    return error.message;
  }
  return assert.fail("the settings were taken");
}

const ann = { name: "team-a", owner: "ann@example.com" };

describe("settings of tenants", () => {
  const cases: Readonly<Record<string, readonly [readonly unknown[], RegExp]>> = {
    "a name twice": [[ann, { ...ann }], /profiles\[1\]\.name: "team-a"; allowed: a name that no other has/],
    "a name over 63 characters": [[{ ...ann, name: "a".repeat(64) }], /profiles\[0\]\.name: .*allowed: 1 to 63 of a-z/],
    "a name that is no DNS label": [[{ ...ann, name: "Team_A" }], /profiles\[0\]\.name: "Team_A"; allowed: 1 to 63/],
    "an owner that is no address": [
      [{ ...ann, owner: "ann" }],
      /profiles\[0\]\.owner: "ann"; allowed: an e-mail address/,
    ],
    "another role": [
      [{ ...ann, members: [{ user: "bob@example.com", role: "owner" }] }],
      /profiles\[0\]\.members\[0\]\.role: "owner"; allowed: admin, edit, view/,
    ],
    "a person twice": [
      [
        {
          ...ann,
          members: [
            { user: "bob@example.com", role: "edit" },
            { user: "bob@example.com", role: "view" },
          ],
        },
      ],
      /profiles\[0\]\.members\[1\]: "bob@example.com"; allowed: each of them once/,
    ],
    "two people whose bindings KFAM would give one name": [
      [
        {
          ...ann,
          members: [
            { user: "bob.b@example.com", role: "edit" },
            { user: "bob-b@example.com", role: "edit" },
          ],
        },
      ],
      /not beside bob\.b@example\.com in one role: their bindings would have one name \(user-bob-b-example-com-clusterrole-edit\)/,
    ],
    "a prefix within another tenant's": [
      [ann, { name: "team-b", owner: "bea@example.com", bucketPrefix: "artifacts/team-a/b/" }],
      /profiles\[1\]\.bucketPrefix: "artifacts\/team-a\/b\/"; allowed: .*artifacts\/team-a\/ is of team-a/,
    ],
    "a prefix around another tenant's": [
      [ann, { name: "team-b", owner: "bea@example.com", bucketPrefix: "artifacts/" }],
      /profiles\[1\]\.bucketPrefix/,
    ],
    "the whole bucket": [[{ ...ann, bucketPrefix: "/" }], /bucketPrefix: "\/"; allowed: folders that each end with \//],
    "a quantity with a unit": [
      [{ ...ann, quota: { memoryGiB: "128Gi" } }],
      /quota\.memoryGiB: "128Gi"; allowed: a whole number of GiB, without a unit/,
    ],
    "half a GPU": [[{ ...ann, quota: { gpus: 0.5 } }], /quota\.gpus: 0\.5; allowed: a whole number/],
    "an unknown key of a quota": [
      [{ ...ann, quota: { storage: 1 } }],
      /quota\.storage: unknown key; did you mean storageGiB\?/,
    ],
    "a Pod Security level of its own": [
      [{ ...ann, podSecurity: "strict" }],
      /podSecurity: "strict"; allowed: privileged/,
    ],
    "an address range that is none": [
      [{ ...ann, network: { egress: "restricted", apiServer: ["10.0.0.1/33"] } }],
      /network\.apiServer\[0\]: "10\.0\.0\.1\/33"; allowed: a range of addresses/,
    ],
  };
  for (const [what, [profiles, message]] of Object.entries(cases))
    it(`refuse ${what}, by its path`, () => assert.match(refusal(profiles), message));

  it("refuse a second administrator, since the release's access management knows one", () => {
    assert.match(refusal([ann], { admins: ["a@example.com", "b@example.com"] }), /tenants\.admins: .*one address/);
  });

  it("let names be alike that are no prefix of one another", () => {
    const { tenants } = parseStackConfig("dev", {
      "kubeflow:target": "sandbox",
      "kubeflow:tenants": JSON.stringify({ profiles: [ann, { ...ann, name: "team-a2" }] }),
    });
    assert.deepEqual(
      tenants?.profiles.map(({ name }) => name),
      ["team-a", "team-a2"],
    );
  });
});
