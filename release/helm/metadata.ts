/** A chart on disk as data: what its `Chart.yaml`, `values.yaml` and schema say, and its subcharts. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { messageOf, UserError } from "../../shared/errors.ts";
import { loadHelmMap, type Values } from "./yaml.ts";

const dependencySchema = z.object({
  name: z.string(),
  version: z.string().optional(),
  alias: z.string().optional(),
  condition: z.string().optional(),
  tags: z.array(z.string()).nullish(),
});

const metadataSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  dependencies: z.array(dependencySchema).nullish(),
});

/** A subchart as its parent names it. */
interface Dependency {
  /** Its alias or name: the key of its values in the parent's. */
  readonly key: string;
  readonly name: string;
  /** Paths in the parent's values that switch it on; the first that is set counts. */
  readonly conditions: readonly (readonly string[])[];
  readonly tagged: boolean;
  /** Absent when it is not in the `charts` folder. */
  readonly chart?: Chart;
}

export interface Chart {
  readonly name: string;
  readonly version: string;
  readonly values: Values;
  /** The text of `values.yaml`: its comments name further keys. */
  readonly valuesText: string;
  /** Parsed `values.schema.json`. */
  readonly schema?: unknown;
  readonly dependencies: readonly Dependency[];
}

/**
 * Reads an unpacked chart.
 *
 * @throws UserError when a file of it is missing or is not what it should be.
 */
export async function loadChart(folder: string): Promise<Chart> {
  const [metadataText, valuesText, schemaText, requirements, vendored] = await Promise.all([
    readOptional(path.join(folder, "Chart.yaml")),
    readOptional(path.join(folder, "values.yaml")),
    readOptional(path.join(folder, "values.schema.json")),
    readOptional(path.join(folder, "requirements.yaml")),
    loadVendored(path.join(folder, "charts")),
  ]);
  if (metadataText === undefined) {
    throw new UserError(
      `${folder}: no Chart.yaml here, so this is no chart; give the folder or archive of a Helm chart`,
    );
  }
  // Charts of apiVersion v1 keep their dependencies in a file of their own.
  const old = requirements === undefined ? {} : parseFile(folder, "requirements.yaml", () => loadHelmMap(requirements));
  const metadata = parseFile(folder, "Chart.yaml", () =>
    metadataSchema.parse({ ...old, ...loadHelmMap(metadataText) }),
  );
  return {
    name: metadata.name,
    version: metadata.version,
    values: parseFile(folder, "values.yaml", () => loadHelmMap(valuesText ?? "")),
    valuesText: valuesText ?? "",
    ...(schemaText === undefined
      ? {}
      : { schema: parseFile(folder, "values.schema.json", () => JSON.parse(schemaText) as unknown) }),
    dependencies: link(metadata.dependencies ?? [], vendored),
  };
}

/** Names of dependencies, of the chart or of a subchart, that the archive does not hold. */
export function missingDependencies(chart: Chart): readonly string[] {
  return chart.dependencies.flatMap((dependency) =>
    dependency.chart === undefined ? [dependency.name] : missingDependencies(dependency.chart),
  );
}

/** The chart and every chart inside it. */
export function chartsOf(chart: Chart): readonly Chart[] {
  return [chart, ...chart.dependencies.flatMap((dependency) => (dependency.chart ? chartsOf(dependency.chart) : []))];
}

/** Dependencies as declared, then the charts that are in the folder without being declared: Helm uses these too. */
function link(declared: readonly z.infer<typeof dependencySchema>[], vendored: readonly Chart[]): Dependency[] {
  const named = declared.map((dependency) => {
    const chart = vendored.find((candidate) => candidate.name === dependency.name);
    return {
      key: dependency.alias ?? dependency.name,
      name: dependency.name,
      conditions: (dependency.condition ?? "").split(",").map((condition) => condition.trim().split(".")),
      tagged: (dependency.tags ?? []).length > 0,
      ...(chart === undefined ? {} : { chart }),
    };
  });
  const others = vendored.filter((chart) => !declared.some((dependency) => dependency.name === chart.name));
  return [
    ...named,
    ...others.map((chart) => ({ key: chart.name, name: chart.name, conditions: [], tagged: false, chart })),
  ];
}

async function loadVendored(folder: string): Promise<readonly Chart[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(ignoreMissing);
  const packed = entries?.find((entry) => entry.name.endsWith(".tgz"));
  if (packed !== undefined) {
    throw new UserError(
      `${path.join(folder, packed.name)}: a subchart that is still packed cannot be checked; ` +
        `pack the chart with \`helm package\`, which unpacks its subcharts, or unpack it in place`,
    );
  }
  // Helm skips folders that begin with these, so that a chart can keep notes beside its subcharts.
  const folders = (entries ?? []).filter((entry) => entry.isDirectory() && !/^[._]/.test(entry.name));
  return Promise.all(folders.map((entry) => loadChart(path.join(folder, entry.name))));
}

async function readOptional(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

function parseFile<Result>(folder: string, file: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new UserError(`${path.join(folder, file)}: ${detail}`, { cause: error });
  }
}
