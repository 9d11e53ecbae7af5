/// <reference lib="dom" />
/** What the picture shows, in words. Runs in the browser. */
import type { Picture, PictureNode } from "../picture.ts";
import { byId, make } from "./elements.ts";

/** Most neighbours that are listed by name. */
const maxListed = 20;

const opWords: Readonly<Record<PictureNode["op"], string>> = {
  create: "created",
  change: "changed",
  replace: "replaced",
  delete: "deleted",
  same: "unchanged",
};

export function nodePanel(
  picture: Picture,
  index: number,
  dependents: readonly number[],
  select: (index: number) => void,
  showChange: (id: string) => void,
): Node {
  const node = picture.nodes[index];
  const content = document.createDocumentFragment();
  if (node === undefined) return content;
  const facts = make("dl");
  const fact = (name: string, ...value: readonly (string | Node)[]): void => {
    facts.append(make("dt", name), make("dd", ...value));
  };
  fact("Type", node.type);
  fact("Plan", opBadge(node));
  fact("Stacks", stacksOf(picture, node));
  if (node.parent !== undefined) fact("In", neighbour(picture, node.parent, select));
  content.append(make("h3", node.name), facts);
  const { change } = node;
  if (change !== undefined) {
    content.append(changeLink("Go to its change in the list", change, showChange));
    const body = document.getElementById(change)?.querySelector(".body")?.cloneNode(true);
    if (body !== undefined) content.append(body);
  }
  for (const [title, indices] of [
    ["Depends on", node.dependsOn],
    ["Needed by", dependents],
  ] as const) {
    if (indices.length > 0) content.append(make("h4", title), neighbours(picture, indices, select));
  }
  return content;
}

function opBadge({ op }: PictureNode): HTMLElement {
  const badge = make("span", opWords[op]);
  badge.className = `op ${op}`;
  return badge;
}

function stacksOf(picture: Picture, { stacks }: PictureNode): string {
  return stacks.map((stack) => picture.stacks[stack] ?? "").join(", ");
}

function neighbour(picture: Picture, index: number, select: (index: number) => void): HTMLElement {
  const button = make("button", picture.nodes[index]?.name ?? "");
  button.type = "button";
  button.className = "link";
  button.title = picture.nodes[index]?.type ?? "";
  button.addEventListener("click", () => select(index));
  return button;
}

function neighbours(picture: Picture, indices: readonly number[], select: (index: number) => void): HTMLElement {
  const list = make("ul", ...indices.slice(0, maxListed).map((index) => make("li", neighbour(picture, index, select))));
  if (indices.length > maxListed) list.append(make("li", `and ${indices.length - maxListed} more`));
  return list;
}

function changeLink(text: string, id: string, showChange: (id: string) => void): HTMLAnchorElement {
  const link = make("a", text);
  link.href = `#${id}`;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.pushState(null, "", link.href);
    showChange(id);
  });
  return link;
}

/** Filled when it is opened, and again when the filters of the picture change. */
export function nodeTable(
  picture: Picture,
  showChange: (id: string) => void,
): { readonly show: (is: (node: PictureNode) => boolean) => void } {
  const details = byId("graph-table", HTMLDetailsElement);
  const body = byId("graph-rows", HTMLTableSectionElement);
  let wanted: (node: PictureNode) => boolean = () => true;
  const fill = (): void => {
    if (!details.open) return;
    body.replaceChildren(...picture.nodes.filter((node) => wanted(node)).map((node) => row(picture, node, showChange)));
  };
  details.addEventListener("toggle", fill);
  return {
    show: (is) => {
      wanted = is;
      const { length } = picture.nodes.filter(is);
      const noun = length === 1 ? "resource" : "resources";
      byId("graph-count", HTMLOutputElement).textContent = `${length.toLocaleString("en-US")} ${noun}`;
      fill();
    },
  };
}

function row(picture: Picture, node: PictureNode, showChange: (id: string) => void): HTMLTableRowElement {
  const { change, parent, dependsOn } = node;
  const name = make("th", change === undefined ? node.name : changeLink(node.name, change, showChange));
  name.scope = "row";
  return make(
    "tr",
    name,
    make("td", node.type),
    make("td", opBadge(node)),
    make("td", stacksOf(picture, node)),
    make("td", parent === undefined ? "" : (picture.nodes[parent]?.name ?? "")),
    make("td", dependsOn.map((index) => picture.nodes[index]?.name ?? "").join(", ")),
  );
}
