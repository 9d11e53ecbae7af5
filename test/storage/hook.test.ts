/** The profile controller's hook as a process: what it answers where no key is made, for any namespace. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { controllerVariables } from "../../components/kubeflow/storage/artifact-settings.ts";
import type { TenantStore } from "../../components/kubeflow/storage/artifact-store.ts";
import { controllerProgram } from "../../components/kubeflow/storage/profile-controller.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import type { RenderedRelease } from "../../release/types.ts";
import { at } from "../../release/order/references.ts";
import { profileNamespace, startController, type Controller } from "./controller.ts";

const s3 = { host: "s3.eu-west-1.amazonaws.com", port: 443, secure: true, region: "eu-west-1" };
const stores: Readonly<Record<"s3" | "gs", TenantStore>> = {
  s3: { scheme: "s3", bucket: "artifacts-1234", s3 },
  gs: { scheme: "gs", bucket: "artifacts-1234" },
};
const program: KubernetesObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "kubeflow-pipelines-profile-controller-code-x", namespace: "kubeflow" },
  data: controllerProgram,
};
const release: RenderedRelease = {
  ...{ name: "none", digest: "d", sample: false, crds: [], componentOf: {} },
  objects: [program],
};
const namespace = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);

for (const [scheme, store] of Object.entries(stores)) {
  describe(`the profile controller for ${scheme}`, function () {
    this.timeout(60_000);
    const running: Controller[] = [];
    const start = async (more: Readonly<Record<string, string>> = {}): Promise<Controller> => {
      const variables = controllerVariables(store, { "team-b": "elsewhere/b/" }) as Readonly<Record<string, string>>;
      const controller = await startController({ release }, { ...variables, KFP_VERSION: "2.16.0", ...more });
      running.push(controller);
      return controller;
    };
    let controller: Controller;

    before(async () => {
      controller = await start();
    });
    after(async () => {
      for (const each of running) await each.stop();
    });

    it("puts all that it answers into the namespace that it was asked for, the same every time", async () => {
      await fc.assert(
        fc.asyncProperty(namespace, async (name) => {
          const { attachments } = await controller.sync(profileNamespace(name), {});
          for (const { metadata } of attachments) assert.equal(metadata.namespace, name);
          assert.deepEqual((await controller.sync(profileNamespace(name), {})).attachments, attachments);
        }),
        { numRuns: 50 },
      );
    });

    it("gives no two namespaces a prefix within the other's", async () => {
      const rootOf = async (name: string): Promise<string> => {
        const { attachments } = await controller.sync(profileNamespace(name), {});
        const launcher = attachments.find(({ metadata }) => metadata.name === "kfp-launcher");
        return String(at(launcher, "data", "defaultPipelineRoot")).replace("v2/artifacts", "");
      };
      await fc.assert(
        fc.asyncProperty(namespace, namespace, async (one, other) => {
          fc.pre(one !== other);
          const [first, second] = [await rootOf(one), await rootOf(other)];
          assert.ok(!first.startsWith(second) && !second.startsWith(first), `${first} and ${second}`);
        }),
        { numRuns: 50 },
      );
      assert.equal(await rootOf("team-b"), `${scheme}://artifacts-1234/elsewhere/b/`);
    });

    it("has no Secret, and credentials from the pod's own identity", async () => {
      const { attachments } = await controller.sync(profileNamespace("team-a"), {});
      assert.deepEqual(
        attachments.filter(({ kind }) => kind === "Secret"),
        [],
      );
      const launcher = attachments.find(({ metadata }) => metadata.name === "kfp-launcher");
      const providers: unknown = JSON.parse(String(at(launcher, "data", "providers")));
      assert.deepEqual(at(providers, scheme, "default", "credentials"), { fromEnv: true });
    });

    it("does nothing for a namespace without the label, or on its way out", async () => {
      const without = profileNamespace("team-a", { "pipelines.kubeflow.org/enabled": "false" });
      assert.deepEqual((await controller.sync(without, {})).attachments, []);
      const object = profileNamespace("team-a");
      const leaving = { ...object, metadata: { ...object.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
      assert.deepEqual((await controller.sync(leaving, {})).attachments, []);
    });

    it("runs the artifact proxy where Pipelines is told to use it, as the namespace's own service account", async () => {
      const { attachments } = await (await start({ ARTIFACTS_PROXY_ENABLED: "true" })).sync(profileNamespace("a"), {});
      const proxy = attachments.find(({ kind }) => kind === "Deployment");
      assert.equal(at(proxy, "spec", "template", "spec", "serviceAccountName"), "default-editor");
      assert.ok(!JSON.stringify(proxy).includes("SECRET_KEY"));
    });

    it("answers a bad question with an error and goes on", async () => {
      const nameless = { apiVersion: "v1", kind: "Namespace", metadata: {} } as KubernetesObject;
      await assert.rejects(controller.sync(nameless, {}), /500/);
      assert.ok((await controller.sync(profileNamespace("team-a"), {})).attachments.length > 0);
    });
  });
}
