import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { configOf } from "../../cli/promote/config-file.ts";
import { placePart, readReleasePart } from "../../cli/promote/release-part.ts";
import { writeRelease } from "../support/small-release.ts";

type Config = Readonly<Record<string, unknown>>;

describe("the part of a stack that is promoted", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), "kf-part-"));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const yaml = (config: Config): string =>
    stringify({ config: Object.fromEntries(Object.entries(config).map(([key, value]) => [`kubeflow:${key}`, value])) });
  const read = (config: Config) => readReleasePart(root, "from.yaml", yaml(config));

  async function place(from: Config, to: Config) {
    const placed = await placePart(root, await read(from), { stack: "prod", file: "to.yaml", text: yaml(to) });
    return { ...placed, config: configOf(placed.configText, "to.yaml") };
  }

  const fromConfig = {
    target: "gke",
    environment: "staging",
    release: "26.03",
    crds: "full",
    components: { preset: "standard", with: ["kserve"], size: "medium" },
    serving: { mode: "raw", domain: "models.staging.example.com", maxReplicas: { default: 2 } },
    edge: { issuer: { kind: "self-signed" } },
    tenants: { profiles: [{ name: "a", owner: "a@example.com" }] },
    secrets: { secure: "v1:ciphertext" },
  };

  it("brings release, components and options, and leaves sizes, names, tenants and secrets alone", async () => {
    const own = {
      target: "gke",
      environment: "prod",
      edge: { issuer: { kind: "own-ca" } },
      secrets: { secure: "v1:other" },
    };
    const { config, files } = await place(fromConfig, {
      ...{ ...own, release: "1.11.0" },
      components: { without: ["katib"], size: "large" },
      serving: { domain: "models.example.com" },
    });
    assert.deepEqual(config, {
      ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`kubeflow:${key}`, value])),
      "kubeflow:release": "26.03",
      "kubeflow:crds": "full",
      "kubeflow:components": { preset: "standard", with: ["kserve"], size: "large" },
      "kubeflow:serving": { domain: "models.example.com", mode: "raw" },
    });
    assert.deepEqual(
      files.map(({ file }) => file),
      ["to.yaml"],
    );
  });

  it("has one digest wherever it is, whatever else the stack says, and another when any of it differs", async () => {
    const { digest } = await read(fromConfig);
    const placed = await place(fromConfig, { target: "eks", components: { size: "small" } });
    assert.equal((await readReleasePart(root, "to.yaml", placed.configText)).digest, digest);
    const others = [
      { ...fromConfig, release: "1.11.0" },
      { ...fromConfig, crds: "lean" },
      { ...fromConfig, components: { preset: "full" } },
      { ...fromConfig, charts: [{ name: "velero", namespace: "velero" }] },
    ];
    const digests = await Promise.all(others.map(async (other) => (await read(other)).digest));
    assert.equal(new Set([digest, ...digests]).size, others.length + 1);
    assert.equal((await read({ ...fromConfig, edge: {}, target: "aks" })).digest, digest);
  });

  it("brings charts, with the values that were tried where the environment has none of its own", async () => {
    const chart = { name: "metrics", namespace: "monitoring", values: { replicas: 1 } };
    const from = { ...fromConfig, charts: [chart, { name: "logs", namespace: "logs" }] };
    const own = { ...chart, values: { replicas: 3 } };
    const fresh = await place(from, { target: "gke" });
    assert.deepEqual(fresh.config["kubeflow:charts"], from.charts);
    const kept = await place(from, { target: "gke", charts: [own, { name: "old", namespace: "old" }] });
    assert.deepEqual(kept.config["kubeflow:charts"], [own, { name: "logs", namespace: "logs" }]);
    const secret = { ...chart, values: { token: { secure: "v1:ciphertext" } } };
    await assert.rejects(
      place({ ...from, charts: [secret] }, { target: "gke" }),
      /metrics is new.*secrets of the stack it comes from/,
    );
    await place({ ...from, charts: [secret] }, { target: "gke", charts: [own] });
  });

  it("gives a lock of one's own to the stack as a file of its own, and never writes into another stack's", async () => {
    await mkdir(path.join(root, "locks"));
    await writeRelease(path.join(root, "locks"), { components: { main: [] } });
    const from = { target: "kubeconfig", release: "locks/lock.yaml" };
    const { files, config } = await place(from, { target: "kubeconfig", release: "locks/lock.yaml", crds: "full" });
    assert.equal(config["kubeflow:release"], "locks/prod.yaml");
    const text = await readFile(path.join(root, "locks", "lock.yaml"), "utf8");
    assert.deepEqual(
      files.map(({ file, before, after }) => [file, before, after === text]),
      [
        ["locks/prod.yaml", undefined, true],
        ["to.yaml", files[1]?.before, false],
      ],
    );
  });

  it("is refused where the lock lies outside of the project", async () => {
    const outside = await mkdtemp(path.join(os.tmpdir(), "kf-outside-"));
    const file = await writeRelease(outside, { components: { main: [] } });
    await assert.rejects(
      place({ target: "kubeconfig", release: file }, { target: "kubeconfig" }),
      /has to lie below the project/,
    );
    await rm(outside, { recursive: true });
  });
});
