/** rclone, which puts dumps into any of the three clouds' stores without a key: what it is told, by variables. Pure. */
import type * as pulumi from "@pulumi/pulumi";
import type { ObjectStore } from "../contracts/object-store.ts";

/** https://github.com/rclone/rclone/releases */
export const rcloneImage = "docker.io/rclone/rclone:1.74.4";

/** Where the pods keep the dumps on their way. */
export const dumpFolder = "/dumps";

type Variables = Readonly<Record<string, pulumi.Input<string>>>;

/** Of the remote `store`: https://rclone.org/docs/#config-file. Keys, where there are some, come from a Secret beside these. */
export function storeVariables(store: ObjectStore, caFile: string | undefined): Variables {
  const remote = Object.entries(remoteOf(store)).map(([key, value]) => [`RCLONE_CONFIG_STORE_${key}`, value] as const);
  return {
    BUCKET: store.bucket,
    STORE_KIND: store.kind,
    // There is no file of settings, and no home to look for one.
    RCLONE_CONFIG: `${dumpFolder}/rclone.conf`,
    RCLONE_RETRIES: "5",
    ...(caFile === undefined ? {} : { RCLONE_CA_CERT: caFile }),
    ...Object.fromEntries(remote),
  };
}

function remoteOf({ kind, region, endpoint, account, credentials }: ObjectStore): Variables {
  // Who may only use a prefix may not ask for the bucket itself.
  if (kind === "gcs") {
    return { TYPE: "google cloud storage", ENV_AUTH: "true", BUCKET_POLICY_ONLY: "true", NO_CHECK_BUCKET: "true" };
  }
  if (kind === "azure-blob") {
    if (account === undefined) throw new Error("a container of Azure's is in a storage account");
    return { TYPE: "azureblob", ACCOUNT: account, ENV_AUTH: "true", NO_CHECK_CONTAINER: "true" };
  }
  const own = credentials === undefined ? { ENV_AUTH: "true" } : {};
  const place: Variables =
    endpoint === undefined ? { PROVIDER: "AWS" } : { PROVIDER: "Other", ENDPOINT: endpoint, FORCE_PATH_STYLE: "true" };
  return { TYPE: "s3", REGION: region, NO_CHECK_BUCKET: "true", ...place, ...own };
}
