/** Where each resource stands in the picture, worked out once here instead of in every browser. */
import { hierarchy, pack } from "d3-hierarchy";
import type { DiffReport, GraphNode } from "../report.ts";
import { anchor } from "./changes.ts";
import { visible } from "./markup.ts";

/** The picture as the page has it; numbers in lists are places in the lists `stacks` and `nodes`. */
export interface Picture {
  readonly stacks: readonly string[];
  readonly nodes: readonly PictureNode[];
}

export interface PictureNode {
  readonly name: string;
  readonly type: string;
  readonly op: GraphNode["op"];
  readonly stacks: readonly number[];
  readonly parent?: number;
  readonly dependsOn: readonly number[];
  /** Id of the element of its change. */
  readonly change?: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Of the circles that it is in. */
  readonly depth: number;
  readonly leaf: boolean;
}

/** Radius of a resource without children; of one that changes, more. */
const radius = { same: 6, changed: 10 };

interface Place {
  /** Undefined: the circle around all, which is not drawn. */
  readonly index?: number;
  readonly children: Place[];
}

export function pictureOf({ graph, stacks, unaffected }: DiffReport): Picture {
  const names = [...stacks.map(({ stack }) => stack), ...unaffected];
  const stackIndex = new Map(names.map((name, index) => [name, index]));
  const nodeIndex = new Map(graph.map(({ id }, index) => [id, index]));
  const parents = parentsOf(graph, nodeIndex);
  const circles = packed(graph, parents);
  const nodes = graph.map((node, index): PictureNode => {
    const circle = circles.get(index);
    const parent = parents[index];
    return {
      name: visible(node.name),
      type: visible(node.type),
      op: node.op,
      stacks: known(node.stacks, stackIndex),
      ...(parent === undefined ? {} : { parent }),
      dependsOn: known(node.dependsOn, nodeIndex),
      ...(node.change === undefined ? {} : { change: anchor(node.change) }),
      x: Math.round(circle?.x ?? 0),
      y: Math.round(circle?.y ?? 0),
      radius: Math.round(circle?.r ?? radius.same),
      depth: circle?.depth ?? 0,
      leaf: circle?.leaf ?? true,
    };
  });
  return { stacks: names.map(visible), nodes };
}

/** Each once, without those that nobody knows. */
function known(ids: readonly string[], indices: ReadonlyMap<string, number>): number[] {
  return [...new Set(ids.map((id) => indices.get(id)).filter((index) => index !== undefined))];
}

/** Without circles: a parent that is its own ancestor is none. */
function parentsOf(graph: readonly GraphNode[], indices: ReadonlyMap<string, number>): (number | undefined)[] {
  const parents = graph.map(({ parent }) => (parent === undefined ? undefined : indices.get(parent)));
  const sound = new Set<number>();
  parents.forEach((_, start) => {
    const path = new Set<number>();
    let at: number | undefined = start;
    while (at !== undefined && !sound.has(at)) {
      path.add(at);
      const next: number | undefined = parents[at];
      if (next !== undefined && path.has(next)) parents[at] = undefined;
      at = parents[at];
    }
    for (const each of path) sound.add(each);
  });
  return parents;
}

interface Circle {
  readonly x: number;
  readonly y: number;
  readonly r: number;
  readonly depth: number;
  readonly leaf: boolean;
}

/** Children within their parent, like with like: changed ones of a parent stand together. */
function packed(graph: readonly GraphNode[], parents: readonly (number | undefined)[]): Map<number, Circle> {
  const places = graph.map((_, index): Place => ({ index, children: [] }));
  const all: Place = { children: [] };
  places.forEach((place, index) => {
    const parent = parents[index];
    ((parent === undefined ? undefined : places[parent]) ?? all).children.push(place);
  });
  const isChanged = ({ index }: Place): boolean => index !== undefined && graph[index]?.op !== "same";
  const root = hierarchy(all).sort(
    (a, b) => b.height - a.height || Number(isChanged(b.data)) - Number(isChanged(a.data)),
  );
  const laidOut = pack<Place>()
    .radius(({ data }) => (isChanged(data) ? radius.changed : radius.same))
    // Around groups of groups, room for their names.
    .padding(({ children = [] }) => {
      const groups = children.filter((child) => child.children !== undefined);
      return Math.max(4, ...groups.map(({ r }) => r / 5));
    })(root);
  const circles = new Map<number, Circle>();
  for (const { data, x, y, r, depth, children } of laidOut) {
    if (data.index !== undefined) circles.set(data.index, { x, y, r, depth, leaf: children === undefined });
  }
  return circles;
}
