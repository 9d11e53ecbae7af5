import { loadLock } from "../release/lock.ts";
import { renderRelease, type ReleaseRender, type RenderOptions } from "../release/render.ts";
import type { StackConfig } from "./config.ts";

/**
 * The release that a stack's configuration names: from the render cache, else fetched (mirror first) and rendered.
 *
 * @throws UserError for everything that can be wrong with a lock, a source or a render, before anything is registered.
 */
export async function loadRelease(
  config: Pick<StackConfig, "release" | "crds">,
  options: Pick<RenderOptions, "mirror" | "progress"> = {},
): Promise<ReleaseRender> {
  return renderRelease({ ...options, lock: await loadLock(config.release), crds: config.crds });
}
