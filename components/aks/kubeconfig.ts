import { listManagedClusterUserCredentialsOutput } from "@pulumi/azure-native/containerservice/listManagedClusterUserCredentials.js";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster.js";
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { AksSettings } from "./settings.ts";

/** The application that every AKS cluster's API server is in Entra. */
const serverId = "6dae42f8-4368-4678-94ff-3960e28e3630";

const answered = z.looseObject({
  clusters: z
    .array(z.looseObject({ cluster: z.looseObject({ server: z.string(), "certificate-authority-data": z.string() }) }))
    .min(1),
});

/** The API server of a cluster. */
interface Server {
  readonly server: string;
  readonly "certificate-authority-data": string;
}

/**
 * A kubeconfig without a credential: `kubelogin` asks Entra for a token each time. Secret all the same, as any is.
 *
 * The certificate authority of a cluster is in no property of it, so it is asked for, by a call that waits for the cluster's
 * id and so is not made in the preview of a new one.
 */
export function kubeconfigOf(
  cluster: ManagedCluster,
  resourceGroupName: pulumi.Input<string>,
  login: Pick<AksSettings, "tenantId" | "kubelogin" | "clusterName">,
  opts: pulumi.InvokeOptions,
): pulumi.Output<string> {
  const resourceName = cluster.id.apply((id) => id.split("/").at(-1) ?? id);
  const answer = listManagedClusterUserCredentialsOutput({ resourceGroupName, resourceName, format: "exec" }, opts);
  return pulumi.secret(answer.kubeconfigs.apply(([first]) => renderKubeconfig(serverOf(first?.value ?? ""), login)));
}

function serverOf(encoded: string): Server {
  const parsed = answered.safeParse(parse(Buffer.from(encoded, "base64").toString()));
  const cluster = parsed.data?.clusters[0]?.cluster;
  if (cluster === undefined) throw new Error("AKS answered no kubeconfig with a cluster in it. Run it again");
  return { server: cluster.server, "certificate-authority-data": cluster["certificate-authority-data"] };
}

function renderKubeconfig(
  server: Server,
  { tenantId, kubelogin, clusterName }: Pick<AksSettings, "tenantId" | "kubelogin" | "clusterName">,
): string {
  const args = ["get-token", "--environment", "AzurePublicCloud", "--server-id", serverId, "--tenant-id", tenantId];
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: clusterName, cluster: server }],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user: clusterName } }],
    "current-context": clusterName,
    users: [
      {
        name: clusterName,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "kubelogin",
            args: [...args, "--login", kubelogin],
            installHint: "kubelogin: https://azure.github.io/kubelogin/install.html",
            interactiveMode: "Never",
            provideClusterInfo: false,
          },
        },
      },
    ],
  });
}
