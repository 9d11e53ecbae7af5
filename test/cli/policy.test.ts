import assert from "node:assert/strict";
import { describePolicies, openPolicyReview, PolicyReview } from "../../cli/policy.ts";
import type { ResourceState } from "../../engine/deployment.ts";
import { Secret, Unknown, type PropertyMap } from "../../engine/values.ts";
import type { Settings } from "../../policy/rule.ts";
import { rules } from "../../policy/rules/index.ts";
import { kf } from "../support/kf.ts";

const urnOf = (type: string, name: string): string => `urn:pulumi:gcp-prod::kubeflow::${type}::${name}`;
const state = (type: string, name: string, inputs: PropertyMap, more: Partial<ResourceState> = {}): ResourceState => ({
  ...{ urn: urnOf(type, name), type, id: "", custom: true, inputs, outputs: {}, dependencies: [] },
  ...{ propertyDependencies: {}, additionalSecretOutputs: [], customTimeouts: {} },
  ...more,
});
const reviewIn = (environment: Settings["environment"]): PolicyReview =>
  new PolicyReview({ environment, maxGpuNodesPerPool: 16, unprotected: [] });
const secret = state("kubernetes:core/v1:Secret", "mysql", {
  kind: "Secret",
  stringData: new Secret({ password: "minio123", other: Unknown.value }),
});

describe("policies of a stack by the offline engine", () => {
  it("refuse what is mandatory in prod, looking into secrets and never telling them", () => {
    const policies = reviewIn("prod");
    const messages = policies.review([secret]);
    assert.equal(messages.length, 1);
    assert.match(messages[0] ?? "", /^1 violation of policies that are mandatory in prod: no-known-credentials$/);
    const text = describePolicies(policies.violations);
    assert.match(text, /policy no-known-credentials \(.*mandatory.*\): No password/);
    assert.match(text, /kubernetes:core\/v1:Secret mysql: stringData\.password is the object store's secret key/);
    assert.match(text, /remedy: Let the platform generate it/);
    assert.doesNotMatch(text, /minio123/);
  });

  it("only tell in dev", () => {
    const policies = reviewIn("dev");
    assert.deepEqual(policies.review([secret]), []);
    assert.deepEqual(
      policies.violations.map(({ rule, enforcement }) => [rule, enforcement]),
      [["no-known-credentials", "advisory"]],
    );
  });

  it("count the tags that a provider adds, and protection", () => {
    const tags = { application: "kubeflow", cluster: "a", environment: "prod", "managed-by": "pulumi" };
    const provider = state("pulumi:providers:aws", "aws", { defaultTags: JSON.stringify({ tags }) }, { id: "1" });
    const key = state("aws:kms/key:Key", "key", {}, { protect: true, provider: `${provider.urn}::1` });
    assert.deepEqual(reviewIn("prod").review([provider, key]), []);
    assert.match(reviewIn("prod").review([key])[0] ?? "", /labels-present/);
    const { protect, ...unprotected } = key;
    assert.equal(protect, true);
    assert.match(reviewIn("prod").review([provider, unprotected])[0] ?? "", /protected-data/);
  });

  it("know the environment of a stack from its file", async () => {
    const policies = await openPolicyReview("local-dev");
    assert.deepEqual(policies.review([secret]), []);
    assert.equal(policies.violations[0]?.enforcement, "advisory");
  });

  it("are listed by kf policy --list", async () => {
    const { code, stdout } = await kf(["policy", "--list", "--json"], {});
    assert.equal(code, 0);
    const listed = (JSON.parse(stdout) as { readonly rules: readonly { readonly rule: string }[] }).rules;
    assert.deepEqual(
      listed.map(({ rule }) => rule),
      rules.map(({ name }) => name),
    );
    assert.match((await kf(["policy", "--list"], {})).stdout, /private-nodes: .*\n {4}dev advisory, staging mandatory/);
  });
});
