/** Our own chart as a published one: packed by Helm itself into a folder that is laid out like a mirror. */
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { pinChart } from "../../../release/helm/fetch.ts";
import { renderChart, type ChartContext, type RenderedChart } from "../../../release/helm/render.ts";
import type { Values } from "../../../release/helm/yaml.ts";
import type { LockedChart } from "../../../release/lock.ts";
import { UserError } from "../../../shared/errors.ts";
import { ensureTool } from "../../../tools/tools.ts";

const fixtures = path.join(import.meta.dirname, "fixtures");

/** A cache and a mirror of its own for one test file. */
export interface Workshop {
  readonly folder: string;
  readonly mirror: string;
  readonly helm: string;
  readonly progress: (message: string) => void;
  /** What was said through `progress`. */
  readonly said: string[];
  readonly close: () => Promise<void>;
}

export async function openWorkshop(): Promise<Workshop> {
  const helm = await ensureTool("helm", () => undefined);
  const folder = await mkdtemp(path.join(os.tmpdir(), "kf-helm-"));
  const mirror = path.join(folder, "mirror");
  await mkdir(mirror);
  const before = process.env["KF_CACHE_DIR"];
  process.env["KF_CACHE_DIR"] = path.join(folder, "cache");
  const said: string[] = [];
  return {
    ...{ folder, mirror, helm, said },
    progress: (message) => said.push(message),
    close: async () => {
      if (before === undefined) delete process.env["KF_CACHE_DIR"];
      else process.env["KF_CACHE_DIR"] = before;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Packs the chart, after `edit` changed it, and pins it. */
export async function publish(
  workshop: Workshop,
  edit: (folder: string) => Promise<void> = () => Promise.resolve(),
  place: Partial<LockedChart> = { url: "https://charts.example/stable" },
): Promise<LockedChart> {
  const source = await mkdtemp(path.join(workshop.folder, "source-"));
  await cp(path.join(fixtures, "chart"), source, { recursive: true });
  await edit(source);
  const target = path.join(workshop.mirror, "charts.example", "stable");
  await execa(workshop.helm, ["package", source, "--destination", target]);
  const options = { helm: () => Promise.resolve(workshop.helm), mirror: workshop.mirror, progress: workshop.progress };
  return pinChart({ name: "demo", version: "1.2.3", ...place }, options);
}

export async function addSchema(folder: string): Promise<void> {
  await cp(path.join(fixtures, "values.schema.json"), path.join(folder, "values.schema.json"));
}

/** Renders as release `demo` in namespace `tools`. */
export async function render(
  workshop: Workshop,
  chart: LockedChart,
  values: Values = {},
  context: Partial<ChartContext> = {},
): Promise<RenderedChart> {
  return renderChart(
    { chart, release: "demo", namespace: "tools", values },
    {
      kubeVersion: "1.34.4",
      installed: [],
      helm: () => Promise.resolve(workshop.helm),
      mirror: workshop.mirror,
      progress: workshop.progress,
      ...context,
    },
  );
}

/** The error that a user would read. */
export async function refusal(work: Promise<unknown>): Promise<UserError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
