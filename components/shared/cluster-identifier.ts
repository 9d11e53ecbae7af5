import { createHash } from "node:crypto";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../../shared/errors.ts";

const kubeconfigSchema = z.looseObject({
  clusters: z
    .array(
      z.looseObject({
        cluster: z.looseObject({ server: z.string(), "certificate-authority-data": z.string().optional() }),
      }),
    )
    .min(1),
});

/**
 * A stable id of the cluster that a kubeconfig leads to: its certificate authority (its address where it has none)
 * outlives new tokens, client certificates and context names, so those replace nothing.
 */
export function clusterIdentifierOf(kubeconfig: string): string {
  const parsed = kubeconfigSchema.safeParse(parse(kubeconfig));
  const cluster = parsed.data?.clusters[0]?.cluster;
  if (cluster === undefined) {
    throw new UserError(
      "kubeflow:kubeconfig: not the contents of a kubeconfig; allowed: YAML with `clusters`. " +
        "Set it with: pulumi config set --secret kubeconfig < FILE",
    );
  }
  const identity = cluster["certificate-authority-data"] ?? cluster.server;
  return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}
