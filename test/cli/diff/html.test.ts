/** The page of `kf diff` as text; what a browser makes of it is in test/e2e/diff-page.test.ts. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { renderHtml } from "../../../cli/diff/html.ts";
import { anchor, worstFirst } from "../../../cli/diff/page/changes.ts";
import { html, visible } from "../../../cli/diff/page/markup.ts";
import { pictureOf } from "../../../cli/diff/page/picture.ts";
import { diffTable } from "../../../cli/diff/page/values.ts";
import type { GraphNode } from "../../../cli/diff/report.ts";
import { sampleReport } from "../../support/diff-report.ts";

/** What is in elements of one name, as it is written. */
function contents(page: string, element: string): string[] {
  return [...page.matchAll(new RegExp(`<${element}\\b[^>]*>(.*?)</${element}>`, "gs"))].map(([, text = ""]) => text);
}

const withoutScripts = (page: string): string => page.replaceAll(/<(script|style)\b.*?<\/\1>/gs, "");

describe("the page of kf diff", () => {
  it("lets run and style only what it brings, and fetch nothing", async () => {
    const page = await renderHtml(sampleReport({ resources: 40, changes: 10 }));
    const policy = /Content-Security-Policy"\s+content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'") ?? "";
    assert.match(policy, /^default-src 'none'; script-src 'sha256-/);
    assert.doesNotMatch(policy, /unsafe|https?:|data:|\*/);
    const scripts = contents(page.replace(/<script type="application\/json".*?<\/script>/s, ""), "script");
    const hashes = [...scripts, ...contents(page, "style")].map((text) => createHash("sha256").update(text));
    assert.equal(hashes.length, 4);
    for (const hash of hashes)
      assert.ok(policy.includes(`'sha256-${hash.digest("base64")}'`), "a digest is not allowed");
    assert.doesNotMatch(withoutScripts(page), /\s(src|on\w+|style)=/, "something would be fetched or refused");
  });

  it("writes no string of a report as markup", async () => {
    const attack = `</pre></script><!--<img src=x onerror=alert(1)>"'&`;
    const page = await renderHtml(sampleReport({ resources: 40, changes: 12, text: (value) => value + attack }));
    assert.equal(contents(page, "script").length, 3);
    assert.doesNotMatch(withoutScripts(page), /<img|<!--|onerror=alert\(1\)>/);
    assert.equal(contents(page, "script")[0]?.includes("<"), false);
  });

  it("escapes any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { markup } = html`<p title="${text}">${text}</p>`;
        assert.match(markup, /^<p title="[^"<>']*">[^"<>']*<\/p>$/);
      }),
    );
  });

  it("shows characters that would hide or turn what is written", () => {
    assert.equal(visible("a\u202eb\u200bc\u0007\ttab\nline é"), "a\\u{202e}b\\u{200b}c\\u{7}\ttab\nline é");
  });

  it("shows both values of a property whole, whatever of them it marks", () => {
    const unescape = (text: string): string =>
      text
        .replaceAll(/<\/?(del|ins)>/g, "")
        .replaceAll(
          /&#39;|&quot;|&lt;|&gt;/g,
          (entity) => ({ "&#39;": "'", "&quot;": '"', "&lt;": "<", "&gt;": ">" })[entity] ?? "",
        )
        .replaceAll("&amp;", "&");
    const value = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.string({ unit: fc.constantFrom("a", "😀", "\n", "<"), minLength: 1, maxLength: 600 }),
    );
    fc.assert(
      fc.property(value, value, (old, next) => {
        const { markup } = diffTable([{ path: "data", kind: "update", old, new: next }]);
        assert.deepEqual(contents(markup, "pre").map(unescape), [visible(old), visible(next)]);
      }),
    );
  });

  it("folds long values and says how long they are", () => {
    const long = (length: number): string => diffTable([{ path: "data", kind: "add", new: "x".repeat(length) }]).markup;
    assert.doesNotMatch(long(400), /<details/);
    assert.match(long(4000), /<details class="long">.*4,000 characters/s);
  });

  it("has the worst changes first", () => {
    const { changes } = sampleReport({ resources: 500, changes: 60 });
    const sorted = worstFirst(changes);
    assert.deepEqual(
      sorted.slice(0, 2).flatMap(({ findings }) => findings.map(({ level }) => level)),
      ["danger", "danger"],
    );
    assert.equal(sorted.at(-1)?.op, "create");
    assert.equal(sorted.length, changes.length);
  });

  it("names the stacks that could not be planned, those that stay the same, and what is new", async () => {
    const page = withoutScripts(await renderHtml(sampleReport({ resources: 40, changes: 6 })));
    assert.match(page, /onprem-prod<\/strong> at the working tree\s+<pre>kubeflow:nodes\[3\]/);
    assert.match(page, /minikube-dev, k3s-dev, onprem-dev/);
    assert.match(page, /secret: &quot;\[secret\]&quot;/);
    assert.match(page, /4,842.00 – 17,521.00<\/del>.*4,842.00 – 18,333.40<\/ins>/s);
  });

  it("says so when nothing changes", async () => {
    const empty = { ...sampleReport({ resources: 0, changes: 0 }), stacks: [], graph: [] };
    const page = await renderHtml(empty);
    assert.match(page, /Nothing changes\./);
    assert.match(page, /There are no resources to draw\./);
  });

  it("gives the same change the same address in each page", () => {
    assert.equal(anchor("a change"), anchor("a change"));
    assert.match(anchor(`"><script>`), /^change-[0-9a-f]{16}$/);
  });
});

describe("the picture of kf diff", () => {
  const report = sampleReport({ resources: 0, changes: 0 });
  const anyGraph = fc.array(fc.tuple(fc.option(fc.nat(30)), fc.boolean()), { maxLength: 25 }).map((nodes) =>
    nodes.map(([parent, changes], index): GraphNode => ({
      id: String(index),
      type: "a:b:C",
      name: `n${String(index)}`,
      stacks: ["gcp-dev", "unheard-of"],
      ...(parent === null ? {} : { parent: String(parent) }),
      dependsOn: [String(index + 1), "999"],
      op: changes ? "change" : "same",
    })),
  );

  it("places every resource within its parent and beside its siblings, whatever parents a report claims", () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const { nodes } = pictureOf({ ...report, graph });
        assert.equal(nodes.length, graph.length);
        const distance = (a: (typeof nodes)[number], b: (typeof nodes)[number]): number =>
          Math.hypot(a.x - b.x, a.y - b.y);
        for (const [index, node] of nodes.entries()) {
          assert.ok(Number.isFinite(node.x) && Number.isFinite(node.y) && node.radius > 0);
          assert.ok(node.dependsOn.every((each) => each < nodes.length));
          const parent = node.parent === undefined ? undefined : nodes[node.parent];
          // Two pixels: each figure is rounded.
          if (parent !== undefined) assert.ok(distance(node, parent) + node.radius <= parent.radius + 2);
          for (const other of nodes.slice(index + 1).filter((each) => each.parent === node.parent)) {
            assert.ok(distance(node, other) >= node.radius + other.radius - 2);
          }
        }
      }),
    );
  });
});
