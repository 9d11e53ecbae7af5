/** What Velero is told, held against its own chart, and what it may do. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { backupSettings, type BackupSettings } from "../../../components/backup/settings.ts";
import { kindsWithStatus, templateOf, veleroRules, veleroValues } from "../../../components/backup/velero-values.ts";
import type { WorkloadIdentity } from "../../../components/contracts/workload-identity.ts";
import { chartSource } from "../../../components/shared/charts.ts";
import { readCrd } from "../../../release/crds.ts";
import { loadChart } from "../../../release/helm/metadata.ts";
import { checkValues } from "../../../release/helm/values.ts";
import { isRecord } from "../../../release/json.ts";
import { at, listAt } from "../../../release/order/references.ts";
import { projectRoot } from "../../../shared/paths.ts";
import { notRun } from "../../support/not-run.ts";
import { isSecret, opened, valueOf } from "../../support/recording.ts";
import { useRelease } from "../selection/support.ts";
import { identity, objectStore } from "../storage/support.ts";
import { backedUp } from "./support.ts";

const chart = path.join(
  process.env["KF_TEST_CHARTS"] ?? path.resolve(projectRoot, "../shared/charts"),
  "velero",
  chartSource("velero").version,
);
const account = pulumi.output("account1");
const keys = { accessKey: pulumi.secret("own-access-key"), secretKey: pulumi.secret("own-secret-key") };
const stores = {
  "on GKE": objectStore("gcs"),
  "on EKS": objectStore("s3"),
  "on AKS": objectStore("azure-blob", { account }),
  "on-prem": objectStore("s3", { endpoint: "https://s3.example.com", credentials: keys, caCertificate: "-----BEGIN" }),
} as const;
const settingsOf = (more: Partial<BackupSettings> = {}): BackupSettings =>
  backupSettings.parse({ volumes: "none", ...more });
const binding = { serviceAccountAnnotations: { role: pulumi.output("a-role") }, podLabels: { use: "true" } };

async function valuesOf(store: keyof typeof stores, more: Partial<BackupSettings> = {}) {
  const known = stores[store].credentials === undefined ? binding : undefined;
  const values: unknown = await valueOf(pulumi.output(veleroValues(settingsOf(more), stores[store], known)));
  assert.ok(isRecord(values));
  return values;
}

describe("Velero", () => {
  for (const store of Object.keys(stores) as (keyof typeof stores)[]) {
    for (const volumes of ["none", "file-system", "snapshots"] as const) {
      it(`is given only values that its chart takes: ${store}, volumes ${volumes}`, async function () {
        if (!existsSync(chart)) notRun(this, `no chart in ${chart}; set KF_TEST_CHARTS`);
        checkValues(await loadChart(chart), await valuesOf(store, { volumes }));
      });
    }
  }

  it("is in a prefix of its own, by the pod's identity where there is one", async () => {
    for (const store of ["on GKE", "on EKS", "on AKS"] as const) {
      const values = await valuesOf(store);
      const [location] = listAt(at(values, "configuration"), "backupStorageLocation");
      assert.equal(at(location, "bucket"), "artifacts-1234");
      assert.equal(at(location, "prefix"), "backup/cluster");
      assert.deepEqual(at(values, "credentials"), { useSecret: false });
      assert.deepEqual(at(values, "serviceAccount", "server", "annotations"), { role: "a-role" });
      assert.deepEqual(at(values, "podLabels"), { use: "true" });
    }
    assert.deepEqual(at(await valuesOf("on-prem"), "credentials"), { existingSecret: "velero-store-key" });
  });

  it("runs the agent that reads every node's pods only where files are to be backed up", async () => {
    for (const volumes of ["none", "file-system", "snapshots"] as const) {
      const values = await valuesOf("on EKS", { volumes });
      assert.equal(at(values, "deployNodeAgent"), volumes === "file-system");
      assert.equal(at(templateOf(settingsOf({ volumes })), "snapshotVolumes"), volumes === "snapshots");
    }
  });

  it("backs up every namespace but those left out, tenants of the dashboard among them, and no longer than asked", () => {
    const template = templateOf(settingsOf({ retentionDays: 3, exclude: ["scratch"] }));
    assert.deepEqual(template["includedNamespaces"], ["*"]);
    assert.deepEqual(template["excludedNamespaces"], [
      "kube-system",
      "kube-public",
      "kube-node-lease",
      "velero",
      "scratch",
    ]);
    assert.equal(template["includeClusterResources"], true);
    assert.equal(template["ttl"], "72h0m0s");
  });

  it("writes nothing of others but while a restore is to run", () => {
    for (const volumes of ["none", "file-system", "snapshots"] as const) {
      const writing = veleroRules({ volumes, restoring: false }).filter(
        ({ verbs }) => !verbs.every((verb) => /get|list|watch/.test(verb)),
      );
      const groups = writing.flatMap(({ apiGroups = [] }) => apiGroups);
      assert.deepEqual(groups, volumes === "snapshots" ? ["snapshot.storage.k8s.io"] : []);
    }
    assert.deepEqual(veleroRules({ volumes: "none", restoring: true })[0]?.verbs, ["*"]);
  });

  describe("as the platform registers it", () => {
    const release = useRelease();

    it("gives a status to every kind that wants one, which a restore leaves out", async () => {
      const crds = await Promise.all(release().crds.map(async (crd) => await readCrd(crd)));
      const wanting = crds.filter((crd) =>
        listAt(crd["spec"], "versions").some((version) =>
          listAt(at(version, "schema", "openAPIV3Schema"), "required").includes("status"),
        ),
      );
      assert.deepEqual(
        wanting.map(({ metadata }) => metadata.name),
        kindsWithStatus,
      );
    });

    it("comes by its chart, after the role, the identity and its namespace, and with the least of the bucket", async () => {
      const bound: string[] = [];
      const store = objectStore("s3", { versionsKeptDays: 30 });
      const known = identity(bound);
      // A real engine waits for what it is told to.
      const ready: WorkloadIdentity = { bind: (...args) => ({ ...known.bind(...args), ready: [] }) };
      const { recording } = await backedUp(release(), { target: { objectStore: store, identity: ready } });
      assert.deepEqual(bound, [
        "velero/velero: backup/cluster/ read-write",
        "kubeflow/database-backup: backup/databases/ read-write",
      ]);
      const { inputs } = recording.one("kubernetes:helm.sh/v3:Release");
      assert.equal(inputs["chart"], "velero");
      assert.equal(inputs["version"], "12.1.0");
      assert.equal(
        at(recording.one("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole").inputs, "metadata", "name"),
        "kubeflow-velero",
      );
      assert.equal(at(inputs["values"], "rbac", "clusterAdministratorName"), "kubeflow-velero");
      assert.equal(recording.all("kubernetes:core/v1:Secret").length, 0);
    });

    it("has the store's key in a Secret, and nowhere else", async () => {
      const store = objectStore("s3", { endpoint: "https://s3.example.com", versionsKeptDays: 30, credentials: keys });
      const { recording } = await backedUp(release(), { target: { objectStore: store } });
      const { inputs } = recording.one("kubernetes:core/v1:Secret");
      const data = inputs["stringData"];
      assert.ok(isSecret(data) || isSecret(at(data, "cloud")), "the key would be shown");
      assert.match(JSON.stringify(opened(data)), /aws_secret_access_key=own-secret-key/);
      const others = recording.resources.filter(({ type }) => type !== "kubernetes:core/v1:Secret");
      assert.doesNotMatch(JSON.stringify(others.map((each) => each.inputs)), /own-secret-key/);
    });
  });
});
