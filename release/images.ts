import { load } from "js-yaml";
import { objectKey, type KubernetesObject } from "../kubernetes/objects.ts";
import { isRecord } from "./json.ts";
import type { RenderedRelease } from "./types.ts";

/** How an object comes to run an image: a container of its own, or a setting that a controller makes containers from. */
type ImageVia = "pod" | "env" | "args" | "configmap" | "custom resource";

interface ImageUse {
  /** `objectKey` */
  readonly object: string;
  /** Property path; within a text, the path goes on in the JSON or YAML that it holds. */
  readonly path: string;
  readonly via: ImageVia;
}

export interface ReleaseImage {
  /** As written in the release: an air-gapped registry needs it under this very name. */
  readonly image: string;
  readonly usedBy: readonly ImageUse[];
}

/** Every image that a release runs or makes controllers run, sorted, with what runs it. */
export function listImages(release: Pick<RenderedRelease, "objects">): readonly ReleaseImage[] {
  const uses = new Map<string, ImageUse[]>();
  for (const object of release.objects) {
    for (const { image, path } of imagesIn(object, [])) {
      const known = uses.get(image) ?? [];
      uses.set(image, [...known, { object: objectKey(object), path: path.join("."), via: viaOf(object, path) }]);
    }
  }
  return [...uses].sort(([a], [b]) => (a < b ? -1 : 1)).map(([image, places]) => ({ image, usedBy: places }));
}

interface Found {
  readonly image: string;
  readonly path: readonly string[];
}

function* imagesIn(value: unknown, path: readonly string[]): Generator<Found> {
  if (typeof value === "string") {
    yield* imagesInText(value, path);
    return;
  }
  if (!isRecord(value) && !Array.isArray(value)) return;
  if (isRecord(value)) yield* composedImages(value, path);
  for (const [key, item] of Object.entries(value)) yield* imagesIn(item, [...path, key]);
}

const part = "[a-z0-9]+(?:[._-]+[a-z0-9]+)*";
const repository = `${part}(?::[0-9]+)?(?:/${part})*`;
const tag = ":[A-Za-z0-9_][A-Za-z0-9_.-]*";
const digest = "@sha256:[a-f0-9]{64}";
const reference = new RegExp(`^${repository}(?:${tag})?(?:${digest})?$`);
/** Within a text only what can be nothing else: a path with a tag or digest that is no part of a URL or a longer path. */
const embedded = new RegExp(
  `(?<![\\w./:@$-])${part}(?::[0-9]+)?(?:/${part})+(?:${tag}${digest}|${tag}|${digest})(?![\\w/:@$])`,
  "g",
);

function* imagesInText(text: string, path: readonly string[]): Generator<Found> {
  if (isImageField(path.at(-1) ?? "") && reference.test(text) && /[/:]/.test(text)) {
    yield { image: text, path };
    return;
  }
  const content = text.includes("\n") ? parsed(text) : undefined;
  if (content !== undefined) {
    yield* imagesIn(content, path);
    return;
  }
  for (const [image] of text.matchAll(embedded)) yield { image, path };
}

/** `image`, `cacheImage`, `queue-sidecar-image`: there, a reference may have neither tag nor registry. */
function isImageField(key: string): boolean {
  return /(^|[a-z]|[-_.])image$/i.test(key);
}

/** The map or list that a text of several lines holds; a script or template holds none. */
function parsed(text: string): unknown {
  try {
    const content = load(text);
    return isRecord(content) || Array.isArray(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

/** Istio's injector names its images in three parts: `hub` and `tag`, and below them `image: proxyv2`. */
function* composedImages(value: Readonly<Record<string, unknown>>, path: readonly string[]): Generator<Found> {
  const { hub, tag: version } = value;
  if (typeof hub !== "string" || hub === "" || typeof version !== "string" || version === "") return;
  for (const [key, item] of Object.entries(value)) {
    const image = isRecord(item) ? item["image"] : undefined;
    if (typeof image === "string" && new RegExp(`^${part}$`).test(image)) {
      yield { image: `${hub}/${image}:${version}`, path: [...path, key, "image"] };
    }
  }
}

const workloads = new Set(["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]);

function viaOf(object: KubernetesObject, path: readonly string[]): ImageVia {
  if (object.kind === "ConfigMap" || object.kind === "Secret") return "configmap";
  if (!workloads.has(object.kind)) return "custom resource";
  if (path.includes("args") || path.includes("command")) return "args";
  return path.includes("env") ? "env" : "pod";
}
