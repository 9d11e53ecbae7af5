/** docs/targets.md: what each target gives the platform, takes of GPU pools, and may be told. */
import * as pulumi from "@pulumi/pulumi";
import { aksSettings } from "../../components/aks/settings.ts";
import type { ClusterTarget } from "../../components/contracts/cluster-target.ts";
import { eksSettings } from "../../components/eks/settings.ts";
import { gkeSettings } from "../../components/gke/settings.ts";
import { onpremSettings } from "../../components/onprem/settings.ts";
import { secretNamesIn } from "../../components/onprem/settings-rules.ts";
import { cloudSettings } from "../../components/shared/cloud-settings.ts";
import { readRawConfig } from "../../cli/stack-file.ts";
import { parseStackConfig } from "../../stacks/config.ts";
import { targets } from "../../stacks/targets.ts";
import { z } from "zod";
import { capabilityTable, machineTable } from "./gpus.ts";
import { settingsTable } from "./settings-table.ts";

/** The stacks that stand for their targets. */
const examples = {
  sandbox: "local-dev",
  gke: "gcp-prod",
  eks: "aws-prod",
  aks: "azure-prod",
  "on-prem": "onprem-prod",
  minikube: "minikube-dev",
  MicroK8s: "microk8s-dev",
  K3s: "k3s-dev",
} as const;

const facts: Readonly<Record<string, (target: ClusterTarget) => string>> = {
  "Default storage class": ({ storage }) => storage.defaultClass ?? "-",
  "Class that many nodes write to": ({ storage }) => storage.sharedClass ?? "-",
  "Gateway's Service": ({ ingress }) => ingress.serviceType,
  Artifacts: ({ objectStore }) => objectStore?.kind ?? "in the cluster",
  Database: ({ database }) => (database === undefined ? "in the cluster" : `MySQL ${database.version}`),
  "TLS to the database": ({ database }) => database?.tls ?? "-",
  "Mirrored registries": ({ registry }) => listed(Object.keys(registry?.pullThrough ?? {})),
  "Keyless access to artifacts": ({ identity }) => (identity === undefined ? "-" : "yes"),
  "Makes the OAuth client": ({ kind, oidc }) =>
    kind === "gke" ? "no API does" : oidc === undefined ? "-" : kind === "kubeconfig" ? "its owner does" : "yes",
  "Claim of a user's groups": ({ oidc }) => oidc?.groupsClaim ?? "-",
  "CNI plugins": ({ cni }) => cni?.binDir ?? "/opt/cni/bin",
  "Kept of the cluster's own": ({ existing = {} }) =>
    listed(Object.entries(existing).map(([part, version]) => `${ownNames[part] ?? part} ${version}`)),
  "GPU pools of the example": ({ gpuPools }) => listed(gpuPools.map(({ gpu, sharing }) => withSharing(gpu, sharing))),
};

const ownNames: Readonly<Record<string, string>> = { istio: "Istio", certManager: "cert-manager" };
const withSharing = (gpu: string, sharing: string): string => (sharing === "none" ? gpu : `${gpu} (${sharing})`);
const listed = (items: readonly string[]): string => (items.length === 0 ? "-" : items.join(", "));

/** Makes the example's target as a first preview would: nothing is asked, and what only a cloud tells is unknown. */
async function planned(stack: string): Promise<ClusterTarget> {
  await pulumi.runtime.setMocks(
    { newResource: ({ inputs }) => ({ id: undefined, state: inputs as object }), call: () => ({}) },
    "kubeflow",
    stack,
    true,
  );
  const config = parseStackConfig(stack, await readRawConfig(stack));
  const { context = "c" } = config;
  const kubeconfig = pulumi.output(
    JSON.stringify({
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:6443" } }],
      contexts: [{ name: context, context: { cluster: "c" } }],
      "current-context": context,
    }),
  );
  const named = Object.values(secretNamesIn(config.onprem ?? {})).map((name) => [name, kubeconfig] as const);
  const secrets = Object.fromEntries(named);
  const target = await targets[config.target]({ ...config, kubeconfig, oauthClientSecret: undefined, secrets });
  await pulumi.runtime.disconnect();
  return target;
}

async function factTable(): Promise<string> {
  const made: ClusterTarget[] = [];
  // One after the other: the SDK knows one program at a time.
  for (const stack of Object.values(examples)) made.push(await planned(stack));
  const rows = Object.entries(facts).map(([name, tell]) => `| ${[name, ...made.map(tell)].join(" | ")} |`);
  const columns = Object.keys(examples);
  return `| | ${columns.join(" | ")} |\n| --- |${" --- |".repeat(columns.length)}\n${rows.join("\n")}\n`;
}

/** The keys that a cloud has beside those of every cloud. */
function ownSettings(settings: z.ZodObject): string {
  const own = Object.entries<z.ZodType>(settings.shape).filter(([key]) => !Object.hasOwn(cloudSettings, key));
  return settingsTable(z.object(Object.fromEntries(own)));
}

export async function targetReference(): Promise<string> {
  return `# Targets

What Kubeflow can be installed on, in one program. None of the clouds was ever asked by us: their parts are written from the
SDKs' types and the clouds' documents, checked against the clouds' own request models (\`test/models\`), and brought up on a
simulation (\`kf up STACK --simulate\`), not live. No cluster of one's own was either: minikube, MicroK8s and K3s cannot run
where this is written.

## What a target gives the platform

The target \`sandbox\` takes a cluster as it is, and \`kubeconfig\` does, too, unless its owner tells of it under
\`kubeflow:onprem\`. The columns of the clouds and \`on-prem\` are the production examples of \`stacks/config\`.

${await factTable()}
## GPUs

The machine that a pool gets when it names none:

${machineTable()}
How each can be bought and shared; a pool that asks for anything else is refused at preview, with the reason:

${capabilityTable()}
## Settings of every cloud

A stack describes its cluster under the key of its target: \`kubeflow:gke\`, \`kubeflow:eks\` or \`kubeflow:aks\`.

${settingsTable(z.object(cloudSettings))}
## GKE

Beside those of every cloud:

${ownSettings(gkeSettings)}
## EKS

Beside those of every cloud:

${ownSettings(eksSettings)}
## AKS

Beside those of every cloud:

${ownSettings(aksSettings)}
## On-prem

With \`kubeflow:target: kubeconfig\`, what its owner tells of the cluster is under \`kubeflow:onprem\`; how each distribution is
prepared: [onprem.md](onprem.md).

${settingsTable(onpremSettings)}`;
}
