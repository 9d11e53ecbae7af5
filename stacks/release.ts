import path from "node:path";
import { releaseComponentsOf } from "../components/kubeflow/selection/catalogue.ts";
import type { PlacedChart } from "../release/combine.ts";
import { loadLock, type ReleaseLock } from "../release/lock.ts";
import { withOptional } from "../release/optional.ts";
import { renderRelease, type RenderOptions } from "../release/render.ts";
import type { CrdStyle, RenderedRelease } from "../release/types.ts";
import { UserError } from "../shared/errors.ts";
import { projectRoot } from "../shared/paths.ts";
import { configSchema, type StackConfig } from "./config.ts";

type Options = Pick<RenderOptions, "mirror" | "progress">;
/** The part of a stack's configuration that decides what is rendered. */
export type ReleaseChoice = Pick<StackConfig, "release" | "crds" | "charts" | "kubernetesVersion" | "components">;

/** The bare release, without a stack: for `kf release`. The path of a lock is relative to the current folder. */
export function bareRelease(release: string, crds: CrdStyle): ReleaseChoice {
  return configSchema.parse({ target: "sandbox", release: withLockBelow(process.cwd(), release), crds });
}

function withLockBelow(folder: string, release: string): string {
  return release.endsWith(".yaml") ? path.resolve(folder, release) : release;
}

/**
 * What a stack's configuration asks for, the release and the charts beside it: from the render cache, else fetched
 * (mirror first) and rendered.
 *
 * @throws UserError for everything that can be wrong with a lock, a source or a render, before anything is registered.
 */
export async function loadRelease(choice: ReleaseChoice, options: Options = {}): Promise<RenderedRelease> {
  // Of the project, wherever the program is started: `kf` and the Pulumi CLI do so in different folders.
  const lock = await loadLock(withLockBelow(projectRoot, choice.release));
  const release = await withOptional(
    await renderRelease({ ...options, lock, crds: choice.crds }),
    { ...options, lock, crds: choice.crds },
    releaseComponentsOf(choice.components?.with ?? []),
  );
  if (choice.charts.length === 0) return release;
  const { withCharts } = await import("../release/combine.ts");
  return withCharts(release, await renderCharts(choice, lock, release, options));
}

/** One after the other: a chart may use the kinds that those before it bring. */
async function renderCharts(
  { charts, crds, kubernetesVersion }: ReleaseChoice,
  lock: ReleaseLock,
  release: RenderedRelease,
  options: Options,
): Promise<readonly PlacedChart[]> {
  const { renderChart } = await import("../release/helm/render.ts");
  const placed: PlacedChart[] = [];
  for (const [index, { name, release: component = name, namespace, values }] of charts.entries()) {
    const chart = lock.charts.find((locked) => locked.name === name);
    if (chart === undefined) {
      const known = lock.charts.map((locked) => locked.name).join(", ") || "none";
      throw new UserError(
        `kubeflow:charts[${index}].name: ${JSON.stringify(name)}; allowed: the charts of ${lock.file}: ${known}. ` +
          "Add it there, with its digest",
        { exitCode: 2 },
      );
    }
    const installed = [...release.crds, ...placed.flatMap(({ rendered }) => rendered.crds)];
    const rendered = await renderChart(
      { chart, release: component, namespace, values, valuesRoot: `kubeflow:charts[${index}].values` },
      { ...options, crds, kubeVersion: kubernetesVersion, installed },
    );
    placed.push({ component, namespace, rendered });
  }
  return placed;
}
