/**
 * What each stack asks its cloud or its cluster for beside Kubeflow, resource by resource: `test/golden/<stack>.yaml` is
 * there to be read in the diff of a pull request. `npm run golden` writes them anew. The release's own objects are only
 * counted: their digest is in the lock, and what they are is upstream's.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import type { PlannedResource, StackResult } from "../../cli/operation.ts";
import { projectRoot } from "../../shared/paths.ts";
import { kf } from "../support/kf.ts";
import { neededMirror } from "../support/mirror.ts";

const update = process.env["UPDATE_GOLDEN"] === "true";
const patterns = ["gcp-*", "aws-*", "azure-*", "onprem-*", "minikube-*", "microk8s-*", "k3s-*"];

describe("golden files of the stacks", () => {
  let results: readonly StackResult[];

  before(async function () {
    const mirror = neededMirror(this);
    this.timeout(10 * 60_000);
    const { code, stdout, stderr } = await kf(["preview", ...patterns, "--resources", "--json", "--quiet"], {
      KF_MIRROR: mirror,
    });
    assert.equal(code, 0, `${stdout.slice(0, 2000)}\n${stderr}`);
    results = JSON.parse(stdout) as readonly StackResult[];
    assert.equal(results.length, 15);
  });

  it("are what the stacks ask for", async () => {
    for (const { stack, resources = [] } of results) {
      const file = path.join(projectRoot, "test", "golden", `${stack}.yaml`);
      const text = golden(resources);
      if (update) await writeFile(file, text);
      else
        assert.equal(text, await readFile(file, "utf8"), `${stack}: npm run golden writes it anew, if this is meant`);
    }
  });

  it("hold no secret and no invented value", () => {
    for (const { stack, resources = [] } of results) {
      const text = golden(resources);
      assert.doesNotMatch(text, /BEGIN [A-Z ]*PRIVATE KEY|password: (?!"?\[)|undefined|\[object Object\]|sim-/, stack);
    }
  });
});

function golden(resources: readonly PlannedResource[]): string {
  const ofRelease = resources.filter(({ urn }) =>
    /KubeflowPlatform\$.*(kubernetes|CustomResourceDefinition)/.test(urn),
  );
  const others = resources.filter((resource) => !ofRelease.includes(resource));
  const shown = others.map(({ urn, inputs, protect }) => {
    const [, , types = "", name = ""] = urn.split("::");
    const body = { ...(inputs as object), ...(protect === true ? { "(protect)": true } : {}) };
    return [`${types.split("$").at(-1) ?? ""} ${name}`, body] as const;
  });
  const text = stringify({ objectsOfTheRelease: ofRelease.length, ...Object.fromEntries(shown) }, { lineWidth: 0 });
  // Azure takes a budget from the month on in which it is made.
  return text.replace(/startDate: \d{4}-\d\d-01T/g, "startDate: [this month]-01T");
}
