import type { AksSettings } from "./settings.ts";

/** Registries that Azure mirrors: https://learn.microsoft.com/azure/container-registry/artifact-cache-overview */
export function mirrored({
  pullThrough,
  dockerHub,
}: Pick<AksSettings, "pullThrough" | "dockerHub">): readonly string[] {
  return pullThrough.filter((host) => host !== "nvcr.io" && (host !== "docker.io" || dockerHub !== undefined));
}
