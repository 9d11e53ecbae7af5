import assert from "node:assert/strict";
import fc from "fast-check";
import { catalogue, componentNames, presetNames, presets } from "../../../components/kubeflow/selection/catalogue.ts";
import { needsOf, resolve } from "../../../components/kubeflow/selection/resolve.ts";
import { selectionSettings } from "../../../components/kubeflow/selection/settings.ts";

const everything = new Set(componentNames.flatMap((name) => catalogue[name].components));
const offer = { components: everything, release: "26.03", serverless: true };
const some = fc.uniqueArray(fc.constantFrom(...componentNames));
const asked = fc.record({ preset: fc.constantFrom(...presetNames), with: some, without: some });

describe("what kubeflow:components comes to", () => {
  it("has all that is asked for and needed, nothing that is left out, or says why not", () => {
    fc.assert(
      fc.property(asked, fc.boolean(), (settings, serverless) => {
        const { names, problems } = resolve(settings, { ...offer, serverless });
        if (problems.length > 0) return;
        for (const name of settings.with) assert.ok(names.has(name), name);
        for (const name of settings.without) assert.ok(!names.has(name), name);
        for (const name of names) for (const need of needsOf(name, { serverless })) assert.ok(names.has(need), need);
        for (const name of presets[settings.preset]) {
          assert.ok(names.has(name) || settings.without.includes(name), `${name} is in the preset`);
        }
      }),
    );
  });

  it("refuses only what contradicts itself, and names both sides", () => {
    fc.assert(
      fc.property(asked, (settings) => {
        const { problems } = resolve(settings, offer);
        const wanted = [...presets[settings.preset], ...settings.with];
        const contradictory =
          settings.with.some((name) => settings.without.includes(name)) ||
          wanted.some(
            (name) =>
              !settings.without.includes(name) &&
              [...needsOf(name, offer), ...needsOf(name, offer).flatMap((need) => needsOf(need, offer))].some((need) =>
                settings.without.includes(need),
              ),
          );
        assert.equal(problems.length > 0, contradictory, problems.join("\n"));
      }),
    );
  });

  it("pulls in what is needed, and says so", () => {
    const { names, notes } = resolve({ preset: "minimal", with: ["models-web-app"], without: [] }, offer);
    for (const name of ["models-web-app", "kserve", "knative"] as const) assert.ok(names.has(name), name);
    assert.match(notes.join("\n"), /knative is installed .*kserve needs it/);
  });

  it("refuses a need that is left out, by name and with the ways out", () => {
    const { problems } = resolve({ preset: "full", with: [], without: ["knative"] }, offer);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /components\.without: "knative".*kserve needs it.*serving\.mode to raw/);
    const raw = resolve({ preset: "full", with: [], without: ["knative"] }, { ...offer, serverless: false });
    assert.deepEqual(raw.problems, []);
    assert.ok(!raw.names.has("knative"));
  });

  it("refuses what the release has not, and does without it where only the preset names it", () => {
    const small = { ...offer, components: new Set(["centraldashboard", "pipelines"]), release: "small" };
    assert.deepEqual([...resolve({ preset: "full", with: [], without: [] }, small).names], ["dashboard", "pipelines"]);
    const { problems } = resolve({ preset: "full", with: ["katib"], without: [] }, small);
    assert.match(problems[0] ?? "", /components\.with\[0\]: "katib"; allowed: .*dashboard, pipelines/);
  });

  it("takes no name that it does not know", () => {
    assert.equal(selectionSettings.safeParse({ without: ["istio"] }).success, false);
    assert.equal(selectionSettings.parse({}).preset, "full");
  });
});
