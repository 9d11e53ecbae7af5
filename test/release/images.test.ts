import assert from "node:assert/strict";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { listImages } from "../../release/images.ts";
import { loadLock } from "../../release/lock.ts";
import { renderRelease } from "../../release/render.ts";
import { useKustomize, useWorkFolder } from "./support.ts";

const configMap = (data: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "a", name: "settings" },
  data,
});
const imagesOf = (...objects: readonly KubernetesObject[]) => listImages({ objects }).map(({ image }) => image);

describe("release images", () => {
  useWorkFolder();
  const kustomize = useKustomize();

  it("finds the sample's in pods, env, arguments, ConfigMaps and custom resources", async () => {
    const images = listImages(await renderRelease({ lock: await loadLock("sample"), kustomize }));
    const found = images.map(({ image, usedBy }) => [
      image.replace("registry.example.com/sample/", ""),
      usedBy[0]?.via,
    ]);
    assert.deepEqual(found, [
      ["agent:1.0.0", "pod"],
      ["init:1.0.0", "env"],
      ["probe:1.0.0", "args"],
      ["python-runtime:1.0.0", "custom resource"],
      ["queue-operator:1.0.0", "pod"],
      ["queue-webhook:1.0.0", "pod"],
      ["queue-worker:1.0.0", "configmap"],
      ["store:1.0.0", "pod"],
      ["web:1.0.0", "pod"],
      ["worker:1.0.0", "pod"],
    ]);
    const probe = images.find(({ image }) => image.includes("probe"));
    assert.deepEqual(probe?.usedBy, [
      {
        object: "Deployment.apps/sample-system/queue-operator",
        path: "spec.template.spec.containers.0.args.1",
        via: "args",
      },
    ]);
  });

  it("reads JSON, YAML, scripts and templates inside ConfigMaps", () => {
    const digest = `quay.io/x/y@sha256:${"0".repeat(64)}`;
    const data = {
      "a.json": '{\n  "agent": { "image": "kserve/agent:v1" }\n}',
      "b.yaml": "runtime:\n  - image: mysql:8.4\n    cacheImage: ghcr.io/containerd/busybox\n",
      "c.py": `IMAGE = "docker.io/library/python:3.12"\nother = '${digest}'\n`,
      "d.tmpl": "{{ if .x }}\nimage: localhost:5000/team/tool:1.0-rc.1\n{{ end }}\n",
      "queue-sidecar-image": "gcr.io/queue/proxy:v1",
    };
    assert.deepEqual(imagesOf(configMap(data)), [
      "docker.io/library/python:3.12",
      "gcr.io/queue/proxy:v1",
      "ghcr.io/containerd/busybox",
      "kserve/agent:v1",
      "localhost:5000/team/tool:1.0-rc.1",
      "mysql:8.4",
      digest,
    ]);
  });

  it("puts together what Istio's injector names in parts", () => {
    const values = {
      global: { hub: "gcr.io/istio-release", tag: "1.29.0", proxy: { image: "proxyv2", logLevel: "warning" } },
    };
    assert.deepEqual(imagesOf(configMap({ values: JSON.stringify(values, null, 2) })), [
      "gcr.io/istio-release/proxyv2:1.29.0",
    ]);
  });

  it("takes no URL, host, path, selector or variable for an image", () => {
    const data = {
      a: "http://minio-service.kubeflow:9000/bucket/x:1",
      b: "https://github.com/kserve/kserve/blob/master/README.md",
      c: "ml-pipeline.kubeflow.svc.cluster.local:8888",
      d: "kubeflow/kubeflow-gateway",
      e: "/opt/cni/bin:/usr/bin",
      f: "system:serviceaccount:kubeflow:default",
      g: "oauth2-proxy@kubeflow.org",
      volumeImage: "$VOLUME_VIEWER_IMAGE",
      h: "containers:\n  - image: $VOLUME_VIEWER_IMAGE\n",
      image: "proxyv2",
    };
    assert.deepEqual(imagesOf(configMap(data)), []);
  });
});
