/** Limits of AWS's own models that our settings could go past: see test/models. */
import assert from "node:assert/strict";
import { eksProblems } from "../../../components/eks/rules.ts";
import { settingsWith } from "./settings.ts";

const problemsWith = (more: Parameters<typeof settingsWith>[0]) => eksProblems(settingsWith(more), "1.35.0");

function refuses(more: Parameters<typeof settingsWith>[0], part: RegExp): void {
  const problems = problemsWith(more);
  assert.equal(problems.length, 1, problems.join("\n"));
  assert.match(problems[0] ?? "", part);
}

describe("what EKS refuses beside pools", () => {
  it("takes as labels what AWS takes as tags, and no more", () => {
    assert.deepEqual(problemsWith({ labels: { "cost-center": "a/b c_d=e+f@g:h-i.j", équipe: "" } }), []);
    refuses({ labels: { team: "a!b" } }, /eks\.labels: \{"team":"a!b"\}; allowed/);
    refuses({ labels: { "a,b": "" } }, /eks\.labels/);
    refuses({ labels: { team: "v".repeat(257) } }, /eks\.labels/);
    refuses({ labels: { ["k".repeat(129)]: "" } }, /eks\.labels/);
    refuses({ labels: { "AWS:team": "a" } }, /no key that begins with aws:/);
  });

  it("leaves room for our own tags in one request to Route 53", () => {
    const labels = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, ""]));
    assert.deepEqual(problemsWith({ labels: labels(6) }), []);
    refuses({ labels: labels(7) }, /7 labels; allowed: at most 6/);
  });

  it("takes a domain whose dashboard fits a certificate", () => {
    const domain = (length: number) => `${"d".repeat(length - ".example.com".length)}.example.com`;
    assert.deepEqual(problemsWith({ domain: domain(55) }), []);
    refuses({ domain: domain(56) }, /eks\.domain: .*at most 55/);
  });

  it("tells ten people of a budget", () => {
    const emails = (count: number) => Array.from({ length: count }, (_, index) => `a${index}@example.com`);
    assert.deepEqual(problemsWith({ budget: { monthlyUsd: 1, emails: emails(10) } }), []);
    refuses({ budget: { monthlyUsd: 1, emails: emails(11) } }, /11 addresses; allowed: at most 10/);
  });
});
