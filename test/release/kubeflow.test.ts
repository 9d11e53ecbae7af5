/** The real releases, against facts that were measured on them. Needs a mirror of them. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { load } from "js-yaml";
import facts from "./kubeflow-26.03.json" with { type: "json" };
import { fetchRelease } from "../../release/fetch.ts";
import { listImages } from "../../release/images.ts";
import { listReleases, loadLock } from "../../release/lock.ts";
import { renderRelease } from "../../release/render.ts";
import { referencesOf } from "../../release/vendor.ts";
import { neededMirror } from "../support/mirror.ts";

/** What the facts' search by regular expression could not see, and why each is an image all the same. */
const beyondTheFacts = [
  // The injected sidecar: hub, name and tag are three settings.
  "gcr.io/istio-release/proxyv2:1.29.0",
  // By digest.
  "gcr.io/knative-releases/knative.dev/serving/cmd/queue@sha256:40957d3ced3b185b7a78bbd771be69b0a13137dcbee5ff7f82ae738b56037d9c",
  // No tag: Docker adds `latest`, KServe its default version.
  "ghcr.io/containerd/busybox",
  "kserve/art-explainer",
];

describe("Kubeflow's releases", function () {
  this.timeout(300_000);
  const givenMirror = process.env["KF_MIRROR"];

  before(function () {
    process.env["KF_MIRROR"] = neededMirror(this);
  });

  after(() => {
    if (givenMirror === undefined) delete process.env["KF_MIRROR"];
    else process.env["KF_MIRROR"] = givenMirror;
  });

  it("renders the 675 objects of 26.03, each once, with its component", async () => {
    const release = await renderRelease({ lock: await loadLock("26.03") });
    assert.equal(release.crds.length, 74);
    assert.equal(release.objects.length, 601);
    const kinds = Object.fromEntries(
      [...Map.groupBy(release.objects, (object) => object.kind)].map(([kind, objects]) => [kind, objects.length]),
    );
    assert.deepEqual({ ...kinds, CustomResourceDefinition: release.crds.length }, facts.kinds);
    assert.equal(Object.keys(release.componentOf).length, 675);
    assert.deepEqual(
      release.fixes.map(({ id, objects }) => [id, objects.length]),
      [
        ["namespace-of-cluster-scoped", 11],
        ["null-creation-timestamp", 14],
        ["crd-status", 4],
        ["jobset-ca-injection", 1],
      ],
    );
  });

  it("finds every image of 26.03: 53 in pods, six of them by digest, and those in settings", async () => {
    const images = listImages(await renderRelease({ lock: await loadLock("26.03") }));
    const inPods = images.filter(({ usedBy }) => usedBy.some(({ via }) => via === "pod")).map(({ image }) => image);
    assert.deepEqual(inPods, facts.podImages);
    assert.equal(inPods.filter((image) => image.includes("@sha256:")).length, 6);
    const elsewhere = images.map(({ image }) => image).filter((image) => !inPods.includes(image));
    assert.deepEqual(elsewhere, [...facts.embeddedImages, ...beyondTheFacts].sort());
  });

  it("runs no image of a staging registry, which keeps its images for 90 days", async () => {
    for (const name of await listReleases()) {
      const images = listImages(await renderRelease({ lock: await loadLock(name) })).map(({ image }) => image);
      assert.deepEqual(
        images.filter((image) => image.includes("k8s-staging")),
        [],
        name,
      );
      if (name !== "sample") assert.ok(images.includes("registry.k8s.io/jobset/jobset:v0.10.1"), name);
    }
  });

  it("builds what upstream's example builds, for every release that comes with the project", async () => {
    for (const name of await listReleases()) {
      const lock = await loadLock(name);
      if (lock.sample) continue;
      const source = (await fetchRelease({ lock })).find((item) => item.name === lock.root);
      const file = path.join(source?.folder ?? "", "example", "kustomization.yaml");
      const references = referencesOf(load(await readFile(file, "utf8")));
      const locked = lock.components.flatMap((component) => [component.path, ...component.with]);
      assert.deepEqual([...locked].sort(), references.map((reference) => reference.replace(/^\.\.\//, "")).sort());
    }
  });

  it("renders 1.11.0 to what its lock says", async () => {
    const release = await renderRelease({ lock: await loadLock("1.11.0") });
    assert.equal(release.crds.length + release.objects.length, 653);
    const profile = release.objects.find(({ kind }) => kind === "Profile");
    assert.equal(profile?.metadata.name, "kubeflow-user-example-com");
    assert.ok(release.fixes.some(({ id }) => id === "profile-name"));
  });
});
