/** The comment of a pull request: what a stranger's branch can put into it, and how long it gets. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { assemble, type StackPair } from "../../cli/diff/assemble.ts";
import { findingsFor } from "../../cli/diff/findings/findings.ts";
import { marker, maxLength, renderMarkdown } from "../../cli/diff/markdown.ts";
import type { DiffReport } from "../../cli/diff/report.ts";
import { describeDiff } from "../../cli/diff/terminal.ts";
import type { PlannedResource } from "../../cli/operation.ts";
import { object, planned, rules } from "./listing.ts";

const findings = await findingsFor([]);

function report(before: readonly PlannedResource[], after: readonly PlannedResource[], stacks = ["dev"]): DiffReport {
  const pairs = stacks.map((stack): StackPair => ({
    ...{ stack, target: "gke", environment: "dev" },
    before: { resources: before, policies: [] },
    after: { resources: after, policies: [] },
    cost: { before: { atLeastUsd: 100, atMostUsd: 200 }, after: { atLeastUsd: 150, atMostUsd: 2000 } },
    gpus: { before: { l4: { min: 0, max: 4 } }, after: { l4: { min: 0, max: 8 } } },
  }));
  const [base, head] = [
    { ref: "main", commit: "a".repeat(40) },
    { commit: "b".repeat(40), dirty: false },
  ];
  return { base, head, ...assemble(pairs, rules, findings), timings: {} };
}

/** What GitHub would read as more than code: without spans, blocks and escaped HTML in `<code>`. */
function markup(text: string): string {
  return text
    .replace(/^```diff\n(?:[-+!].*\n)*```$/gm, "")
    .replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "")
    .replace(/<code>[^<>]*<\/code>/g, "");
}

describe("the Markdown of kf diff", () => {
  it("has what must not be missed first, then a line a stack, and every change folded", () => {
    const before = [
      object("v1", "PersistentVolumeClaim", "kubeflow/data"),
      object("v1", "ConfigMap", "a/b", { data: { k: "1" } }),
    ];
    const text = renderMarkdown(report(before, [object("v1", "ConfigMap", "a/b", { data: { k: "2" } })]));
    const order = [
      marker,
      "data-loss",
      "| `dev` | ~1 -1 | same | $100 to $200 => $150 to $2,000 | l4 0-4 => 0-8 |",
      "<details>",
      '- data.k: "1"\n+ data.k: "2"',
    ];
    const places = order.map((part) => text.indexOf(part));
    assert.ok(
      places.every((place) => place >= 0),
      text,
    );
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });

  it("shows a change of many stacks once", () => {
    const stacks = ["aws-dev", "gcp-dev", "onprem-dev"];
    const { changes } = report([], [object("v1", "ConfigMap", "a/b")], stacks);
    assert.deepEqual(
      changes.map((change) => change.stacks),
      [stacks],
    );
  });

  it("takes nothing from the branch for markup, a link or a mention", () => {
    const piece = fc.constantFrom(
      ...[
        "`",
        "```",
        "\n",
        "\n\n",
        "|",
        "\\",
        "</details>",
        "<img src=x>",
        "[a](http://x)",
        "@team",
        "#1",
        "**",
        "\r",
        "~~~",
        "&lt;",
        "\u202e",
        "\u001b[2J",
        "    ",
        "-->",
        "EVIL",
      ],
    );
    const hostile = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => `EVIL${parts.join("")}EVIL`);
    fc.assert(
      fc.property(hostile, hostile, hostile, (name, value, key) => {
        const claim = (text: string) =>
          planned("kubernetes:core/v1:PersistentVolumeClaim", name, {
            kind: "PersistentVolumeClaim",
            apiVersion: "v1",
            metadata: { name },
            spec: { [key]: text },
          });
        const service = planned("kubernetes:core/v1:Service", name, {
          kind: "Service",
          apiVersion: "v1",
          metadata: { name },
          spec: { type: "LoadBalancer", externalIPs: [value] },
        });
        const made = report([claim("old")], [claim(value), service], [name]);
        const stack = made.stacks[0];
        assert.ok(stack !== undefined);
        const violation = { rule: name, enforcement: value, resource: key, message: value };
        const failed = { ...stack, failure: { at: "head", message: value } as const };
        const all = {
          ...made,
          stacks: [{ ...stack, policies: { added: [violation], resolved: [violation] } }, failed],
          unaffected: [name],
        };
        const text = renderMarkdown(all);
        const rest = markup(text).replace(/^ {4}.*$/gm, "");
        // A name that has nothing but a name's characters in it is harmless wherever it stands.
        assert.doesNotMatch(rest, /@team|\]\(|<img|#1|\*\*EVIL|\u202e|\u001b|\r/, text);
        assert.equal((rest.match(/<details>/g) ?? []).length, (rest.match(/<\/details>/g) ?? []).length, text);
        assert.doesNotMatch(describeDiff(all), /\u202e|\u001b\[2J/);
      }),
      { numRuns: 300 },
    );
  });

  it("is never longer than a comment may be, and says what is not in it", () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      object("v1", "PersistentVolumeClaim", `a/claim-${String(index)}`, { spec: { a: "x".repeat(500) } }),
    );
    const changed = many.map((claim) =>
      planned(claim.type, claim.urn, {
        apiVersion: "v1",
        kind: "ConfigMap",
        data: { ["k".repeat(3000)]: "v".repeat(3000) },
      }),
    );
    const text = renderMarkdown(report(many, changed));
    assert.ok(text.length <= maxLength && text.length > maxLength / 2, String(text.length));
    assert.match(text, /more parts of the report did not fit here/);
    assert.match(text, /data-loss/);
  });
});
