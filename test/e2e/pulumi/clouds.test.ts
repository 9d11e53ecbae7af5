/**
 * Stacks of clouds by the real Pulumi CLI. SIMULATED: the clouds (engine/simulation, as provider plugins), and Helm
 * releases; a sandbox is the API of the cluster, through Pulumi's own Kubernetes provider. One stack of each cloud,
 * with a release of a few objects; all nine with KF_E2E_FULL.
 */
import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import YAML from "yaml";
import { typeOfUrn } from "../../../engine/urn.ts";
import { projectRoot } from "../../../shared/paths.ts";
import { assertDeletionOrder, clouds, type Cloud } from "../../support/cloud-stacks.ts";
import type { LoggedStep } from "../../support/event-log.ts";
import { listEverything, type Listing } from "../../support/listing.ts";
import { usePulumiWorkspace } from "../../support/pulumi-workspace.ts";
import { object, writeRelease } from "../../support/small-release.ts";
import { settings } from "../../support/simulation-plugins/settings.ts";

const environments = process.env["KF_E2E_FULL"] === undefined ? ["dev"] : ["dev", "staging", "prod"];
/** The small release has none of what these concerns of a platform change. */
const concerns = ["components", "edge", "login", "tenants", "storage", "serving", "backup"];

const labels = { app: "web" };
const at = (name: string): Readonly<Record<string, unknown>> => ({ name, namespace: "one" });
const crd = {
  ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
  metadata: { name: "things.example.com" },
  spec: {
    ...{ group: "example.com", scope: "Namespaced", names: { kind: "Thing", plural: "things" } },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};
const deployment = {
  ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: at("web") },
  spec: {
    ...{ replicas: 1, selector: { matchLabels: labels } },
    template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "registry.example.com/web:1" }] } },
  },
};
const objects = [
  object("Namespace", { name: "one" }),
  object("ConfigMap", at("settings"), { data: { key: "value" } }),
  object("Service", at("web"), { spec: { selector: labels, ports: [{ port: 80 }] } }),
  ...[crd, deployment, { apiVersion: "example.com/v1", kind: "Thing", metadata: at("thing") }],
];

