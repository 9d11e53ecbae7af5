import assert from "node:assert/strict";
import { UserError } from "../../shared/errors.ts";
import { parseStackConfig } from "../../stacks/config.ts";

/** The message of the refusal, which must be one of wrong usage. */
function refusal(raw: Record<string, string>): string {
  try {
    parseStackConfig("dev", raw);
  } catch (error) {
    assert.ok(error instanceof UserError);
    assert.equal(error.exitCode, 2);
    return error.message;
  }
  assert.fail("the configuration was taken");
}

describe("configuration of a stack", () => {
  it("fills in the defaults", () => {
    const config = parseStackConfig("dev", { "kubeflow:target": "sandbox", "aws:region": "eu-west-1" });
    assert.deepEqual(
      { ...config },
      {
        target: "sandbox",
        environment: "dev",
        release: "26.03",
        crds: "lean",
        charts: [],
        kubernetesVersion: "1.34.4",
        adminEmail: "user@example.com",
        rotate: {},
        secrets: {},
        simulated: false,
        prices: {},
      },
    );
  });

  it("takes an empty value, Pulumi.yaml's default, for one that is not set", () => {
    const config = parseStackConfig("dev", { "kubeflow:target": "sandbox", "kubeflow:kubeconfig": "" });
    assert.equal(config.kubeconfig, undefined);
  });

  it("names an unknown key, the nearest known one and what is allowed", () => {
    const message = refusal({ "kubeflow:target": "sandbox", "kubeflow:relaese": "26.03" });
    assert.match(
      message,
      /kubeflow:relaese: unknown key; did you mean kubeflow:release\? Allowed: target, environment, release,/,
    );
  });

  it("tells every problem at once, with its value", () => {
    const message = refusal({ "kubeflow:target": "gkee", "kubeflow:release": "latest" });
    assert.match(message, /kubeflow:target: "gkee"; allowed: sandbox, kubeconfig/);
    assert.match(message, /kubeflow:release: "latest"; allowed: a release such as 26\.03/);
  });

  it("checks the map of a cloud to its depth, and names its keys in it", () => {
    const message = refusal({
      "kubeflow:target": "eks",
      "kubeflow:eks": JSON.stringify({
        accountId: "12",
        region: "eu-central-1",
        zones: ["eu-central-1a", "eu-central-1b"],
        domain: "kubeflow.example.com",
        gpuPools: [
          { name: "l4", gpu: "l5", max: 2 },
          { name: "t4", gpu: "t4", max: 2, machine: "x" },
        ],
        cpuPools: [{ name: "cpu", min: 3, max: 2 }],
      }),
    });
    assert.match(message, /kubeflow:eks\.accountId: "12"; allowed: 12 digits/);
    assert.match(message, /kubeflow:eks\.gpuPools\[0\]\.gpu: "l5"; allowed: t4, l4,/);
    assert.match(message, /kubeflow:eks\.gpuPools\[1\]\.machine: unknown key; did you mean machineType\?/);
    assert.match(message, /kubeflow:eks\.cpuPools\[0\]\.min: .*; allowed: at most `max`/);
  });

  it("asks for the map of the cloud that the stack is for", () => {
    assert.match(refusal({ "kubeflow:target": "gke" }), /kubeflow:gke: not set; allowed: a map/);
  });

  it("never shows a secret", () => {
    const message = refusal({ "kubeflow:target": "nowhere", "kubeflow:kubeconfig": "token: hunter2" });
    assert.ok(!message.includes("hunter2"));
  });
});
