import { createHash } from "node:crypto";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../../shared/errors.ts";

const cluster = z.looseObject({ server: z.string(), "certificate-authority-data": z.string().optional() });

const kubeconfigSchema = z.looseObject({
  "current-context": z.string().optional(),
  contexts: z.array(z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string() }) })).optional(),
  clusters: z.array(z.looseObject({ name: z.string(), cluster })).min(1),
});

/**
 * A stable id of the cluster that a kubeconfig leads to: its certificate authority (its address where it has none)
 * outlives new tokens, client certificates and addresses, so those replace nothing. A server's path counts too: a proxy
 * for many clusters (Rancher's `/k8s/clusters/c-1234`) has one authority for them all. What else is in the kubeconfig,
 * and in which order, is no part of it.
 *
 * @param context @default - the current one; without any the only cluster there is
 * @throws UserError when there is no cluster, or no way to tell which of several.
 */
export function clusterIdentifierOf(kubeconfig: string, context?: string): string {
  const { server, "certificate-authority-data": authority } = selectedCluster(kubeconfig, context);
  const path = URL.canParse(server) ? new URL(server).pathname.replace(/\/+$/, "") : "";
  const identity = authority === undefined ? server : `${authority}${path}`;
  return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}

function selectedCluster(kubeconfig: string, asked: string | undefined): z.infer<typeof cluster> {
  const { data } = kubeconfigSchema.safeParse(parse(kubeconfig));
  if (data === undefined) {
    throw new UserError(
      "kubeflow:kubeconfig: not the contents of a kubeconfig; allowed: YAML with `clusters`. " +
        "Set it with: pulumi config set --secret kubeconfig < FILE",
    );
  }
  const { contexts = [], clusters } = data;
  const current = asked ?? data["current-context"] ?? "";
  const name = contexts.find((context) => context.name === current)?.context.cluster;
  const only = current === "" && clusters.length === 1 ? clusters[0] : undefined;
  const found = clusters.find((entry) => entry.name === name) ?? only;
  if (found !== undefined) return found.cluster;
  const known = contexts.map((context) => context.name).join(", ");
  throw new UserError(
    `${asked === undefined ? "kubeflow:kubeconfig" : "kubeflow:context"}: the context ${JSON.stringify(current)} leads to no cluster of the kubeconfig; ` +
      `allowed: ${known === "" ? "none, the kubeconfig has no contexts" : known}`,
  );
}
