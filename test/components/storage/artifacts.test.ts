import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { at, listAt } from "../../../release/order/references.ts";
import { useRelease } from "../selection/support.ts";
import { bindingReady, identity, keysOf, objectStore, resolved, stored, variablesOf } from "./support.ts";

const release = useRelease();
const apiServer = "Deployment.apps/kubeflow/ml-pipeline";

describe("artifacts in the target's S3", () => {
  const bound: string[] = [];
  const given = () =>
    stored(release(), {
      storage: { artifacts: "target" },
      target: { objectStore: objectStore("s3"), identity: identity(bound) },
    });

  it("tells the API server endpoint, region and bucket, and empty keys for AWS's chain of credentials", async () => {
    const variables = await variablesOf(given(), "ml-pipeline");
    assert.equal(variables["OBJECTSTORECONFIG_HOST"], "s3.eu-west-1.amazonaws.com");
    assert.equal(variables["OBJECTSTORECONFIG_PORT"], "443");
    assert.equal(variables["OBJECTSTORECONFIG_SECURE"], "true");
    assert.equal(variables["OBJECTSTORECONFIG_REGION"], "eu-west-1");
    assert.equal(variables["OBJECTSTORECONFIG_BUCKETNAME"], "artifacts-1234");
    assert.equal(variables["OBJECTSTORECONFIG_ACCESSKEY"], "");
    assert.equal(variables["OBJECTSTORECONFIG_SECRETACCESSKEY"], "");
  });

  it("has no variable twice: the kubelet would take the last, a person the first", async () => {
    for (const name of ["ml-pipeline", "ml-pipeline-ui", "kubeflow-pipelines-profile-controller"]) {
      const object = await resolved(given(), `Deployment.apps/kubeflow/${name}`);
      const [container] = listAt(at(object, "spec", "template", "spec"), "containers");
      const names = listAt(container, "env").map((each) => String(at(each, "name")));
      assert.deepEqual(names, [...new Set(names)], name);
    }
  });

  it("binds the API server to the bucket and the UI for reading, and nobody else", () => {
    bound.length = 0;
    given();
    assert.deepEqual(bound, ["kubeflow/ml-pipeline:  read-write", "kubeflow/ml-pipeline-ui:  read"]);
  });

  it("puts what the identity needs on the service account and the pods, which wait for it", async () => {
    const customised = given();
    const account = await resolved(customised, "ServiceAccount/kubeflow/ml-pipeline");
    assert.equal(account.metadata.annotations?.["cloud.example.com/role"], "role-of-ml-pipeline");
    const labels = at(await resolved(customised, apiServer), "spec", "template", "metadata", "labels");
    assert.equal(at(labels, "cloud.example.com/use"), "true");
    assert.equal(at(labels, "app"), "ml-pipeline");
    assert.deepEqual(customised.dependsOn.get(apiServer), [bindingReady]);
  });

  it("leaves nothing of SeaweedFS, and no reference to it", () => {
    const customised = given();
    assert.deepEqual(
      [...keysOf(customised)].filter((key) => key.includes("seaweedfs")),
      [],
    );
    for (const object of customised.release.objects) {
      if (object.kind === "CustomResourceDefinition") continue;
      const { data, spec } = object;
      const text = JSON.stringify([data, spec], (_, value: unknown) => (pulumi.Output.isInstance(value) ? "" : value));
      const program = object.kind === "ConfigMap" && object.metadata.name.includes("profile-controller-code");
      assert.ok(program || !/seaweedfs/i.test(text), `${object.kind} ${object.metadata.name} still names SeaweedFS`);
    }
  });

  it("gives Argo and the UI the bucket without a key", async () => {
    const customised = given();
    const config = await resolved(customised, "ConfigMap/kubeflow/workflow-controller-configmap");
    const { s3 } = JSON.parse(String(at(config, "data", "artifactRepository"))) as { s3: Record<string, unknown> };
    assert.equal(s3["bucket"], "artifacts-1234");
    assert.equal(s3["useSDKCreds"], true);
    assert.equal(s3["accessKeySecret"], undefined);
    const ui = await variablesOf(customised, "ml-pipeline-ui");
    assert.equal(ui["MINIO_ACCESS_KEY"], undefined);
    assert.equal(ui["ARGO_ARCHIVE_ARTIFACTORY"], "s3");
    assert.equal(ui["AWS_S3_ENDPOINT"], "s3.eu-west-1.amazonaws.com");
  });

  it("tells KServe endpoint and region, and keeps the rest of its credentials' configuration", async () => {
    const config = await resolved(given(), "ConfigMap/kubeflow/inferenceservice-config");
    const credentials: unknown = JSON.parse(String(at(config, "data", "credentials")));
    assert.equal(at(credentials, "s3", "s3Region"), "eu-west-1");
    assert.equal(at(credentials, "s3", "s3UseHttps"), "1");
    assert.equal(at(credentials, "s3", "s3AccessKeyIDName"), "AWS_ACCESS_KEY_ID");
    assert.equal(at(credentials, "gcs", "gcsCredentialFileName"), "gcloud-application-credentials.json");
  });
});

