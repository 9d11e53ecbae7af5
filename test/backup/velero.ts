/** The real Velero server beside a sandbox, with the rights and the settings that the chart is told. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import type { BackupSettings } from "../../components/backup/settings.ts";
import {
  restoreModifierData,
  restoreModifiers,
  veleroAccount,
  veleroNamespace,
  veleroRole,
  veleroRules,
} from "../../components/backup/velero-values.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { at, listAt, textAt } from "../../release/order/references.ts";
import { ensureTool } from "../../tools/tools.ts";
import { ownAddress, startServer, temporaryFolder, type Server } from "../storage/processes.ts";
import { testManager } from "../support/cluster.ts";
import { storeKeys } from "./stores.ts";

const rbac = "rbac.authorization.k8s.io";
const apiVersion = "velero.io/v1";
const options = { fieldManager: testManager, force: true };

export interface Velero extends Server {
  /** Makes a Backup or a Restore and waits for its end. @returns its phase and how many errors and warnings it has. */
  readonly finish: (kind: "Backup" | "Restore", name: string, spec: object) => Promise<Ended>;
  /** What Velero may do from here on. */
  readonly allow: (settings: Pick<BackupSettings, "volumes" | "restoring">) => Promise<void>;
}

interface Ended {
  readonly phase: string;
  readonly errors: number;
  readonly warnings: number;
}

/** @param values of the chart, resolved. */
export async function startVelero(client: KubernetesClient, kubeconfig: string, values: unknown): Promise<Velero> {
  const velero = await ensureTool("velero", (message) => process.stdout.write(`    ${message}\n`));
  const folder = await temporaryFolder();
  const plugins = path.join(folder, "plugins");
  await fs.mkdir(plugins);
  const plugin = "velero-plugin-for-aws";
  await fs.copyFile(path.join(path.dirname(velero), plugin), path.join(plugins, plugin));
  const { stdout } = await execa(velero, ["install", "--crds-only", "--dry-run", "-o", "json"]);
  const { items } = JSON.parse(stdout) as { readonly items: readonly KubernetesObject[] };
  await installCrds(client, items);
  const allow: Velero["allow"] = async (settings) => {
    const role = { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: veleroRole } };
    await client.apply({ ...role, rules: veleroRules(settings) }, options);
  };
  await allow({ volumes: "none", restoring: false });
  for (const object of [...account(), ...settingsObjects(values)]) await client.apply(object, options);
  const credentials = path.join(folder, "cloud");
  const ini = `[default]\naws_access_key_id=${storeKeys.accessKey}\naws_secret_access_key=${storeKeys.secretKey}\n`;
  await fs.writeFile(credentials, ini, { mode: 0o600 });
  const own = path.join(folder, "kubeconfig");
  await fs.writeFile(own, await kubeconfigOf(kubeconfig), { mode: 0o600 });
  const host = ownAddress();
  const server = await startServer(
    velero,
    [
      ...["server", "--kubeconfig", own, "--namespace", veleroNamespace, "--plugin-dir", plugins],
      ...["--metrics-address", `${host}:8085`, "--profiler-address", `${host}:6060`, "--log-format", "json"],
      ...["--backup-sync-period", "5s", "--schedule-skip-immediately"],
    ],
    {
      env: { AWS_SHARED_CREDENTIALS_FILE: credentials, VELERO_NAMESPACE: veleroNamespace },
      listensOn: { host, port: 8085 },
    },
  );
  const location = {
    apiVersion,
    kind: "BackupStorageLocation",
    metadata: { namespace: veleroNamespace, name: "default" },
  };
  await until(
    async () => textAt(await client.get(location), "status", "phase") === "Available",
    "the store is available",
  );
  return {
    allow,
    finish: async (kind, name, spec) => {
      const made = { apiVersion, kind, metadata: { namespace: veleroNamespace, name } };
      await client.apply({ ...made, spec }, options);
      const phase = await until(async () => {
        const now = textAt(await client.get(made), "status", "phase");
        return now !== undefined && /^(Completed|PartiallyFailed|Failed|FailedValidation)$/.test(now) ? now : undefined;
      }, `${kind} ${name} ends`);
      const status = at(await client.get(made), "status");
      return { phase, errors: Number(at(status, "errors") ?? 0), warnings: Number(at(status, "warnings") ?? 0) };
    },
    stop: async () => {
      await server.stop("SIGKILL");
      await fs.rm(folder, { recursive: true });
    },
  };

  /** With the token of Velero's service account: the sandbox's own is an administrator's. */
  async function kubeconfigOf(file: string): Promise<string> {
    const kubectl = await ensureTool("kubectl", () => undefined);
    const { namespace, name } = veleroAccount;
    const token = await execa(kubectl, ["--kubeconfig", file, "-n", namespace, "create", "token", name]);
    const config = parse(await fs.readFile(file, "utf8")) as { users: readonly { readonly name: string }[] };
    const users = config.users.map((user) => ({ name: user.name, user: { token: token.stdout } }));
    return stringify({ ...config, users });
  }
}

/** Applies them and waits until the API serves their kinds. */
export async function installCrds(client: KubernetesClient, crds: readonly KubernetesObject[]): Promise<void> {
  for (const crd of crds) {
    const applied = await client.apply(crd, options);
    await client.waitFor(applied, (now) =>
      listAt(now?.["status"], "conditions").some(
        (each) => at(each, "type") === "Established" && at(each, "status") === "True",
      )
        ? true
        : undefined,
    );
  }
}

/** As the chart makes them: everything in its own namespace, and the role of ours in the cluster. */
function account(): readonly KubernetesObject[] {
  const { namespace, name } = veleroAccount;
  const subjects = [{ kind: "ServiceAccount", namespace, name }];
  const metadata = { namespace, name };
  const version = `${rbac}/v1`;
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace, name: restoreModifiers },
      data: restoreModifierData(),
    },
    // Velero looks up its own image in it; the server runs beside the sandbox, whose pods do not.
    {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { serviceAccountName: name, containers: [{ name, image: "docker.io/velero/velero:v1.18.1" }] },
        },
      },
    },
    { apiVersion: version, kind: "Role", metadata, rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] },
    { apiVersion: version, kind: "RoleBinding", metadata, subjects, roleRef: { apiGroup: rbac, kind: "Role", name } },
    {
      ...{ apiVersion: version, kind: "ClusterRoleBinding", metadata: { name: veleroRole }, subjects },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: veleroRole },
    },
  ];
}

/** The location and the schedule, as the chart's templates make them of its values. */
function settingsObjects(values: unknown): readonly KubernetesObject[] {
  const [location] = listAt(at(values, "configuration"), "backupStorageLocation");
  assert.ok(location);
  const { name, provider, bucket, prefix, config, default: isDefault } = location as Readonly<Record<string, unknown>>;
  const metadata = { namespace: veleroNamespace, name: String(name) };
  const spec = { provider, objectStorage: { bucket, prefix }, config, default: isDefault };
  const schedule = at(values, "schedules", "kubeflow") as object;
  return [
    { apiVersion, kind: "BackupStorageLocation", metadata, spec },
    {
      apiVersion,
      kind: "Schedule",
      metadata: { namespace: veleroNamespace, name: "velero-kubeflow" },
      spec: { ...schedule },
    },
  ];
}

async function until<T>(look: () => Promise<T | undefined | false>, what: string): Promise<T> {
  const end = Date.now() + 120_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not within two minutes: ${what}`);
    await delay(250);
  }
}
