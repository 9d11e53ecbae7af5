/** Where the picture of all resources goes, its controls, and the table that says the same. */
import type { DiffReport } from "../report.ts";
import { opNames, select } from "./changes.ts";
import { embeddedJson, html, type Markup } from "./markup.ts";
import { pictureOf, type Picture } from "./picture.ts";

/** Changed resources up to which the picture begins with what depends on what among them. */
const maxConnected = 500;

export function graphSection(report: DiffReport): Markup {
  const picture = pictureOf(report);
  const { length } = picture.nodes;
  const changed = picture.nodes.filter(({ op }) => op !== "same").length;
  const counts = `${length.toLocaleString("en-US")} resources, ${changed.toLocaleString("en-US")} of them changed`;
  return html`<section id="graph" aria-labelledby="graph-title">
    <h2 id="graph-title">Graph</h2>
    ${length === 0 ? html`<p>There are no resources to draw.</p>` : content(picture, counts)}
  </section>`;
}

function content(picture: Picture, counts: string): Markup {
  return html`<p class="paper">
      The picture of the resources (${counts}) is not printed; what changes is listed above.
    </p>
    <noscript><p>The picture needs JavaScript; what changes is listed above.</p></noscript>
    <div id="graph-parts" class="screen" hidden>
      <form class="filters" aria-label="Graph">
        ${select("graph-stack", "Stack", "all stacks", picture.stacks.map(plain))}
        ${select("graph-op", "Change", "all resources", [named("changes", "all changes"), ...Object.entries(opNames).map(([op, name]) => named(op, name))])}
        <label
          >Dependencies
          <select id="graph-edges">
            <option value="">of what is selected</option>
            ${edgesOption(picture)}
            <option value="all">all</option>
          </select></label
        >
        <div class="actions">
          <output id="graph-count" role="status"></output>
          <button type="button" id="graph-previous">Previous change</button>
          <button type="button" id="graph-next">Next change</button>
          <button type="button" id="graph-zoom-in" aria-label="Zoom in">+</button>
          <button type="button" id="graph-zoom-out" aria-label="Zoom out">−</button>
          <button type="button" id="graph-fit">Fit</button>
        </div>
      </form>
      <ul class="legend" aria-label="Legend">
        ${(["create", "change", "replace", "delete"] as const).map((op) => html`<li class="${op}"><span class="sign ${op}"></span>${opNames[op]}</li>`)}
        <li><span class="sign same"></span>unchanged</li>
      </ul>
      <div class="picture">
        <div
          id="canvas"
          tabindex="0"
          role="application"
          aria-label="Picture of ${counts}, each within its parent; the table below says the same"
          aria-describedby="graph-help"
        ></div>
        <aside id="node-panel" aria-live="polite" aria-label="Selected resource">
          <p class="muted">Nothing is selected.</p>
        </aside>
      </div>
      <p id="graph-help" class="muted">
        In the picture: arrows move it, <kbd>+</kbd> <kbd>-</kbd> <kbd>0</kbd> zoom, <kbd>n</kbd> and <kbd>p</kbd> go to
        the next and the previous change, <kbd>Enter</kbd> opens its change in the list. The wheel zooms once the
        picture is clicked.
      </p>
      <details id="graph-table" class="more screen">
        <summary>The same as a table</summary>
        <div class="scroll" role="region" aria-label="Table of the resources in the picture" tabindex="0">
          <table>
            <thead>
              <tr>
                ${["Resource", "Type", "Plan", "Stacks", "In", "Depends on"].map((name) => html`<th scope="col">${name}</th>`)}
              </tr>
            </thead>
            <tbody id="graph-rows"></tbody>
          </table>
        </div>
      </details>
    </div>
    <script type="application/json" id="picture">
      ${embeddedJson(picture)}
    </script>`;
}

/** At first drawn, unless it would be a thicket. */
function edgesOption({ nodes }: Picture): Markup {
  const few = nodes.filter(({ op }) => op !== "same").length <= maxConnected;
  const label = "among what changes";
  return few ? html`<option value="changes" selected>${label}</option>` : named("changes", label);
}

const plain = (value: string): Markup => named(value, value);

function named(value: string, label: string): Markup {
  return html`<option value="${value}">${label}</option>`;
}
