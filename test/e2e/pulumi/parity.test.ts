/**
 * The same program and the same change on both engines, each on a sandbox of its own: they plan the same operations, and
 * leave the same objects behind.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import type { StackResult } from "../../../cli/operation.ts";
import { KubernetesClient } from "../../../kubernetes/client.ts";
import { ensureTool } from "../../../tools/tools.ts";
import { kf } from "../../support/kf.ts";
import { listEverything } from "../../support/listing.ts";
import { usePulumiWorkspace } from "../../support/pulumi-workspace.ts";
import { writeRelease } from "../../support/small-release.ts";

interface Change {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  /** Of the object, beside its kind and metadata. */
  readonly before: Readonly<Record<string, unknown>>;
  /** @default - the object stays as it is */
  readonly after?: Readonly<Record<string, unknown>>;
  /** What the change means on both engines. */
  readonly op: "same" | "update" | "replace";
  /**
   * Pulumi's provider cannot preview it: it tries the new object in a dry run while the old one is there, and gives way
   * to one refusal alone, "field is immutable" (provider/pkg/await/await.go, `Creation`). An `up --skip-preview` makes it.
   */
  readonly unpreviewable?: true;
}

const labels = { app: "x" };
const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "registry.example.com/a:1" }] } };
const once = { ...template, spec: { ...template.spec, restartPolicy: "Never" } };
const stateful = { selector: { matchLabels: labels }, template, serviceName: "s", replicas: 0 };
const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "none" };
const rbac = "rbac.authorization.k8s.io";
const roleRef = { apiGroup: rbac, kind: "ClusterRole", name: "view" };
const spec = (old: object, changes: object) => ({ before: { spec: old }, after: { spec: { ...old, ...changes } } });
const inNamespace = { namespace: "one" };

/** By the name of the object. */
const changes: Readonly<Record<string, Change>> = {
  "class-policy": {
    ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", op: "replace", unpreviewable: true },
    before: { provisioner: "a.example/b", reclaimPolicy: "Delete" },
    after: { provisioner: "a.example/b", reclaimPolicy: "Retain" },
  },
  "priority-value": {
    ...{ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", op: "replace", unpreviewable: true },
    ...{ before: { value: 7 }, after: { value: 8 } },
  },
  "stateful-history": {
    ...{ apiVersion: "apps/v1", kind: "StatefulSet", ...inNamespace, op: "replace" },
    ...spec({ ...stateful, revisionHistoryLimit: 3 }, { revisionHistoryLimit: 4 }),
  },
  "stateful-template": {
    ...{ apiVersion: "apps/v1", kind: "StatefulSet", ...inNamespace, op: "update" },
    ...spec(stateful, { minReadySeconds: 3 }),
  },
  "deployment-selector": {
    ...{ apiVersion: "apps/v1", kind: "Deployment", ...inNamespace, op: "replace" },
    ...spec(
      { selector: { matchLabels: labels }, template, replicas: 0 },
      {
        selector: { matchLabels: { app: "y" } },
        template: { ...template, metadata: { labels: { app: "y" } } },
      },
    ),
  },
  "job-parallelism": {
    ...{ apiVersion: "batch/v1", kind: "Job", ...inNamespace, op: "replace" },
    ...spec({ template: once, suspend: true, parallelism: 1 }, { parallelism: 2 }),
  },
  "service-address": {
    ...{ apiVersion: "v1", kind: "Service", ...inNamespace, op: "replace", unpreviewable: true },
    ...spec({ ports: [{ port: 1 }] }, { clusterIP: "None" }),
  },
  "service-port": {
    ...{ apiVersion: "v1", kind: "Service", ...inNamespace, op: "update" },
    ...spec({ ports: [{ port: 1 }] }, { ports: [{ port: 2 }] }),
  },
  "claim-mode": {
    ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", ...inNamespace, op: "replace", unpreviewable: true },
    ...spec({ ...claim, volumeMode: "Filesystem" }, { volumeMode: "Block" }),
  },
  "binding-role": {
    ...{ apiVersion: `${rbac}/v1`, kind: "RoleBinding", ...inNamespace, op: "replace", unpreviewable: true },
    ...{ before: { roleRef }, after: { roleRef: { ...roleRef, name: "edit" } } },
  },
  "map-data": {
    ...{ apiVersion: "v1", kind: "ConfigMap", ...inNamespace, op: "update" },
    ...{ before: { data: { a: "1" } }, after: { data: { a: "2" } } },
  },
  "map-sealed": {
    ...{ apiVersion: "v1", kind: "ConfigMap", ...inNamespace, op: "replace" },
    ...{ before: { data: { a: "1" }, immutable: true }, after: { data: { a: "2" }, immutable: true } },
  },
  "secret-data": {
    ...{ apiVersion: "v1", kind: "Secret", ...inNamespace, op: "update" },
    ...{ before: { stringData: { a: "1" } }, after: { stringData: { a: "2" } } },
  },
  "secret-type": {
    ...{ apiVersion: "v1", kind: "Secret", ...inNamespace, op: "replace" },
    ...{ before: { type: "a/b" }, after: { type: "c/d" } },
  },
  "role-aggregated": {
    ...{ apiVersion: `${rbac}/v1`, kind: "ClusterRole", op: "same" },
    before: { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { none: "such" } }] }, rules: [] },
  },
  "map-kept": { apiVersion: "v1", kind: "ConfigMap", ...inNamespace, op: "same", before: { data: { a: "1" } } },
};

