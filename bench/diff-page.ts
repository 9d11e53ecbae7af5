/**
 * How long the page of `kf diff` takes to open with 3,000 resources and with 3,000 changes, beside an empty page in the
 * same browser, and its picture to be drawn. Medians of five; the last line is JSON, `ratio` is against the empty page.
 *
 *   node cli/bootstrap.mjs node bench/diff-page.ts
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "puppeteer-core";
import { renderHtml } from "../cli/diff/html.ts";
import { startBrowser } from "../test/support/browser.ts";
import { sampleReport } from "../test/support/diff-report.ts";

const runs = 5;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const round = (value: number): number => Math.round(value * 10) / 10;

/** Milliseconds from the request until everything is there and the page's scripts have run. */
async function opened(page: Page, file: string): Promise<number> {
  await page.goto(pathToFileURL(file).href);
  return (await page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")) as number;
}

async function drawn(page: Page): Promise<number> {
  const started = performance.now();
  await page.evaluate("document.getElementById('graph').scrollIntoView()");
  await page.waitForSelector("#canvas[data-drawn]");
  return performance.now() - started;
}

async function medianOf(measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let run = 0; run < runs; run++) values.push(await measure());
  return median(values);
}

const folder = await mkdtemp(path.join(os.tmpdir(), "kf-bench-"));
const file = (name: string): string => path.join(folder, `${name}.html`);
const started = performance.now();
await writeFile(file("resources"), await renderHtml(sampleReport()));
const rendered = performance.now() - started;
await writeFile(file("changes"), await renderHtml(sampleReport({ resources: 3200, changes: 3000 })));
await writeFile(file("empty"), "<!doctype html><html lang=en><title>empty</title><p>empty</p></html>");
const browser = await startBrowser();
try {
  const page = await browser.newPage();
  await opened(page, file("empty"));
  const emptyMs = await medianOf(async () => await opened(page, file("empty")));
  const resourcesMs = await medianOf(async () => await opened(page, file("resources")));
  const changesMs = await medianOf(async () => await opened(page, file("changes")));
  const pictureMs = await medianOf(async () => {
    await opened(page, file("resources"));
    return await drawn(page);
  });
  const figures = { renderMs: rendered, emptyMs, resourcesMs, changesMs, pictureMs, ratio: resourcesMs / emptyMs };
  const rounded = Object.entries(figures).map(([name, value]) => [name, round(value)] as const);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(rounded))}\n`);
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}
