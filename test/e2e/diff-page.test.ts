/// <reference lib="dom" />
/** The page of `kf diff` in a real browser that has no network. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { renderHtml } from "../../cli/diff/html.ts";
import { hasApt } from "../../tools/debian.ts";
import { startBrowser } from "../support/browser.ts";
import { sampleReport, type ReportSize } from "../support/diff-report.ts";
import { notRun } from "../support/not-run.ts";
import { placeOf, violations, watchedPage, type Canvas, type WatchedPage } from "../support/watched-page.ts";

describe("the page of kf diff in a browser", () => {
  let browser: Browser;
  let folder: string;
  let page: Page;
  let watched: WatchedPage;

  before(async function () {
    if (!(await hasApt())) notRun(this, "no apt-get here, so no Chromium: nobody opened the page");
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "kf-diff-page-"));
    browser = await startBrowser();
  });

  after(async () => {
    // Undefined where all was skipped.
    const started = browser as Browser | undefined;
    if (started === undefined) return;
    await started.close();
    await fs.rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    watched = await watchedPage(browser);
    ({ page } = watched);
  });

  afterEach(async () => {
    await page.close();
    assert.deepEqual(watched.requests, []);
    assert.deepEqual(watched.errors, []);
  });

  /** @returns milliseconds until the page was there and its scripts had run. */
  const open = async (size: ReportSize = {}, hash = ""): Promise<number> => {
    const file = path.join(folder, `${JSON.stringify(Object.values(size)).replaceAll(/\W/g, "-")}.html`);
    await fs.writeFile(file, await renderHtml(sampleReport(size)));
    await page.goto(`${pathToFileURL(file).href}${hash}`);
    return await page.evaluate(() => {
      const [timing] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
      return timing?.domContentLoadedEventEnd ?? NaN;
    });
  };
  const small = { resources: 120, changes: 24 };
  const shown = async (): Promise<number> => (await page.$$("ol.changes > li:not([hidden])")).length;
  const text = async (selector: string): Promise<string> =>
    await page.$eval(selector, ({ textContent }) => textContent);
  /** Waits for what a frame later is there. */
  const counted = async (expected: string): Promise<void> => {
    await page.waitForFunction((wanted) => document.getElementById("count")?.textContent === wanted, {}, expected);
  };
  const draw = async (): Promise<void> => {
    await page.$eval("#graph", (graph) => graph.scrollIntoView());
    await page.waitForSelector("#canvas[data-drawn]");
  };

  it("opens with 3,000 resources", async () => {
    const ms = await open();
    assert.equal(await shown(), 200);
    process.stdout.write(`      3,000 resources, 200 changes: ${ms.toFixed(0)} ms\n`);
    const started = performance.now();
    await draw();
    assert.equal(await page.$eval("#canvas", (canvas) => canvas.getAttribute("data-drawn")), "3000");
    process.stdout.write(
      `      their picture, when it is first looked at: ${(performance.now() - started).toFixed(0)} ms\n`,
    );
  });

  it("finds among 3,000 changes what is typed, and says how many", async () => {
    const ms = await open({ resources: 3200, changes: 3000 });
    process.stdout.write(`      3,000 changes: ${ms.toFixed(0)} ms\n`);
    await page.keyboard.press("/");
    await page.keyboard.type("PIPELINES-0020 authorizationpolicy");
    await counted("1 of 3,000 changes");
    assert.equal(await shown(), 1);
    assert.equal(await page.$eval("#search", (search) => (search as HTMLInputElement).value.startsWith("/")), false);
    await page.click("button[type=reset]");
    await counted("3,000 changes");
  });

  it("filters by stack, change, type and finding, all at once", async () => {
    await open();
    await page.select("#level", "danger");
    await counted("2 of 200 changes");
    await page.select("#stack", "aws-prod");
    await counted("1 of 200 changes");
    await page.select("#op", "delete");
    await page.select("#type", "kubernetes:core/v1:ConfigMap");
    await counted("1 of 200 changes");
    await page.select("#op", "create");
    await counted("0 of 200 changes");
    // From the table of stacks, and out of a filter that hides what a link leads to.
    await page.click("a[data-stack=gcp-dev]");
    const inStack = sampleReport().changes.filter(({ stacks }) => stacks.includes("gcp-dev")).length;
    await counted(`${String(inStack)} of 200 changes`);
    await page.click("#summary .findings a");
    await counted("200 changes");
    assert.equal(await page.$eval(":target", (target) => (target as HTMLDetailsElement).open), true);
  });

  it("opens the change that its address names", async () => {
    await open(small);
    const id = await page.$$eval("details.change", (all) => all.at(-1)?.id ?? "");
    await open(small, `#${id}`);
    assert.deepEqual(await page.$$eval("details.change[open]", (all) => all.map((each) => each.id)), [id]);
  });

  it("lets the keyboard reach everything, and shows where it is", async () => {
    await open(small);
    await draw();
    await page.evaluate(() => scrollTo(0, 0));
    const wanted = await page.$$eval("a[href], button, input, select, summary, [tabindex='0']", (all) =>
      all
        .filter((each) => each.checkVisibility())
        .map((each, index) => {
          each.setAttribute("data-stop", String(index));
          return each.outerHTML.slice(0, 80);
        }),
    );
    const reached = new Set<number>();
    for (let presses = 0; presses < wanted.length; presses++) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const { activeElement } = document;
        const { outlineStyle } = getComputedStyle(activeElement ?? document.body);
        return { index: Number(activeElement?.getAttribute("data-stop") ?? -1), outlineStyle };
      });
      assert.notEqual(stop.outlineStyle, "none", wanted[stop.index]);
      if (presses === 0) assert.equal(await text(":focus"), "Skip to the changes");
      reached.add(stop.index);
    }
    assert.deepEqual(
      wanted.filter((_, index) => !reached.has(index)),
      [],
    );
    await page.focus("details.change > summary");
    await page.keyboard.press("Enter");
    assert.equal((await page.$$("details.change[open]")).length, 1);
  });

  for (const scheme of ["light", "dark"]) {
    it(`has nothing that axe complains about, ${scheme}`, async () => {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await open(small);
      await page.click("#open-all");
      await draw();
      await page.click("#graph-next");
      await page.waitForSelector("#node-panel h3");
      await page.click("#graph-table > summary");
      await page.waitForSelector("#graph-rows tr");
      assert.deepEqual(await violations(page), []);
      await page.setViewport({ width: 400, height: 800 });
      assert.deepEqual(await violations(page), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400);
    });
  }

  it("shows attacks of a report as the text that they are", async () => {
    const structure = async (): Promise<string[]> => {
      await draw();
      await page.click("#graph-next");
      await page.waitForSelector("#node-panel h3");
      await page.click("#graph-table > summary");
      await page.waitForSelector("#graph-rows tr");
      return await page.$$eval("*", (all) => all.map((each) => [each.tagName, ...each.getAttributeNames()].join(" ")));
    };
    await open(small);
    const harmless = await structure();
    const attack =
      `"'><img src=x onerror=alert(1)></pre></script></style><script>alert(2)</script><svg onload=alert(3)>` +
      `<a href="javascript:alert(4)">x</a><base href=//evil.example><meta http-equiv=refresh content="0;url=//evil.example">`;
    await open({ ...small, text: (value) => value + attack });
    await page.click("#open-all");
    const attacked = await structure();
    // Long values are folded, and what is open is so by the click: nothing else may differ.
    const extra = (names: readonly string[]): Set<string> => new Set(names.filter((name) => !harmless.includes(name)));
    assert.deepEqual(
      [...extra(attacked)].filter(
        (name) => !/^DETAILS (class id )?open$|^DETAILS class( id)? open$|^DETAILS class$/.test(name),
      ),
      [],
    );
    assert.ok((await text(".change .name")).endsWith(attack));
    assert.ok((await text("#node-panel h3")).endsWith(attack));
  });

  it("prints all that is shown, opened, without its controls", async () => {
    await open(small);
    await page.select("#op", "change");
    const { changes } = sampleReport(small);
    const { length } = changes.filter(({ op }) => op === "change");
    await counted(`${String(length)} of ${String(changes.length)} changes`);
    await page.emulateMediaType("print");
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const seen = await page.evaluate(() => ({
      controls: [...document.querySelectorAll("select, input, button, nav, #canvas")].filter((each) =>
        each.checkVisibility(),
      ).length,
      closed: document.querySelectorAll("details.change:not([open])").length,
      diffs: [...document.querySelectorAll("li:not([hidden]) .body")].every((each) =>
        each.checkVisibility({ contentVisibilityAuto: true }),
      ),
      note: document.querySelector("#graph .paper")?.checkVisibility(),
    }));
    assert.deepEqual(seen, { controls: 0, closed: 0, diffs: true, note: true });
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal((await page.$$("details.change[open]")).length, 0);
    const pdf = await page.pdf({ format: "A4" });
    assert.ok(pdf.length > 10_000);
  });

  describe("its picture", () => {
    const zoom = async (): Promise<number> =>
      await page.$eval("#canvas", (canvas) => (canvas as Canvas)._cyreg.cy.zoom());
    const { graph } = sampleReport(small);
    const changed = graph.findIndex(({ op }) => op === "change");

    it("is not drawn before somebody comes to it", async () => {
      await open();
      assert.equal(await page.evaluate("typeof cytoscape"), "undefined");
      await draw();
      assert.equal(await page.evaluate("typeof cytoscape"), "function");
    });

    it("leads from a resource to its change", async () => {
      await open(small);
      await draw();
      const { x, y } = await placeOf(changed, page);
      await page.mouse.click(x, y);
      await page.waitForSelector("#node-panel h3");
      assert.equal(await text("#node-panel h3"), graph[changed]?.name);
      assert.match(await text("#node-panel"), /spec\.template\.spec\.containers\[0\]\.image/);
      await page.click("#node-panel a");
      const opened = await page.$$eval("details.change[open] .name", (all) =>
        all.map(({ textContent }) => textContent),
      );
      assert.deepEqual(opened, [graph[changed]?.name]);
      assert.equal(await page.evaluate(() => document.activeElement?.tagName), "SUMMARY");
    });

    it("zooms by the wheel only once somebody is in it, and by the keyboard", async () => {
      await open(small);
      await draw();
      const first = await zoom();
      const { x, y } = await placeOf(changed, page);
      await page.mouse.move(x, y);
      await page.mouse.wheel({ deltaY: 5 });
      assert.equal(await zoom(), first);
      await page.focus("#canvas");
      await page.keyboard.press("+");
      const nearer = await zoom();
      assert.ok(nearer > first);
      await page.keyboard.press("n");
      await page.waitForSelector("#node-panel h3");
      await page.keyboard.press("Enter");
      assert.equal((await page.$$("details.change[open]")).length, 1);
    });

    it("has the same as a table, with the same filters", async () => {
      await open(small);
      await draw();
      await page.click("#graph-table > summary");
      await page.waitForSelector("#graph-rows tr");
      assert.equal((await page.$$("#graph-rows tr")).length, graph.length);
      await page.select("#graph-op", "delete");
      const deleted = graph.filter(({ op }) => op === "delete");
      await page.waitForFunction(
        (count) => document.querySelectorAll("#graph-rows tr").length === count,
        {},
        deleted.length,
      );
      assert.equal(await text("#graph-count"), `${String(deleted.length)} resources`);
      assert.deepEqual(
        await page.$$eval("#graph-rows th", (all) => all.map(({ textContent }) => textContent)),
        deleted.map(({ name }) => name),
      );
    });
  });
});
