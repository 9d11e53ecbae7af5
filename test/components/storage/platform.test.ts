import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { KubeflowPlatform } from "../../../components/kubeflow/platform.ts";
import { platformSettings } from "../../../components/kubeflow/settings.ts";
import { KubeconfigTarget } from "../../../components/onprem/kubeconfig-target.ts";
import { at } from "../../../release/order/references.ts";
import { isSecret, opened, record, type Recording } from "../../support/recording.ts";
import { useRelease } from "../selection/support.ts";
import { database, objectStore } from "./support.ts";

/** Of the database and of the store behind the gateway: nobody may read them in state or a log. */
const values = ["hunter2hunter2", "K7store8secret9key"];

describe("the platform with a store and a database of the target's", function () {
  this.timeout(120_000);
  const release = useRelease();
  let recording: Recording;

  before(async () => {
    recording = await record(
      (options) => {
        const own = new KubeconfigTarget(
          "cluster",
          { kind: "kubeconfig", kubeconfig: "clusters: []", clusterIdentifier: "c", admission: "enforced" },
          options,
        );
        const credentials = { accessKey: pulumi.secret("AKIASTORE"), secretKey: pulumi.secret(values[1] ?? "") };
        const target = Object.assign(own, {
          objectStore: objectStore("s3", { endpoint: "https://s3.example.com", credentials }),
          database: database(),
        });
        const settings = platformSettings.parse({ storage: { artifacts: "gateway", database: "target" } });
        new KubeflowPlatform("kubeflow", { target, settings, release: release() }, options);
      },
      ({ inputs }) => ({ result: `generated-${String(at(inputs, "length"))}`, bcryptHash: "hash" }),
    );
  });

  it("puts the database's password where its clients read it", () => {
    for (const [name, field, decode] of [
      ["kubeflow/mysql-secret", "stringData", (text: string) => text],
      ["kubeflow/katib-mysql-secrets", "data", (text: string) => Buffer.from(text, "base64").toString()],
    ] as const) {
      const held = recording.one("kubernetes:core/v1:Secret", name).inputs[field];
      assert.ok(isSecret(held), name);
      const texts = Object.values(opened(held) as Readonly<Record<string, unknown>>).map((each) =>
        decode(String(opened(each))),
      );
      assert.ok(texts.includes("hunter2hunter2"), name);
    }
  });

  it("has every secret value in secrets only, whatever the object", () => {
    const plain = (value: unknown): unknown => {
      if (isSecret(value)) return "";
      if (Array.isArray(value)) return value.map(plain);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
    };
    for (const { type, name, inputs } of recording.resources) {
      const text = JSON.stringify(plain(inputs));
      for (const value of values) assert.ok(!text.includes(value), `${type} ${name} shows a secret`);
    }
  });

  it("makes no password for a database that it does not have", () => {
    const generated = recording.all("random:index/randomPassword:RandomPassword").map(({ name }) => name);
    assert.ok(generated.includes("object-store-secret-key"));
    assert.deepEqual(
      generated.filter((name) => name.includes("database")),
      [],
    );
  });
});
