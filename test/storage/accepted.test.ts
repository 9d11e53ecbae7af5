import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { objectKey } from "../../kubernetes/objects.ts";
import { database, identity, objectStore, resolved, stored } from "../components/storage/support.ts";
import { useRelease } from "../components/selection/support.ts";
import { dropNamespace, testManager, testNamespace } from "../support/cluster.ts";

describe("what storage adds and changes, on a real API server", function () {
  this.timeout(10 * 60_000);
  const release = useRelease();
  let place: Awaited<ReturnType<typeof testNamespace>>;

  before(async () => {
    place = await testNamespace();
  });
  after(async () => {
    await dropNamespace(place);
  });

  for (const [kind, artifacts] of [
    ["azure-blob", "gateway"],
    ["s3", "target"],
  ] as const) {
    it(`is accepted as it is: ${kind} by ${artifacts}`, async () => {
      const account = pulumi.output("account1");
      const customised = stored(release(), {
        storage: { artifacts, database: "target", databaseTls: "verify" },
        target: {
          objectStore: objectStore(kind, { account }),
          identity: identity([]),
          database: database({ caCertificate: "-----BEGIN CERTIFICATE-----" }),
        },
      });
      const before = new Map(release().objects.map((object) => [objectKey(object), object]));
      const changed = customised.release.objects.filter((object) => before.get(objectKey(object)) !== object);
      // Kinds of CRDs are not in this cluster; those of Istio and metacontroller are changed in no field of theirs.
      const own = changed.filter(({ apiVersion }) => !/istio|metacontroller/.test(apiVersion));
      assert.ok(own.length > 10, `${own.length} objects`);
      for (const object of own) {
        const whole = await resolved(customised, objectKey(object));
        const metadata = { ...whole.metadata, namespace: place.namespace };
        const moved: KubernetesObject = { ...whole, metadata };
        const answer = await place.client.apply(moved, { fieldManager: testManager, dryRun: true });
        assert.equal(answer.kind, object.kind);
      }
    });
  }
});
