/** Every rule, in the order in which results are told. */
import type { Rule } from "../rule.ts";
import { noKnownCredentials } from "./credentials.ts";
import { protectedData } from "./data.ts";
import { encryptedBuckets, encryptedClusterSecrets, encryptedDatabases, encryptedDisks } from "./encryption.ts";
import { gpuPoolsCapped, gpuPoolsTainted } from "./gpu.ts";
import { noWildcardClusterRole, noWildcardIam } from "./iam.ts";
import { pinnedImages } from "./images.ts";
import { labelsPresent } from "./labels.ts";
import { privateControlPlane, privateDatabase, privateNodes } from "./network.ts";
import { noPublicBucket } from "./public-access.ts";

export const rules: readonly Rule[] = [
  privateNodes,
  privateControlPlane,
  privateDatabase,
  encryptedClusterSecrets,
  encryptedBuckets,
  encryptedDatabases,
  encryptedDisks,
  noPublicBucket,
  noWildcardIam,
  noWildcardClusterRole,
  noKnownCredentials,
  pinnedImages,
  protectedData,
  gpuPoolsTainted,
  gpuPoolsCapped,
  labelsPresent,
];
