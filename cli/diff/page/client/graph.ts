/// <reference lib="dom" />
/** The picture of all resources: drawn when somebody first comes to it. Runs in the browser. */
import type { Collection, Core, ElementDefinition, NodeSingular } from "cytoscape";
import type { Picture, PictureNode } from "../picture.ts";
import { byId, make } from "./elements.ts";
import { nodePanel, nodeTable } from "./graph-text.ts";
import { pictureStyle } from "./picture-style.ts";

type Cytoscape = typeof import("cytoscape");
/** A global of the page, once {@link library} has run it. */
declare const cytoscape: Cytoscape;

/** @param showChange goes to a change in the list, by the id of its element. */
export function startGraph(showChange: (id: string) => void): void {
  const section = byId("graph", HTMLElement);
  const source = document.getElementById("picture");
  if (source === null) return;
  byId("graph-parts", HTMLElement).hidden = false;
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    seen.disconnect();
    draw(JSON.parse(source.textContent) as Picture, showChange);
  });
  seen.observe(section);
}

/** The library is in the page as text, so that a page whose picture nobody looks at does not run it. */
function library(): Cytoscape {
  const script = make("script", byId("cytoscape-source", HTMLScriptElement).textContent);
  document.head.append(script);
  return cytoscape;
}

function draw(picture: Picture, showChange: (id: string) => void): void {
  const { nodes } = picture;
  const container = byId("canvas", HTMLElement);
  const cy = library()({
    container,
    elements: nodes.map(elementOf),
    style: pictureStyle(),
    layout: { name: "preset" },
    minZoom: 0.02,
    maxZoom: 12,
    boxSelectionEnabled: false,
    autoungrabify: true,
    selectionType: "single",
    hideEdgesOnViewport: nodes.length > 1000,
    // The wheel belongs to the page until somebody is in the picture.
    userZoomingEnabled: false,
  });
  cy.fit(undefined, 20);
  const table = nodeTable(picture, showChange);
  const filter = filters(cy, picture, table.show);
  const select = selection(cy, picture, showChange);
  controls(cy, container, nodes, select, showChange);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cy.style(pictureStyle()));
  filter();
  container.dataset["drawn"] = String(nodes.length);
}

function elementOf(node: PictureNode, index: number): ElementDefinition {
  const size = node.radius * 2;
  return {
    data: {
      id: String(index),
      label: node.name,
      size,
      depth: node.depth,
      font: Math.max(5, Math.min(60, size / 12)),
      // Absent, not false: that is what a selector can ask.
      ...(node.leaf ? {} : { group: 1 }),
    },
    classes: node.leaf ? node.op : `group ${node.op}`,
    position: { x: node.x, y: node.y },
  };
}

/** Draws what depends on what: among all, or around what changes; and dims what a filter leaves out. */
function filters(cy: Core, { nodes }: Picture, shown: (is: (node: PictureNode) => boolean) => void): () => void {
  const [stack, op, edges] = ["graph-stack", "graph-op", "graph-edges"].map((id) => byId(id, HTMLSelectElement));
  const drawEdges = (): void => {
    cy.remove("edge");
    if (edges?.value === "") return;
    const of = nodes.flatMap(({ dependsOn, op: source }, index) =>
      dependsOn
        .filter((target) => edges?.value === "all" || (source !== "same" && nodes[target]?.op !== "same"))
        .map((target) => ({ data: { id: `${index}-${target}`, source: String(index), target: String(target) } })),
    );
    cy.add(of);
  };
  const apply = (): void => {
    const wantedStack = (stack?.selectedIndex ?? 0) - 1;
    const is = (node: PictureNode): boolean => {
      if (wantedStack >= 0 && !node.stacks.includes(wantedStack)) return false;
      if (op?.value === "changes") return node.op !== "same";
      return !op?.value || node.op === op.value;
    };
    cy.batch(() => {
      nodes.forEach((node, index) => {
        // A group that is left out still shows where those in it are.
        cy.$id(String(index)).toggleClass("out", node.leaf && !is(node));
      });
    });
    shown(is);
  };
  stack?.addEventListener("change", apply);
  op?.addEventListener("change", apply);
  edges?.addEventListener("change", drawEdges);
  return () => {
    drawEdges();
    apply();
  };
}

