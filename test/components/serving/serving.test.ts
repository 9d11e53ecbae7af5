import assert from "node:assert/strict";
import type { GpuPool } from "../../../components/contracts/gpu-pool.ts";
import { gpuTaint } from "../../../components/contracts/gpu-pool.ts";
import { selection } from "../../../components/kubeflow/selection/selection.ts";
import { serving } from "../../../components/kubeflow/serving/serving.ts";
import { objectKey } from "../../../kubernetes/objects.ts";
import { customised, useRelease, type Settings } from "../selection/support.ts";

const gpuPool: GpuPool = {
  name: "l4",
  gpu: "l4",
  gpuMemoryGiB: 24,
  gpusPerNode: 1,
  min: 0,
  max: 4,
  resourceName: "nvidia.com/gpu",
  labels: {},
  taints: [gpuTaint],
  driver: "preinstalled",
  sharing: "none",
};
const edge: Settings["edge"] = { issuer: { kind: "self-signed" }, hosts: ["*.models.example.org"] };

describe("serving, in release 26.03", () => {
  const release = useRelease();
  const served = (settings: Settings, target: Parameters<typeof customised>[3] = {}) => {
    const { release: changed, problems, notes } = customised(release(), settings, [selection, serving], target);
    const keys = changed.objects.map(objectKey);
    const data = (key: string): Readonly<Record<string, string>> => {
      const found = changed.objects.find((object) => objectKey(object) === key);
      assert.ok(found, key);
      return (found["data"] ?? {}) as Record<string, string>;
    };
    const kserve = (name: string): unknown =>
      JSON.parse(data("ConfigMap/kubeflow/inferenceservice-config")[name] ?? "{}");
    const knative = (name: string): Readonly<Record<string, string>> => {
      const entries = Object.entries(data(`ConfigMap/knative-serving/${name}`));
      return Object.fromEntries(entries.filter(([key]) => key !== "_example"));
    };
    return { problems, notes, keys, kserve, knative, objects: changed.objects };
  };

  it("changes nothing where nothing is asked for", () => {
    assert.deepEqual(served({}).objects, release().objects);
  });

  it("serves with Knative at names below the edge's wildcard, by HTTPS", () => {
    const { problems, kserve, knative, keys } = served({ edge, serving: {} });
    assert.deepEqual(problems, []);
    assert.deepEqual(kserve("deploy"), { defaultDeploymentMode: "Serverless" });
    const ingress = kserve("ingress") as Readonly<Record<string, unknown>>;
    assert.equal(ingress["ingressDomain"], "models.example.org");
    assert.equal(ingress["urlScheme"], "https");
    assert.equal(ingress["ingressGateway"], "kubeflow/kubeflow-gateway", "what upstream has beside it stays");
    assert.deepEqual(knative("config-domain"), { "models.example.org": "" });
    assert.equal(knative("config-network")["default-external-scheme"], "https");
    assert.ok(keys.includes("ValidatingAdmissionPolicy.admissionregistration.k8s.io//models-host-names"));
  });

  it("gives Knative and KServe one pattern of names, of one level below the domain", () => {
    const { kserve, knative } = served({ edge, serving: {} });
    const { domainTemplate } = kserve("ingress") as { readonly domainTemplate: string };
    const knativeTemplate = knative("config-network")["domain-template"] ?? "";
    const plain = (template: string) => template.replaceAll(" ", "").replace(".IngressDomain", ".Domain");
    assert.equal(plain(domainTemplate), plain(knativeTemplate));
    assert.equal(knativeTemplate.replace("{{.Name}}", "n").replace("{{.Namespace}}", "t"), "n--t.{{.Domain}}");
  });

  it("serves by HTTP where the edge has no certificate for the names", () => {
    const { kserve, knative, keys } = served({ serving: { domain: "models.example.org" } });
    assert.equal((kserve("ingress") as Readonly<Record<string, unknown>>)["urlScheme"], "http");
    assert.deepEqual(knative("config-network"), {});
    assert.ok(!keys.some((key) => key.includes("models-host-names")));
    assert.match(served({ serving: {} }).notes.join("\n"), /example\.com.*kubeflow:edge\.hosts/);
  });

  it("sets what Knative scales by, in its own units", () => {
    const { knative } = served({
      serving: {
        scaleToZero: { gracePeriodSeconds: 60, retentionSeconds: 600, initialReplicas: 0 },
        concurrency: { perReplica: 4, max: 8 },
        maxReplicas: { default: 3, limit: 10 },
      },
    });
    assert.deepEqual(knative("config-autoscaler"), {
      "enable-scale-to-zero": "true",
      "scale-to-zero-grace-period": "60s",
      "scale-to-zero-pod-retention-period": "600s",
      "initial-scale": "0",
      "allow-zero-initial-scale": "true",
      "max-scale": "3",
      "max-scale-limit": "10",
    });
    assert.deepEqual(knative("config-defaults"), {
      "container-concurrency": "4",
      "container-concurrency-max-limit": "8",
      "allow-container-concurrency-zero": "false",
    });
  });

  it("lets Knative's pods tolerate the GPU pools' taint where there are any", () => {
    assert.deepEqual(served({ serving: {} }).knative("config-features"), {});
    assert.deepEqual(served({ serving: {} }, { gpuPools: [gpuPool] }).knative("config-features"), {
      "kubernetes.podspec-tolerations": "enabled",
      "kubernetes.podspec-nodeselector": "enabled",
      "kubernetes.podspec-affinity": "enabled",
    });
  });

  it("serves with plain deployments, and then without Knative", () => {
    const settings: Settings = { components: { without: ["knative"] }, serving: { mode: "raw" } };
    const { kserve, problems, keys } = served(settings);
    assert.deepEqual(problems, []);
    assert.deepEqual(kserve("deploy"), { defaultDeploymentMode: "RawDeployment" });
    assert.ok(!keys.some((key) => key.includes("/knative-serving/")));
    assert.match(served({ serving: { mode: "raw" } }).notes.join("\n"), /components\.without knative/);
  });

  it("gives a model server its default resources", () => {
    const { kserve } = served({ serving: { resources: { cpu: "2", memory: "8Gi" } } });
    const resource = { cpuRequest: "2", cpuLimit: "2", memoryRequest: "8Gi", memoryLimit: "8Gi" };
    assert.deepEqual(kserve("inferenceService"), { resource });
  });

  it("refuses what its mode, its edge or its own limits do not allow", () => {
    const refused: readonly (readonly [Settings, RegExp])[] = [
      [{ serving: { mode: "raw", scaleToZero: {} } }, /serving\.scaleToZero: .*mode serverless/],
      [{ serving: { mode: "raw", concurrency: { perReplica: 1 } } }, /serving\.concurrency: /],
      [{ serving: { mode: "raw", maxReplicas: { default: 1 } } }, /serving\.maxReplicas: /],
      [{ serving: { tls: true } }, /serving\.tls: true; allowed: .*\*\.example\.com/],
      [{ edge, serving: { domain: "other.org", tls: true } }, /"\*\.other\.org" to kubeflow:edge\.hosts/],
      [{ serving: { maxReplicas: { default: 9, limit: 3 } } }, /maxReplicas\.default: 9; allowed: at most 3/],
      [{ serving: { concurrency: { perReplica: 9, max: 3 } } }, /concurrency\.perReplica: 9; allowed: at most 3/],
      [{ components: { preset: "minimal" }, serving: {} }, /kubeflow:serving: .*components\.with/],
    ];
    for (const [settings, message] of refused) {
      const { problems } = served(settings);
      assert.equal(problems.length, 1, JSON.stringify(settings));
      assert.match(problems[0] ?? "", message);
    }
  });
});
