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
        release: "26.03",
        crds: "lean",
        charts: [],
        kubernetesVersion: "1.34.4",
        upstreamCredentials: "refuse",
      },
    );
  });

  it("takes an empty value, Pulumi.yaml's default, for one that is not set", () => {
    const config = parseStackConfig("dev", { "kubeflow:target": "sandbox", "kubeflow:kubeconfig": "" });
    assert.equal(config.kubeconfig, undefined);
  });

  it("names an unknown key, the nearest known one and what is allowed", () => {
    const message = refusal({ "kubeflow:target": "sandbox", "kubeflow:relaese": "26.03" });
    assert.match(message, /kubeflow:relaese: unknown key; did you mean kubeflow:release\? Allowed: target, release,/);
  });

  it("tells every problem at once, with its value", () => {
    const message = refusal({ "kubeflow:target": "gkee", "kubeflow:release": "latest" });
    assert.match(message, /kubeflow:target: "gkee"; allowed: sandbox, kubeconfig/);
    assert.match(message, /kubeflow:release: "latest"; allowed: a release such as 26\.03/);
  });

  it("never shows a secret", () => {
    const message = refusal({ "kubeflow:target": "nowhere", "kubeflow:kubeconfig": "token: hunter2" });
    assert.ok(!message.includes("hunter2"));
  });
});
