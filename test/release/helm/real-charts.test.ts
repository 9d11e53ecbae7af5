/** The values check, on the keys of the charts that the platform uses. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { isRecord } from "../../../release/json.ts";
import { loadChart, type Chart } from "../../../release/helm/metadata.ts";
import { checkValues } from "../../../release/helm/values.ts";
import { UserError } from "../../../shared/errors.ts";
import { projectRoot } from "../../../shared/paths.ts";
import { notRun } from "../../support/not-run.ts";

const folder = process.env["KF_TEST_CHARTS"] ?? path.resolve(projectRoot, "../shared/charts");
const charts = existsSync(folder)
  ? readdirSync(folder).flatMap((name) =>
      readdirSync(path.join(folder, name)).map((version) => path.join(folder, name, version)),
    )
  : [];

/** Maps whose keys belong to Kubernetes or to the user: any key is right there. */
const freeMaps = /(labels|annotations|selector|limits|requests)$/i;

interface Known {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly beside: readonly string[];
}

/** Every key of `values.yaml` outside free maps, at any depth. */
function knownKeys(value: unknown, above: readonly string[] = []): readonly Known[] {
  if (!isRecord(value) || above.some((part) => freeMaps.test(part))) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    { path: [...above, key], value: item, beside: Object.keys(value) },
    ...knownKeys(item, [...above, key]),
  ]);
}

function nested(path: readonly string[], value: unknown): Record<string, unknown> {
  return path.reduceRight((inner: unknown, key) => ({ [key]: inner }), value) as Record<string, unknown>;
}

function errorOf(chart: Chart, values: Record<string, unknown>): UserError | undefined {
  try {
    checkValues(chart, values);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** The key with one letter dropped, doubled or replaced: never a key that exists. */
function misspelt({ path, beside }: Known, at: number, how: number): string | undefined {
  const key = path.at(-1) ?? "";
  const index = at % key.length;
  const middle = ["", `${key.charAt(index)}${key.charAt(index)}`, "q"][how] ?? "";
  const found = key.slice(0, index) + middle + key.slice(index + 1);
  return beside.includes(found) || found === "" ? undefined : found;
}

describe("values of real charts", () => {
  if (charts.length === 0) {
    it("take their own defaults", function () {
      notRun(this, `no charts in ${folder}; set KF_TEST_CHARTS to a folder of <name>/<version>/values.yaml`);
    });
  }
  for (const chartFolder of charts) {
    const name = path.relative(folder, chartFolder);

    it(`${name}: takes its own defaults, whole and key by key`, async () => {
      const chart = await loadChart(chartFolder);
      checkValues(chart, chart.values);
      const known = knownKeys(chart.values);
      assert.ok(known.length > 10, `only ${known.length} keys`);
      for (const { path, value } of known) checkValues(chart, nested(path, value));
    });

    it(`${name}: names a misspelt key and the nearest known one`, async () => {
      const chart = await loadChart(chartFolder);
      // Only names and values of these charts are here, not the subcharts, whose keys are then anybody's.
      const open = ["global", ...chart.dependencies.map((dependency) => dependency.key)];
      const known = knownKeys(chart.values).filter((key) => key.path.length === 1 || !open.includes(key.path[0] ?? ""));
      const property = fc.property(fc.constantFrom(...known), fc.nat(), fc.nat(2), (key, at, how) => {
        const wrong = misspelt(key, at, how);
        fc.pre(wrong !== undefined);
        const error = errorOf(chart, nested([...key.path.slice(0, -1), wrong], key.value));
        assert.ok(error, `${key.path.join(".")} as "${wrong}" is taken`);
        assert.equal(error.exitCode, 2);
        assert.match(error.message, /no such key; the nearest is "/);
        assert.ok(error.message.includes(wrong) && error.message.includes(key.path.at(-1) ?? ""), error.message);
      });
      fc.assert(property, { numRuns: 300 });
    });
  }
});