function selection(cy: Core, picture: Picture, showChange: (id: string) => void): (index: number) => void {
  const panel = byId("node-panel", HTMLElement);
  let added: Collection = cy.collection();
  const forget = (): void => {
    cy.elements(".related, .of-selected").removeClass("related of-selected");
    cy.remove(added);
    added = cy.collection();
  };
  const describe = (node: NodeSingular): void => {
    forget();
    const index = Number(node.id());
    const described = picture.nodes[index];
    if (described === undefined) return;
    const dependents = picture.nodes.flatMap((each, at) => (each.dependsOn.includes(index) ? [at] : []));
    const pairs = [
      ...described.dependsOn.map((target) => [index, target] as const),
      ...dependents.map((source) => [source, index] as const),
    ];
    for (const [source, target] of pairs) {
      const id = `${source}-${target}`;
      if (cy.$id(id).empty()) {
        added = added.union(cy.add({ data: { id, source: String(source), target: String(target) } }));
      }
      cy.$id(id).addClass("of-selected");
      cy.$id(String(source === index ? target : source)).addClass("related");
    }
    panel.replaceChildren(nodePanel(picture, index, dependents, select, showChange));
  };
  const select = (index: number): void => {
    cy.nodes(":selected").unselect();
    const node = cy.$id(String(index));
    node.select();
    cy.animate({ center: { eles: node }, zoom: Math.max(cy.zoom(), 1.5) }, { duration: calm() ? 0 : 200 });
  };
  cy.on("select", "node", ({ target }) => describe(target as NodeSingular));
  cy.on("unselect", "node", forget);
  cy.on("mouseover", "node", ({ target }) => void (target as NodeSingular).addClass("named"));
  cy.on("mouseout", "node", ({ target }) => void (target as NodeSingular).removeClass("named"));
  cy.on("dbltap", "node", ({ target }) => {
    const change = picture.nodes[Number((target as NodeSingular).id())]?.change;
    if (change !== undefined) showChange(change);
  });
  return select;
}

const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

function controls(
  cy: Core,
  container: HTMLElement,
  nodes: readonly PictureNode[],
  select: (index: number) => void,
  showChange: (id: string) => void,
): void {
  const changed = nodes.flatMap(({ op }, index) => (op === "same" ? [] : [index]));
  const selected = (): number => Number(cy.nodes(":selected").map((node) => node.id())[0] ?? -1);
  const step = (by: 1 | -1): void => {
    const visible = changed.filter((index) => !cy.$id(String(index)).hasClass("out"));
    const at = visible.indexOf(selected());
    const next = visible.at(at < 0 ? (by > 0 ? 0 : -1) : (at + by) % visible.length);
    if (next !== undefined) select(next);
  };
  const zoom = (factor: number): void => {
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  };
  const open = (): void => {
    const change = nodes[selected()]?.change;
    if (change !== undefined) showChange(change);
  };
  const actions: Readonly<Record<string, () => void>> = {
    "zoom-in": () => zoom(1.4),
    "zoom-out": () => zoom(1 / 1.4),
    fit: () => cy.fit(undefined, 20),
    previous: () => step(-1),
    next: () => step(1),
  };
  for (const [id, action] of Object.entries(actions))
    byId(`graph-${id}`, HTMLButtonElement).addEventListener("click", action);
  const keys: Readonly<Record<string, (() => void) | undefined>> = {
    "+": actions["zoom-in"],
    "=": actions["zoom-in"],
    "-": actions["zoom-out"],
    "0": actions["fit"],
    n: actions["next"],
    p: actions["previous"],
    Enter: open,
    ArrowLeft: () => cy.panBy({ x: 60, y: 0 }),
    ArrowRight: () => cy.panBy({ x: -60, y: 0 }),
    ArrowUp: () => cy.panBy({ x: 0, y: 60 }),
    ArrowDown: () => cy.panBy({ x: 0, y: -60 }),
  };
  container.addEventListener("keydown", (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
  container.addEventListener("pointerdown", () => container.focus({ preventScroll: true }));
  container.addEventListener("focus", () => cy.userZoomingEnabled(true));
  container.addEventListener("blur", () => cy.userZoomingEnabled(false));
}
