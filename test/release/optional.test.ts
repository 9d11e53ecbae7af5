/** The model registry, which upstream ships and its example does not install. */
import assert from "node:assert/strict";
import { objectKey } from "../../kubernetes/objects.ts";
import { scopeOf } from "../../kubernetes/scopes.ts";
import { loadLock } from "../../release/lock.ts";
import { withOptional } from "../../release/optional.ts";
import { at } from "../../release/order/references.ts";
import { computeOrder } from "../../release/order/order.ts";
import { configSchema } from "../../stacks/config.ts";
import { loadRelease } from "../../stacks/release.ts";
import { neededMirror } from "../support/mirror.ts";

describe("optional components of release 26.03", function () {
  this.timeout(5 * 60_000);
  const load = (components: unknown) =>
    loadRelease(configSchema.parse({ target: "sandbox", components: JSON.stringify(components) }));

  before(function () {
    process.env["KF_MIRROR"] = neededMirror(this);
  });

  it("are built only when asked for, beside a release that stays byte for byte the same", async () => {
    const [plain, full, more] = [
      await load({}),
      await load({ preset: "full" }),
      await load({ with: ["model-registry"] }),
    ];
    assert.equal(plain.digest, full.digest);
    assert.notEqual(plain.digest, more.digest);
    assert.deepEqual(more.objects.slice(0, plain.objects.length), plain.objects);
    const added = more.objects.slice(plain.objects.length);
    assert.ok(added.length > 20, `${String(added.length)} objects`);
    for (const object of added) {
      const { namespace } = object.metadata;
      assert.equal(namespace, scopeOf(object, more.crds) === "Cluster" ? undefined : "kubeflow", objectKey(object));
      assert.match(more.componentOf[objectKey(object)] ?? "", /^model-registry/);
    }
    assert.doesNotThrow(() => computeOrder(more));
  });

  it("keep their only password where the platform makes it anew", async () => {
    const { objects } = await load({ with: ["model-registry"] });
    const secret = objects.find((object) => objectKey(object) === "Secret/kubeflow/model-registry-db-secrets");
    assert.ok(at(secret, "data", "MYSQL_ROOT_PASSWORD") !== undefined);
  });

  it("are refused when they are not what the lock says", async () => {
    const lock = await loadLock("26.03");
    assert.ok(lock.optional.every(({ rendered }) => rendered.length > 0));
    const wrong = "0".repeat(64);
    const rendered = [{ origin: "mirror" as const, lean: wrong, full: wrong }];
    const tampered = { ...lock, optional: lock.optional.map((part) => ({ ...part, rendered })) };
    const release = await load({});
    await assert.rejects(withOptional(release, { lock: tampered, crds: "lean" }, ["model-registry"]), /its lock says/);
  });
});
