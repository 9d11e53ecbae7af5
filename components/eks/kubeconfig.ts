import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";

/** A kubeconfig without a key in it: whoever uses it logs in to AWS, by the `aws` command. Secret all the same. */
export function kubeconfigOf(
  name: string,
  region: string,
  { endpoint, certificateAuthority }: Pick<Cluster, "endpoint" | "certificateAuthority">,
): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.jsonStringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster: { server: endpoint, "certificate-authority-data": certificateAuthority } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      "current-context": name,
      users: [
        {
          name,
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1",
              command: "aws",
              args: ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"],
              interactiveMode: "Never",
            },
          },
        },
      ],
    }),
  );
}