/** @param when `most`: all but what Pulumi's provider cannot preview is changed. */
const objects = (when: "before" | "most" | "after"): readonly unknown[] => [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "one" } },
  ...Object.entries(changes).map(([name, { apiVersion, kind, namespace, before, after = before, unpreviewable }]) => ({
    ...{ apiVersion, kind, metadata: { name, annotations, ...(namespace === undefined ? {} : { namespace }) } },
    ...(when === "before" || (when === "most" && unpreviewable === true) ? before : after),
  })),
];

/** No job here ends and no claim is bound: nobody is to wait for them. */
const annotations = { "pulumi.com/skipAwait": "true" };

/** Ids and addresses. */
const madeUp = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|10\.96\.\d+\.\d+/g;

/** Of each object, what the plan does with it. */
function opsOf(
  steps: readonly { readonly urn: string; readonly op: string }[],
  names: readonly string[],
): readonly string[] {
  return names.map((name) => {
    const ops = steps.filter(({ urn }) => nameOf(urn) === name).map(({ op }) => op);
    return `${name} ${ops.find((op) => op === "replace") ?? ops[0] ?? "same"}`;
  });
}

const nameOf = (urn: string): string => (urn.split("::").at(-1) ?? "").split("/").at(-1) ?? "";

describe("the offline engine and Pulumi's", function () {
  this.timeout(240_000);
  const workspace = usePulumiWorkspace();
  let kubeconfigs: { readonly offline: string; readonly pulumi: string };
  let release: string;

  const write = (when: "before" | "most" | "after"): Promise<string> =>
    writeRelease(path.join(workspace().folder, "release"), { components: { one: objects(when) } });
  const offline = async (...args: readonly string[]): Promise<StackResult> => {
    const { code, stdout, stderr } = await kf([...args, "--json"], workspace().env, workspace().checkout.root);
    assert.equal(code, 0, stdout.slice(-3000) + stderr.slice(-3000));
    return JSON.parse(stdout) as StackResult;
  };
  /** What the object is that the change left, as far as the program said it. */
  const specs = async (kubeconfig: string): Promise<ReadonlyMap<string, unknown>> => {
    const client = new KubernetesClient({ kubeconfig });
    try {
      const found = await Promise.all(
        Object.entries(changes).map(async ([name, { apiVersion, kind, namespace, before, after = before }]) => {
          const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
          const live = await client.get({ apiVersion, kind, metadata });
          const said = Object.fromEntries(Object.keys(after).map((key) => [key, live?.[key]]));
          return [name, JSON.stringify(said).replaceAll(madeUp, "*")] as const;
        }),
      );
      return new Map(found);
    } finally {
      await client.close();
    }
  };

  before(async () => {
    kubeconfigs = {
      offline: await workspace().startSandbox(),
      pulumi: await workspace().startSandbox("second"),
    };
    release = await write("before");
    for (const stack of ["offline", "pulumi"]) await workspace().checkout.stack(stack, { target: "sandbox", release });
    await workspace().initStack("pulumi", kubeconfigs.pulumi);
    await offline("up", "offline", "--skip-preview");
    await workspace().changes(["up", "--yes", "--skip-preview", "--stack", "pulumi"]);
  });

  it("plan the same operation for every field that is changed", async () => {
    await write("most");
    const tried = Object.entries(changes).filter(([, { unpreviewable }]) => unpreviewable !== true);
    const wanted = tried.map(([name, { op }]) => `${name} ${op}`);
    const names = tried.map(([name]) => name);
    const ours = (await offline("preview", "offline")).steps;
    const theirs = await workspace().changes(["preview", "--stack", "pulumi"]);
    assert.deepEqual(opsOf(theirs, names), wanted, "Pulumi's");
    assert.deepEqual(opsOf(ours, names), wanted, "the offline engine");
  });

  it("replace what no update can change, which Pulumi's provider cannot preview", async () => {
    await write("after");
    const names = Object.keys(changes).filter((name) => changes[name]?.unpreviewable === true);
    const { stdout } = await workspace().expectPulumi(["preview", "--stack", "pulumi"], 1);
    const { steps } = await offline("preview", "offline");
    // It stops at the first that fails.
    const failing = [...stdout.matchAll(/Preview failed: resource "\S+::(?:one\/)?(\S+)"/g)].map(
      ([, name = ""]) => name,
    );
    assert.ok(failing.length > 0 && failing.every((name) => names.includes(name)), failing.join(", "));
    assert.deepEqual(
      opsOf(steps, names),
      names.map((name) => `${name} replace`),
    );
  });

  it("make the change, and leave the same objects", async () => {
    await offline("up", "offline", "--skip-preview");
    await workspace().changes(["up", "--yes", "--skip-preview", "--stack", "pulumi"]);
    assert.deepEqual(await specs(kubeconfigs.offline), await specs(kubeconfigs.pulumi));
    assert.deepEqual(await listEverything(kubeconfigs.offline), await listEverything(kubeconfigs.pulumi));
    const { steps } = await offline("preview", "offline");
    assert.deepEqual(
      steps.filter(({ op }) => op !== "same"),
      [],
    );
    assert.deepEqual(await workspace().changes(["preview", "--stack", "pulumi"]), []);
  });

  it("plan everything anew for another cluster behind the stack, and touch nothing of it in a plan", async () => {
    const third = await workspace().startSandbox("third");
    const { stdout: exported } = await workspace().expectPulumi(["stack", "export", "--stack", "pulumi"]);
    const input = `${await readFile(third, "utf8")}\n`;
    await workspace().expectPulumi(["config", "set", "--secret", "kubeconfig", "--stack", "pulumi"], 0, { input });
    const theirs = await workspace().changes(["preview", "--stack", "pulumi"]);
    const replacedBy = (steps: readonly { readonly urn: string; readonly op: string }[]): readonly string[] =>
      [...new Set(steps.filter(({ op }) => op === "replace").map(({ urn }) => urn))].sort();
    await execa("node", ["cli/main.ts", "state", "import", "pulumi"], {
      ...{ cwd: workspace().checkout.root, env: workspace().env, input: exported },
    });
    const ours = await offline("preview", "pulumi");
    assert.deepEqual(replacedBy(ours.steps), replacedBy(theirs));
    // With the namespace and both providers.
    assert.equal(replacedBy(theirs).length, Object.keys(changes).length + 3);
  });

  it("move to the other cluster, and leave nothing in the one before", async () => {
    await workspace().changes(["up", "--yes", "--skip-preview", "--stack", "pulumi"]);
    const tool = await ensureTool("kubectl", () => undefined);
    const { stdout } = await execa(tool, [
      "--kubeconfig",
      kubeconfigs.pulumi,
      "get",
      "ns",
      "one",
      "--ignore-not-found",
    ]);
    assert.equal(stdout, "");
    assert.deepEqual(await workspace().changes(["preview", "--stack", "pulumi"]), []);
  });
});
