/** The rendered profile controller as a process: its ConfigMap's program with its Deployment's variables. */
import fs from "node:fs/promises";
import path from "node:path";
import getPort from "get-port";
import type { CustomisedRelease } from "../../components/kubeflow/customisation.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { startServer, temporaryFolder, type Server } from "./processes.ts";

/** By `Kind.version`, then by `namespace/name`: as metacontroller sends them. */
export type Attachments = Readonly<Record<string, Readonly<Record<string, KubernetesObject>>>>;

export interface Answer {
  readonly status?: Readonly<Record<string, string>>;
  readonly attachments: readonly KubernetesObject[];
}

export interface Controller extends Server {
  /** @throws when it answers anything but 200, as metacontroller then tries again. */
  readonly sync: (namespace: KubernetesObject, attachments: Attachments) => Promise<Answer>;
}

export async function startController(
  { release }: Pick<CustomisedRelease, "release">,
  variables: Readonly<Record<string, string>>,
): Promise<Controller> {
  const folder = await temporaryFolder();
  const code = release.objects.find(({ metadata }) => metadata.name.includes("profile-controller-code"));
  for (const [file, text] of Object.entries((code?.["data"] ?? {}) as Readonly<Record<string, string>>)) {
    await fs.writeFile(path.join(folder, file), text);
  }
  const address = { host: "127.0.0.1", port: await getPort() };
  const env = { ...variables, CONTROLLER_HOST: address.host, CONTROLLER_PORT: String(address.port) };
  const server = await startServer("python3", ["-B", path.join(folder, "sync.py")], { env, listensOn: address });
  return {
    sync: async (object, attachments) => {
      const response = await fetch(`http://${address.host}:${address.port}/sync`, {
        method: "POST",
        body: JSON.stringify({ object, attachments }),
      });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`the hook answered ${response.status}: ${text}`);
      return JSON.parse(text) as Answer;
    },
    stop: async (signal) => {
      await server.stop(signal);
      await fs.rm(folder, { recursive: true, force: true });
    },
  };
}

/** A profile's namespace, as the profile controller of Kubeflow labels it. */
export function profileNamespace(name: string, labels: Readonly<Record<string, string>> = {}): KubernetesObject {
  const own = { "pipelines.kubeflow.org/enabled": "true", ...labels };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: own } };
}

/** The attachments that a namespace has once the answer was applied. */
export function applied({ attachments }: Answer): Attachments {
  const observed: Record<string, Record<string, KubernetesObject>> = {};
  for (const object of attachments) {
    const version = `${object.kind}.${object.apiVersion}`;
    const { namespace = "", name } = object.metadata;
    (observed[version] ??= {})[`${namespace}/${name}`] = object;
  }
  return observed;
}
