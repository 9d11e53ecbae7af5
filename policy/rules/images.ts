import type { Rule } from "../rule.ts";
import { isMap, itemsAt, textAt, type Value } from "../values.ts";

const lists = ["containers", "initContainers", "ephemeralContainers"];

/** The images of every pod specification in an object, wherever it is. */
function imagesIn(value: Value): readonly string[] {
  if (Array.isArray(value)) return (value as readonly Value[]).flatMap(imagesIn);
  if (!isMap(value)) return [];
  const own = lists.flatMap((list) => itemsAt(value, list)).map((container) => textAt(container, "image"));
  return [...own.filter((image) => image !== undefined), ...Object.values(value).flatMap(imagesIn)];
}

function problemOf(image: string): string | undefined {
  if (image.includes("@sha256:")) return undefined;
  // The colon before a slash is that of a registry's port.
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  if (tag === undefined) return `the image ${image} has no tag`;
  return tag === "latest" ? `the image ${image} is whatever was pushed last` : undefined;
}

export const pinnedImages: Rule = {
  name: "pinned-images",
  title: "Every image of a pod has a tag that stays, so that what was tested is what runs",
  remedy: "Name a version or a digest",
  concern: "security",
  packages: {
    kubernetes: ({ props }) => [...new Set(imagesIn(props))].map(problemOf).filter((problem) => problem !== undefined),
  },
};
