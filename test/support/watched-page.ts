/// <reference lib="dom" />
/** A page of `kf diff` in a browser without a network, and what it tried and said. */
import fs from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Core } from "cytoscape";
import type { Browser, Page } from "puppeteer-core";

export interface WatchedPage {
  readonly page: Page;
  /** Everything but the document itself that it asked for. */
  readonly requests: readonly string[];
  /** Errors, dialogs, and whatever stands in the console: refusals by a policy too. */
  readonly errors: readonly string[];
}

export async function watchedPage(browser: Browser): Promise<WatchedPage> {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.setViewport({ width: 1280, height: 900 });
  await page.setOfflineMode(true);
  const requests: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => {
    if (request.resourceType() !== "document") requests.push(request.url());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => errors.push(message.text()));
  page.on("dialog", (dialog) => {
    errors.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, requests, errors };
}

/** What axe finds against accessibility: rule, element, and what to do. */
export async function violations(page: Page): Promise<string[]> {
  // What is skipped off the screen moves while axe scrolls, which then takes one row's ground for another's.
  await page.$$eval("ol.changes > li", (all) => {
    for (const each of all) (each as HTMLElement).style.contentVisibility = "visible";
  });
  const axe = await fs.readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  // Asked twice of one page, it is there already.
  await page.evaluate(`globalThis.axe ?? (() => {${axe}})()`);
  const results = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`),
  );
}

/** What the picture is drawn in; the library keeps itself on it. */
export interface Canvas extends Element {
  readonly _cyreg: { readonly cy: Core };
}

/** Where a resource of the picture is on the screen. */
export async function placeOf(index: number, page: Page): Promise<{ readonly x: number; readonly y: number }> {
  const locate = (canvas: Element, id: string): { x: number; y: number } => {
    const { cy } = (canvas as Canvas)._cyreg;
    const { x, y } = cy.$id(id).renderedPosition();
    const { left, top } = canvas.getBoundingClientRect();
    return { x: left + x, y: top + y };
  };
  return await page.$eval("#canvas", locate, String(index));
}
