import { storedResources, type StateOptions } from "../engine/stored-state.ts";
import { UnreachableError } from "../release/download.ts";
import type { RenderedRelease } from "../release/types.ts";
import type { StackConfig } from "../stacks/config.ts";
import { loadRelease } from "../stacks/release.ts";
import type { Report } from "./progress.ts";

/** A release and how a stack's configuration calls it. */
export interface StackRelease {
  readonly choice: string;
  readonly rendered: RenderedRelease;
}

/**
 * The stack's release. A sandbox without network and mirror gets the sample instead, so that there is something to try.
 * A real cluster never does, nor a sandbox that holds another release (it would be deleted), nor a machine whose mirror
 * is only away.
 */
export async function loadOrSample(config: StackConfig, state: StateOptions, report: Report): Promise<StackRelease> {
  try {
    return { choice: config.release, rendered: await loadRelease(config, { progress: report }) };
  } catch (error) {
    if (!(error instanceof UnreachableError) || config.target !== "sandbox") throw error;
    if (process.env["KF_MIRROR"] !== undefined || (await holdsAnother(state))) throw error;
    process.stderr.write(
      `kf: WARNING: ${error.message}\nkf: WARNING: going on with the SAMPLE release: it has the shape of Kubeflow and is not ` +
        "Kubeflow. For the real one set KF_MIRROR to a mirror of it, or connect this machine\n",
    );
    const rendered = await loadRelease({ ...config, release: "sample", charts: [] }, { progress: report });
    return { choice: "sample", rendered };
  }
}

async function holdsAnother(state: StateOptions): Promise<boolean> {
  const root = (await storedResources(state)).find(({ type }) => type === "pulumi:pulumi:Stack");
  const outputs = root?.outputs;
  const release =
    typeof outputs === "object" && outputs !== null && "release" in outputs ? outputs["release"] : undefined;
  return release !== undefined && release !== "sample";
}