describe("cloud stacks by the Pulumi CLI, their clouds simulated", function () {
  this.timeout(10 * 60_000);
  const workspace = usePulumiWorkspace({ minutes: 6 });
  let plugins: string;
  let simulated: string;
  let release: string;
  let empty: Listing;
  let kubeconfig: string;

  const env = (faults: readonly string[] = []): Readonly<Record<string, string>> => ({
    [settings.clouds]: simulated,
    [settings.cluster]: kubeconfig,
    [settings.faults]: faults.join("\n"),
    [settings.kubernetes]: kubernetesProvider(),
    PATH: [plugins, workspace().env["PATH"]].join(path.delimiter),
  });
  const kubernetesProvider = (): string => {
    const folder = (workspace().env["PATH"] ?? "")
      .split(path.delimiter)
      .find((each) => each.includes("pulumi-kubernetes"));
    return path.join(folder ?? "", "pulumi-resource-kubernetes");
  };
  const changes = (stack: string, ...args: readonly string[]): Promise<readonly LoggedStep[]> =>
    workspace().changes([...args, "--stack", stack], 0, { env: env() });
  /** Types of what is in the simulated clouds. */
  const existing = async ({ packages }: Cloud): Promise<readonly string[]> => {
    const files = packages.map((name) => readFile(path.join(simulated, `${name}.json`), "utf8"));
    const contents = (await Promise.all(files)).map((text) => JSON.parse(text) as SimulatedFile);
    return contents.flatMap(({ resources }) => Object.values(resources).map(({ type }) => type));
  };
  /** Changes the stack's file as a person would. */
  const edit = async (stack: string, change: (file: YAML.Document) => void): Promise<void> => {
    const file = path.join(workspace().checkout.root, "stacks", "config", `Pulumi.${stack}.yaml`);
    const document = YAML.parseDocument(await readFile(file, "utf8"));
    change(document);
    await writeFile(file, String(document));
  };
  /** An executable that starts a module of the test's plugins. */
  const plugin = async (folder: string, name: string, module: string): Promise<void> => {
    const file = path.join(folder, `pulumi-resource-${name}`);
    const url = path.join(projectRoot, "test", "support", "simulation-plugins", module);
    await writeFile(file, `#!/usr/bin/env node\nimport ${JSON.stringify(url)};\n`);
    await chmod(file, 0o755);
  };

  before(async () => {
    kubeconfig = await workspace().startSandbox();
    empty = await listEverything(kubeconfig);
    plugins = path.join(workspace().folder, "plugins");
    simulated = path.join(workspace().folder, "clouds");
    await mkdir(plugins);
    await mkdir(simulated);
    release = await writeRelease(path.join(workspace().folder, "release"), { components: { one: objects } });
    await writeFile(path.join(plugins, "package.json"), '{ "type": "module" }');
    for (const name of Object.values(clouds).flatMap(({ packages }) => packages))
      await plugin(plugins, name, "cloud.ts");
    await plugin(plugins, "kubernetes", "kubernetes.ts");
    await plugin(path.join(workspace().checkout.root, "plugins", "crd"), "kubeflow", "kubeflow.ts");
  });

  for (const [name, cloud] of Object.entries(clouds)) {
    for (const environment of environments) {
      const stack = `${name}-${environment}`;
      describe(stack, () => {
        it("is previewed whole, with the cluster still to be made", async () => {
          await edit(stack, (file) => {
            file.setIn(["config", "kubeflow:release"], release);
            for (const concern of concerns) file.deleteIn(["config", `kubeflow:${concern}`]);
          });
          await workspace().expectPulumi(["stack", "init", stack]);
          const steps = await changes(stack, "preview");
          assert.ok(steps.every(({ op }) => op === "create"));
          const types = steps.map(({ urn }) => typeOfUrn(urn));
          for (const type of [cloud.pool, cloud.cluster, cloud.network]) assert.ok(types.includes(type), type);
        });

        it("fails on the way up by name, with cause and remedy", async () => {
          const fault = { env: env([`${cloud.cluster}:create=fails-half-way`]) };
          const args = ["up", "--yes", "--skip-preview", "--stack", stack];
          const { exitCode, stdout } = await workspace().pulumi(args, fault);
          assert.notEqual(exitCode, 0);
          assert.match(stdout, /it is there .*Run it again/);
        });

        it("goes on from there, and changes nothing the second time", async () => {
          await changes(stack, "up", "--yes", "--skip-preview");
          assert.ok((await existing(cloud)).includes(cloud.cluster));
          assert.deepEqual(await changes(stack, "preview"), []);
          assert.deepEqual(await changes(stack, "up", "--yes", "--skip-preview"), []);
        });

        it("has a changed pool alone in its plan, and makes it", async () => {
          await edit(stack, (file) => {
            file.setIn(["config", `kubeflow:${cloud.target}`, "gpuPools", 0, "max"], 3);
          });
          const planned = await changes(stack, "preview");
          assert.ok(planned.length > 0);
          assert.deepEqual(
            planned.filter(({ op }) => op !== "update"),
            [],
          );
          assert.deepEqual(await changes(stack, "up", "--yes", "--skip-preview"), planned);
        });

        it("is destroyed in order, with nothing left", async () => {
          assertDeletionOrder(await changes(stack, "destroy", "--yes", "--skip-preview"), cloud);
          assert.deepEqual(await existing(cloud), []);
          const left = await listEverything(kubeconfig);
          assert.deepEqual(
            [...left].filter((item) => !empty.has(item)),
            [],
          );
        });
      });
    }
  }
});

interface SimulatedFile {
  readonly resources: Readonly<Record<string, { readonly type: string }>>;
}
