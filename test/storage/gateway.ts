/** The rendered S3 gateway, run as its Deployment says, in front of a store that is another S3 server. */
import fs from "node:fs/promises";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { CustomisedRelease } from "../../components/kubeflow/customisation.ts";
import { at, listAt } from "../../release/order/references.ts";
import type { RenderedRelease } from "../../release/types.ts";
import { ensureTool } from "../../tools/tools.ts";
import { objectStore, resolved, stored, variablesOf } from "../components/storage/support.ts";
import { ownAddress, startServer, temporaryFolder, type Server } from "./processes.ts";

/** What the cluster generates; upstream's are everybody's. */
const rootKey = { accessKey: "kubeflowrootkey01", secretKey: "S7vQp2mXc9LkR4tWz8NbY6hJ" };
const storeKey = { accessKey: "storesownkey0001", secretKey: "D3fGh5jKl7QwErTyU9iOp1As" };

export interface Gateway extends Server {
  readonly customised: CustomisedRelease;
  /** Variables of a Deployment, with the gateway's name in the cluster replaced by its address here. */
  readonly variablesOf: (deployment: string) => Promise<Readonly<Record<string, string>>>;
  /** As a text of the cluster reads here: there is no DNS for `artifact-gateway.kubeflow`. */
  readonly here: (text: string) => string;
  readonly rootKey: typeof rootKey;
  readonly bucket: string;
}

export async function startGateway(release: RenderedRelease): Promise<Gateway> {
  const versitygw = await ensureTool("versitygw", (message) => process.stdout.write(`    ${message}\n`));
  const folder = await temporaryFolder();
  const bucket = "artifacts-1234";
  const store = { host: ownAddress(), port: 7070 };
  await fs.mkdir(path.join(folder, "store", bucket), { recursive: true });
  await fs.mkdir(path.join(folder, "keys"));
  const endpoint = `http://${store.host}:${store.port}`;
  const credentials = { accessKey: pulumi.secret(storeKey.accessKey), secretKey: pulumi.secret(storeKey.secretKey) };
  const customised = stored(release, {
    storage: { artifacts: "gateway" },
    target: { objectStore: objectStore("s3", { endpoint, credentials }) },
  });
  const host = ownAddress();
  const here = (text: string): string => text.replaceAll("artifact-gateway.kubeflow", host);
  const secrets = {
    "mlpipeline-minio-artifact/accesskey": rootKey.accessKey,
    "mlpipeline-minio-artifact/secretkey": rootKey.secretKey,
  };
  const servers: Server[] = [
    await startServer(
      versitygw,
      ["--port", `${store.host}:${store.port}`, "--region", "eu-west-1", "posix", path.join(folder, "store")],
      {
        env: { ROOT_ACCESS_KEY: storeKey.accessKey, ROOT_SECRET_KEY: storeKey.secretKey },
        listensOn: store,
      },
    ),
  ];
  const deployment = await resolved(customised, "Deployment.apps/kubeflow/artifact-gateway");
  const containers = listAt(at(deployment, "spec", "template", "spec"), "containers");
  // IAM first: in the cluster the gateway is started again until it is there.
  for (const index of [1, 0]) {
    const args = listAt(containers[index], "args").map((arg) =>
      String(arg)
        .replace(/^:/, `${host}:`)
        .replace("/var/lib/iam", path.join(folder, "keys"))
        .replace("/run/iam", folder),
    );
    const port = Number(at(listAt(containers[index], "ports")[0], "containerPort"));
    const env = await variablesOf(customised, "artifact-gateway", index, secrets);
    servers.unshift(await startServer(versitygw, args, { env, listensOn: { host, port } }));
  }
  return {
    ...{ customised, here, rootKey, bucket },
    variablesOf: async (name) => {
      const variables = Object.entries(await variablesOf(customised, name, 0, secrets));
      return Object.fromEntries(variables.map(([key, value]) => [key, here(value)]));
    },
    stop: async () => {
      for (const server of servers) await server.stop();
      await fs.rm(folder, { recursive: true });
    },
  };
}
