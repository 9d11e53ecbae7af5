import { CryptoKey } from "@pulumi/gcp/kms/cryptoKey.js";
import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember.js";
import { KeyRing } from "@pulumi/gcp/kms/keyRing.js";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import type { Protection } from "../shared/protection.ts";

const TYPE = "kubeflow:gke:GkeEncryption";

export interface GkeEncryptionArgs {
  readonly project: string;
  readonly projectNumber: string;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: Protection;
  /** APIs that have to be on. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** A key, and what has to be there before anything is encrypted with it. */
export interface EncryptionKey {
  /** `projects/P/locations/R/keyRings/K/cryptoKeys/C` */
  readonly id: pulumi.Output<string>;
  /** The grants to Google's own accounts: without them, what uses the key is refused. */
  readonly usable: readonly pulumi.Resource[];
}

/** Google's accounts that encrypt on our behalf, as Google names them. */
const agents = {
  container: { email: "container-engine-robot", service: "container.googleapis.com" },
  // Made with the API itself.
  compute: { email: "compute-system", service: undefined },
  storage: { email: "gs-project-accounts", service: "storage.googleapis.com" },
  sql: { email: "gcp-sa-cloud-sql", service: "sqladmin.googleapis.com" },
  registry: { email: "gcp-sa-artifactregistry", service: "artifactregistry.googleapis.com" },
} as const;
type Agent = keyof typeof agents;

/**
 * Keys of our own, rotated every 90 days: one for the cluster's secrets, one for data (bucket, database, registry,
 * disks).
 *
 * A key ring cannot be deleted: on destroy it leaves the state and stays in the project, empty and free of cost, which
 * is why its name has a suffix that is new each time. A destroyed key can be brought back for 30 days.
 */
export class GkeEncryption extends pulumi.ComponentResource {
  readonly secrets: EncryptionKey;
  readonly data: EncryptionKey;

  constructor(name: string, args: GkeEncryptionArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const ring = new KeyRing(name, { location: args.region }, { parent: this, dependsOn: [...args.dependsOn] });
    this.secrets = this.createKey(`${name}-secrets`, ring, args, ["container"]);
    this.data = this.createKey(`${name}-data`, ring, args, ["compute", "storage", "sql", "registry"]);
    this.registerOutputs({});
  }

  private createKey(name: string, ring: KeyRing, args: GkeEncryptionArgs, users: readonly Agent[]): EncryptionKey {
    const key = new CryptoKey(
      name,
      {
        keyRing: ring.id,
        purpose: "ENCRYPT_DECRYPT",
        rotationPeriod: "7776000s",
        destroyScheduledDuration: "2592000s",
        labels: args.labels,
      },
      { parent: this, ...args.protection.data },
    );
    const usable = users.map((user) => {
      const { email, service } = agents[user];
      // An account that is not there yet cannot be granted anything; the identity makes it.
      const identity =
        service === undefined
          ? args.dependsOn
          : [
              new ServiceIdentity(
                `${name}-${user}-agent`,
                { project: args.project, service },
                { parent: this, dependsOn: [...args.dependsOn] },
              ),
            ];
      const member = `serviceAccount:service-${args.projectNumber}@${email}.iam.gserviceaccount.com`;
      return new CryptoKeyIAMMember(
        `${name}-${user}`,
        { cryptoKeyId: key.id, role: "roles/cloudkms.cryptoKeyEncrypterDecrypter", member },
        { parent: this, dependsOn: [...identity] },
      );
    });
    return { id: key.id, usable };
  }
}
