/** `kf diff --html`: one page that needs nothing beside itself, no network, and no script to be read. */
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import { createRequire, stripTypeScriptTypes } from "node:module";
import path from "node:path";
import { changesSection } from "./page/changes.ts";
import { graphSection } from "./page/graph.ts";
import { html, rawMarkup, type Markup } from "./page/markup.ts";
import { summarySection } from "./page/summary.ts";
import type { DiffReport } from "./report.ts";

const pageFolder = path.join(import.meta.dirname, "page");
/** Each after what it imports: they become one script. */
const clientFiles = ["elements", "list", "graph-text", "picture-style", "graph", "main"];
/** Each after what it overrides. */
const styleFiles = ["base", "summary", "filters", "changes", "graph", "media"];
/** What cytoscape would add to the page itself, which the policy for contents would refuse. */
const cytoscapeStyle = {
  id: "__________cytoscape_stylesheet",
  text: ".__________cytoscape_container { position: relative; }",
};

/** @returns the whole page. Whatever the report says is text on it, never markup or script. */
export async function renderHtml(report: DiffReport): Promise<string> {
  const [style, client, cytoscape] = await Promise.all([
    styleSheet(),
    clientScript(),
    fs.readFile(createRequire(import.meta.url).resolve("cytoscape/dist/cytoscape.min.js"), "utf8"),
  ]);
  const title = `kf diff ${report.base.ref}`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="${policy([client, cytoscape], [style, cytoscapeStyle.text])}"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${inlined("style", cytoscapeStyle.text, { id: cytoscapeStyle.id })} ${inlined("style", style)}
      </head>
      <body>
        <a class="skip" href="#changes">Skip to the changes</a>
        ${header(report)}
        <main id="main">${summarySection(report)} ${changesSection(report)} ${graphSection(report)}</main>
        ${footer(report)} ${inlined("script", cytoscape, { id: "cytoscape-source", type: "text/plain" })}
        ${inlined("script", client, { type: "module" })}
      </body>
    </html> `;
  return page.markup;
}

function header({ base, head }: DiffReport): Markup {
  const dirty = head.dirty ? html` and what is not committed yet` : undefined;
  return html`<header>
    <h1>What ${short(head.commit)}${dirty} changes</h1>
    <p>
      Planned without credentials, compared with <strong>${base.ref}</strong> (<code>${short(base.commit)}</code>).
      Nothing has been applied.
    </p>
    <nav aria-label="Parts of this page">
      <a href="#summary">Summary</a> <a href="#changes">Changes</a> <a href="#graph">Graph</a>
    </nav>
  </header>`;
}

function footer({ timings }: DiffReport): Markup {
  const phases = Object.entries(timings).map(([phase, ms]) => `${phase} ${(ms / 1000).toFixed(1)} s`);
  return html`<footer>
    <p>
      Made by <code>kf diff</code> on one machine, without a
      cluster${phases.length === 0 ? "" : `: ${phases.join(", ")}`}.
    </p>
  </footer>`;
}

const short = (commit: string): string => commit.slice(0, 12);

/** Nothing loads, nothing is sent, and only what this project wrote runs. */
function policy(scripts: readonly string[], styles: readonly string[]): string {
  const hashes = (texts: readonly string[]): string =>
    texts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" ");
  return [
    "default-src 'none'",
    `script-src ${hashes(scripts)}`,
    `style-src ${hashes(styles)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** What this project or a library of it wrote; not a space more, for the policy has its digest. */
function inlined(element: "script" | "style", text: string, attributes: Readonly<Record<string, string>> = {}): Markup {
  if (text.toLowerCase().includes(`</${element}`) || text.includes("<!--")) {
    throw new Error(`the page's ${element} has an end of element or a comment in it`);
  }
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  return rawMarkup(`<${element}${written.join("")}>${text}</${element}>`);
}

/** Files of the page's folder, by their paths in it. */
const readAll = (files: readonly string[]): Promise<string[]> =>
  Promise.all(files.map((file) => fs.readFile(path.join(pageFolder, file), "utf8")));

async function styleSheet(): Promise<string> {
  return (await readAll(styleFiles.map((name) => `style/${name}.css`))).join("\n");
}

/** The modules of `page/client` as one: their names are unique, so without imports they are one module. */
async function clientScript(): Promise<string> {
  const sources = await readAll(clientFiles.map((name) => `client/${name}.ts`));
  return withoutTypes(sources)
    .map((source) => source.replace(/^import\b[^;]*;$/gm, "").replace(/^export /gm, ""))
    .join("\n");
}

/** Without Node's warning that this is experimental, which says nothing to those who run `kf diff`. */
function withoutTypes(sources: readonly string[]): string[] {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return sources.map((source) => stripTypeScriptTypes(source));
  } finally {
    process.emitWarning = emitWarning;
  }
}