describe("artifacts in the target's Google bucket", () => {
  const given = (bound: string[] = []) =>
    stored(release(), {
      storage: { artifacts: "target" },
      target: { objectStore: objectStore("gcs"), identity: identity(bound) },
    });

  it("sends the tenants' artifacts there and leaves the API server its own store, and says why", async () => {
    const bound: string[] = [];
    const customised = given(bound);
    assert.equal((await variablesOf(customised, "ml-pipeline"))["OBJECTSTORECONFIG_HOST"], "seaweedfs.kubeflow");
    const controller = await variablesOf(customised, "kubeflow-pipelines-profile-controller");
    assert.equal(controller["ARTIFACT_SCHEME"], "gs");
    assert.equal(controller["ARTIFACT_KEYS"], "none");
    assert.equal(controller["IAM_SECRET_KEY"], undefined);
    assert.ok(keysOf(customised).has("Deployment.apps/kubeflow/seaweedfs"));
    assert.deepEqual(bound, ["kubeflow/ml-pipeline-ui:  read"]);
    assert.match(customised.notes.join("\n"), /aws-sdk-go-v2#1816/);
  });
});

describe("artifacts behind the gateway", () => {
  const azure = () =>
    stored(release(), {
      storage: { artifacts: "gateway" },
      target: {
        objectStore: objectStore("azure-blob", { account: pulumi.output("account1") }),
        identity: identity([]),
      },
    });

  it("runs the gateway with the pod's own identity and no key of the account", async () => {
    const customised = azure();
    const deployment = await resolved(customised, "Deployment.apps/kubeflow/artifact-gateway");
    const [front] = listAt(at(deployment, "spec", "template", "spec"), "containers");
    assert.equal(listAt(front, "args").at(-1), "azure");
    const variables = await variablesOf(customised, "artifact-gateway");
    assert.equal(variables["AZ_ENDPOINT"], "https://account1.blob.core.windows.net/");
    assert.equal(variables["AZ_ACCESS_KEY"], undefined);
    assert.equal(at(deployment, "spec", "template", "metadata", "labels", "cloud.example.com/use"), "true");
    const account = await resolved(customised, "ServiceAccount/kubeflow/artifact-gateway");
    assert.equal(account.metadata.annotations?.["cloud.example.com/role"], "role-of-artifact-gateway");
    assert.ok(!keysOf(customised).has("Secret/kubeflow/artifact-gateway"));
    assert.deepEqual(customised.dependsOn.get("Deployment.apps/kubeflow/artifact-gateway"), [bindingReady]);
  });

  it("lets tenants reach its S3, and its IAM be reached from Kubeflow's namespace only", async () => {
    const policy = await resolved(azure(), "NetworkPolicy.networking.k8s.io/kubeflow/artifact-gateway");
    const [tenants, own, ...others] = listAt(policy, "spec", "ingress");
    assert.deepEqual(at(tenants, "ports"), [{ protocol: "TCP", port: 7070 }]);
    assert.deepEqual(at(own, "from"), [{ podSelector: {} }]);
    assert.equal(others.length, 0);
  });

  it("keeps an HMAC key in Kubeflow's namespace, by a Secret", async () => {
    const customised = stored(release(), {
      storage: { artifacts: "gateway", hmac: { accessKey: "google-id", secretKey: "google-key" } },
      target: { objectStore: objectStore("gcs") },
      secrets: { "google-id": pulumi.secret("GOOG1"), "google-key": pulumi.secret("s3cr3t") },
    });
    const secret = await resolved(customised, "Secret/kubeflow/artifact-gateway");
    assert.deepEqual(secret["stringData"], { accessKey: "GOOG1", secretKey: "s3cr3t" });
    const deployment = await resolved(customised, "Deployment.apps/kubeflow/artifact-gateway");
    assert.ok(!JSON.stringify(deployment).includes("s3cr3t"));
    const [front] = listAt(at(deployment, "spec", "template", "spec"), "containers");
    assert.ok(listAt(front, "args").includes("--gcs-compatibility"));
  });
});

describe("artifacts in the cluster", () => {
  it("stay in upstream's store, with our profile controller", async () => {
    const customised = stored(release(), { storage: {} });
    assert.deepEqual(customised.problems, []);
    assert.equal((await variablesOf(customised, "ml-pipeline"))["OBJECTSTORECONFIG_HOST"], "seaweedfs.kubeflow");
    const controller = await variablesOf(customised, "kubeflow-pipelines-profile-controller");
    assert.equal(controller["IAM_ENDPOINT"], "http://seaweedfs.kubeflow:8111");
    assert.equal(controller["IAM_DIALECT"], "seaweedfs");
    const [code] = customised.release.objects.filter(({ metadata }) => metadata.name.includes("controller-code"));
    assert.match(String(at(code, "data", "sync.py")), /def tenant_prefix/);
    assert.match(String(at(code, "data", "iam.py")), /class Iam/);
  });

  it("hands the tenants' own prefixes on to the profile controller", async () => {
    const profiles = [
      { name: "team-a", owner: "a@example.com" },
      { name: "team-b", owner: "b@example.com", bucketPrefix: "elsewhere/b/" },
    ];
    const customised = stored(release(), { storage: {}, tenants: { profiles } });
    const controller = await variablesOf(customised, "kubeflow-pipelines-profile-controller");
    assert.deepEqual(JSON.parse(controller["ARTIFACT_PREFIXES"] ?? ""), { "team-b": "elsewhere/b/" });
  });

  it("lets what namespaces have follow the configuration", async () => {
    const customised = stored(release(), { storage: {} });
    const key = "DecoratorController.metacontroller.k8s.io//kubeflow-pipelines-profile-controller";
    const methods = listAt(await resolved(customised, key), "spec", "attachments").map((each) => [
      at(each, "resource"),
      at(each, "updateStrategy", "method"),
    ]);
    assert.deepEqual(Object.fromEntries(methods), {
      ...{ secrets: "InPlace", configmaps: "InPlace", deployments: "InPlace", services: "InPlace" },
    });
  });

  it("change nothing while kubeflow:storage is not set", () => {
    assert.deepEqual(stored(release(), {}).release.objects, release().objects);
  });
});
