/** Images that other ones take the place of, and charts that come in another version. Pure. */
import { listImages } from "../../../release/images.ts";
import { isRecord } from "../../../release/json.ts";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { textAt } from "../../../policy/values.ts";
import type { PlannedResource } from "../../operation.ts";
import type { ResourceChange } from "../compare.ts";
import type { Finding } from "../report.ts";
import { few, sidesOf } from "./sides.ts";

export function imageFindings(change: ResourceChange): readonly Finding[] {
  const { op, type, before, after } = change;
  if (op === "delete" || !type.startsWith("kubernetes:")) return [];
  const [olds, news] = [imagesOf(before), imagesOf(after)];
  const gone = olds.filter((image) => !news.includes(image));
  const come = news.filter((image) => !olds.includes(image));
  const loose = come.filter(isLoose);
  return [
    ...(op === "create" ? [] : changes(gone, come)).map((message) => finding("info", message)),
    ...(loose.length === 0 ? [] : [finding("warning", `no fixed version: ${few(loose)}`)]),
    ...chartChange(change),
  ];
}

function imagesOf(resource: PlannedResource | undefined): readonly string[] {
  const object = resource?.inputs;
  return isObject(object) ? listImages({ objects: [object] }).map(({ image }) => image) : [];
}

const isObject = (value: unknown): value is KubernetesObject =>
  isRecord(value) &&
  typeof value["kind"] === "string" &&
  typeof value["apiVersion"] === "string" &&
  isRecord(value["metadata"]);

/** Old and new of one repository in one line. */
function changes(gone: readonly string[], come: readonly string[]): readonly string[] {
  const [olds, news] = [gone, come].map((images) => Map.groupBy(images, repositoryOf));
  return [...new Set([...(olds?.keys() ?? []), ...(news?.keys() ?? [])])].map((repository) => {
    const [old, next] = [olds, news].map((images) => images?.get(repository)?.map(versionOf).join(", "));
    if (old === undefined) return `new image ${repository}${next ?? ""}`;
    return next === undefined ? `image ${repository}${old} is gone` : `image ${repository}: ${old} => ${next}`;
  });
}

/** `:tag`, `@digest` or both, at the end; a colon before a slash is a port. */
const version = /(:[^:/@]+)?(@[^@/]+)?$/;
const repositoryOf = (image: string): string => image.replace(version, "");
const versionOf = (image: string): string => image.slice(repositoryOf(image).length) || "(no tag)";

const isLoose = (image: string): boolean =>
  !image.includes("@sha256:") && (versionOf(image) === "(no tag)" || versionOf(image) === ":latest");

function chartChange(change: ResourceChange): readonly Finding[] {
  if (!change.type.startsWith("kubernetes:helm.sh/") || change.op === "create") return [];
  const { before, after } = sidesOf(change);
  const [old, next] = [before, after].map((side) => `${textAt(side, "chart") ?? ""} ${textAt(side, "version") ?? ""}`);
  return old === next ? [] : [finding("info", `chart ${String(old)} => ${String(next)}, with images of its own`)];
}

const finding = (level: Finding["level"], message: string): Finding => ({ kind: "image", level, message });
