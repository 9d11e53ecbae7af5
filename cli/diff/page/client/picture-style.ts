/// <reference lib="dom" />
/** How the picture looks, in the page's colours of the moment. Runs in the browser. */
import type { StylesheetJson } from "cytoscape";

/** What changes has a shape too, for those who do not tell the colours apart. */
const shapes = { create: "ellipse", change: "round-rectangle", replace: "diamond", delete: "triangle" } as const;

export function pictureStyle(): StylesheetJson {
  const page = getComputedStyle(document.documentElement);
  const colour = (name: string): string => page.getPropertyValue(`--${name}`).trim();
  return [
    {
      selector: "node",
      style: {
        width: "data(size)",
        height: "data(size)",
        "background-color": colour("same"),
        "border-width": 0,
        "z-index-compare": "manual",
        "z-index": "data(depth)",
        "overlay-opacity": 0,
        color: colour("ink"),
        "font-family": "system-ui, sans-serif",
        "text-events": "no",
        "text-background-color": colour("ground"),
      },
    },
    {
      selector: "node.group",
      style: {
        label: "data(label)",
        "font-size": "data(font)",
        "min-zoomed-font-size": 8,
        "background-color": colour("group"),
        "border-width": 1,
        "border-color": colour("line"),
        color: colour("muted"),
      },
    },
    // Names of single resources would lie over each other: they come under the pointer.
    {
      selector: "node.named, node:selected",
      style: {
        label: "data(label)",
        color: colour("ink"),
        "text-background-opacity": 0.85,
        "text-background-padding": "2px",
        "z-index": 2000,
      },
    },
    { selector: "node.named[!group], node:selected[!group]", style: { "font-size": 9 } },
    ...Object.entries(shapes).flatMap(([op, shape]) => [
      { selector: `node.${op}[!group]`, style: { "background-color": colour(op), shape } },
      { selector: `node.group.${op}`, style: { "border-color": colour(op), "border-width": 3 } },
    ]),
    {
      selector: "edge",
      style: {
        width: 1,
        "line-color": colour("muted"),
        "target-arrow-color": colour("muted"),
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.6,
        "curve-style": "straight",
        opacity: 0.35,
        "z-index-compare": "manual",
        "z-index": 1000,
        events: "no",
      },
    },
    {
      selector: "edge.of-selected",
      style: { opacity: 0.7, width: 1, "line-color": colour("accent"), "target-arrow-color": colour("accent") },
    },
    { selector: "node.related", style: { "border-width": 2, "border-color": colour("accent") } },
    { selector: "node:selected", style: { "border-width": 4, "border-color": colour("accent") } },
    { selector: ".out", style: { opacity: 0.08, events: "no" } },
  ] as StylesheetJson;
}
