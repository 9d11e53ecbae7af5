/** The judge of the rehearsal: what it lets pass, and what it must not. */
import assert from "node:assert/strict";
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { differences, type State } from "../../support/state-comparison.ts";

const secret: KubernetesObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { namespace: "team-a", name: "login", uid: "1", resourceVersion: "1" },
  data: { password: "b25l" },
  status: { seen: true },
};
const state = (...objects: readonly KubernetesObject[]): State =>
  new Map(objects.map((object) => [objectKey(object), object]));

describe("the comparison of two states", () => {
  it("expects what the API server, a controller and Velero write", () => {
    const labels = { "velero.io/backup-name": "b", "velero.io/restore-name": "r" };
    const { status, ...rest } = secret;
    assert.ok(status);
    const restored = { ...rest, metadata: { ...secret.metadata, uid: "2", resourceVersion: "9", labels } };
    const found = differences(state(secret), state(restored));
    assert.deepEqual(
      found.filter(({ expected }) => expected === undefined),
      [],
    );
    assert.equal(found.length, 5);
  });

  it("names what is gone, new or another", () => {
    const { data, ...empty } = secret;
    assert.ok(data);
    const unexpected = (before: State, after: State) =>
      differences(before, after)
        .filter(({ expected }) => expected === undefined)
        .map(({ what }) => what);
    assert.deepEqual(unexpected(state(secret), state()), ["Secret/team-a/login is gone"]);
    assert.deepEqual(unexpected(state(), state(secret)), ["Secret/team-a/login is new"]);
    assert.deepEqual(unexpected(state(secret), state({ ...secret, data: { password: "dHdv" } })), [
      "Secret/team-a/login data.password",
    ]);
    assert.deepEqual(unexpected(state(secret), state(empty)), ["Secret/team-a/login data.password"]);
    const labelled = { ...secret, metadata: { ...secret.metadata, labels: { team: "b" } } };
    assert.deepEqual(unexpected(state(secret), state(labelled)), ["Secret/team-a/login metadata.labels.team"]);
  });
});
