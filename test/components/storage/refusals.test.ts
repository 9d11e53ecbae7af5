import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { artifactPlan } from "../../../components/kubeflow/storage/artifact-store.ts";
import { storageSettings } from "../../../components/kubeflow/storage/settings.ts";
import type { ClusterTarget } from "../../../components/contracts/cluster-target.ts";
import { identity, objectStore, plainTarget } from "./support.ts";

const refused = (settings: unknown, target: Partial<ClusterTarget>, secrets = {}): string => {
  const plan = artifactPlan(storageSettings.parse(settings), { ...plainTarget, ...target }, secrets);
  assert.ok(!("apiServer" in plan), "it was not refused");
  return plan.join("\n");
};

describe("what kubeflow:storage.artifacts refuses at preview", () => {
  it("a store that the target does not have", () => {
    assert.match(refused({ artifacts: "target" }, {}), /target kubeconfig has no object store: set in-cluster/);
  });

  it("Azure Blob without the gateway, which Pipelines cannot talk to", () => {
    const target = { objectStore: objectStore("azure-blob"), identity: identity([]) };
    assert.match(refused({ artifacts: "target" }, target), /no way to talk to Azure Blob: set gateway/);
  });

  it("a static key to the whole bucket in every tenant's namespace", () => {
    const credentials = { accessKey: pulumi.secret("a"), secretKey: pulumi.secret("b") };
    const target = { objectStore: objectStore("s3", { endpoint: "https://s3.example.com", credentials }) };
    assert.match(refused({ artifacts: "target" }, target), /in every tenant's namespace: set gateway/);
  });

  it("the gateway without anything to log in with behind it", () => {
    assert.match(
      refused({ artifacts: "gateway" }, { objectStore: objectStore("s3") }),
      /neither an identity nor a key/,
    );
    assert.match(refused({ artifacts: "gateway" }, { objectStore: objectStore("gcs") }), /kubeflow:storage\.hmac/);
  });

  it("a secret that is not there, by the names of those that are", () => {
    const hmac = { accessKey: "one", secretKey: "two" };
    const message = refused(
      { artifacts: "gateway", hmac },
      { objectStore: objectStore("gcs") },
      { one: pulumi.secret("x") },
    );
    assert.match(message, /kubeflow:storage\.hmac\.secretKey: two is not in kubeflow:secrets, which has: one/);
  });

  it("keys that have no effect", () => {
    const hmac = { accessKey: "one", secretKey: "two" };
    assert.match(refused({ hmac }, {}), /kubeflow:storage\.hmac.*leave it out/);
    const ca = { databaseCa: "-----BEGIN CERTIFICATE-----" };
    assert.throws(() => storageSettings.parse(ca), /databaseTls: verify/);
  });

  it("never with a static key for tenants: whatever the target is, they get one of their own or none", () => {
    const target = fc.record({
      kind: fc.constantFrom("s3", "gcs", "azure-blob"),
      keyless: fc.boolean(),
      key: fc.boolean(),
      artifacts: fc.constantFrom("in-cluster", "target", "gateway"),
      hmac: fc.boolean(),
    });
    fc.assert(
      fc.property(target, ({ kind, keyless, key, artifacts, hmac }) => {
        const credentials = { accessKey: pulumi.secret("a"), secretKey: pulumi.secret("b") };
        const plan = artifactPlan(
          storageSettings.parse({ artifacts, ...(hmac ? { hmac: { accessKey: "one", secretKey: "two" } } : {}) }),
          {
            ...plainTarget,
            objectStore: objectStore(kind, key ? { endpoint: "https://s3.example.com", credentials } : {}),
            ...(keyless ? { identity: identity([]) } : {}),
          },
          { one: pulumi.secret("x"), two: pulumi.secret("y") },
        );
        if (!("apiServer" in plan)) return;
        const { tenants, apiServer, gateway, seaweedfs } = plan;
        // With keys there is somebody who makes them; without, the pods are known.
        assert.ok(tenants.iam !== undefined || keyless);
        assert.ok(tenants.iam === undefined || seaweedfs || gateway !== undefined);
        assert.ok(apiServer.keys === "secret" || keyless);
        assert.ok(tenants.scheme !== "s3" || kind === "s3");
      }),
    );
  });
});
