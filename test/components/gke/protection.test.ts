import assert from "node:assert/strict";
import { cluster, build } from "./built.ts";
import { settingsWith } from "./settings.ts";

describe("protection of a GKE stack", () => {
  const data = [
    "gcp:storage/bucket:Bucket",
    "gcp:sql/databaseInstance:DatabaseInstance",
    "gcp:dns/managedZone:ManagedZone",
    "gcp:kms/cryptoKey:CryptoKey",
  ];
  const levels = [
    { level: "none", deletion: false, protect: undefined, retain: undefined },
    { level: "standard", deletion: true, protect: true, retain: undefined },
    { level: "strict", deletion: true, protect: true, retain: true },
  ];
  for (const { level, deletion, protect, retain } of levels) {
    it(`${level}: ${deletion ? "data stays" : "everything may go"}`, async () => {
      const { recording } = await build(settingsWith({ protection: level }));
      assert.equal(recording.one(cluster).inputs["deletionProtection"], deletion);
      const database = recording.one("gcp:sql/databaseInstance:DatabaseInstance").inputs;
      assert.equal(database["deletionProtection"], deletion);
      assert.equal(recording.one("gcp:storage/bucket:Bucket").inputs["forceDestroy"], !deletion);
      const { inputs } = recording.one("kubernetes:storage.k8s.io/v1:StorageClass", "cluster-storage-balanced");
      assert.equal(inputs["reclaimPolicy"], retain ? "Retain" : "Delete");
      for (const { type, options } of data.flatMap((type) => recording.all(type))) {
        assert.deepEqual([options.protect, options.retainOnDelete], [protect, retain], type);
      }
    });
  }
});
