/** Where credentials are looked for in a release that nobody has seen yet, and what is refused of it. */
import assert from "node:assert/strict";
import { knownCredentials } from "../../../components/shared/known-credentials.ts";
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import { field, generated, install } from "./support.ts";

describe("credentials of any release", () => {
  const secret = (namespace: string, name: string, rest: object): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace, name },
    ...rest,
  });
  const releaseOf = (objects: readonly KubernetesObject[], component: string): RenderedRelease => ({
    name: "26.06",
    digest: "d",
    sample: false,
    crds: [],
    objects,
    componentOf: Object.fromEntries(objects.map((object) => [objectKey(object), component])),
  });

  it("generates none where none is read", async () => {
    const recording = await install({ release: releaseOf([secret("a", "b", { data: { c: "ZA==" } })], "other") });
    assert.deepEqual(recording.all("random:index/randomPassword:RandomPassword"), []);
    assert.equal(recording.platform.adminPassword, undefined);
  });

  it("replaces those of a model registry, in the namespace that a lock gives it", async () => {
    const recording = await install({
      release: releaseOf(
        [
          secret("registry", "model-registry-db-secrets", { data: { MYSQL_ROOT_PASSWORD: "dGVzdA==" } }),
          secret("registry", "model-catalog-postgres", { data: { POSTGRES_PASSWORD: "cG9zdGdyZXM=" } }),
        ],
        "model-registry",
      ),
    });
    assert.equal(
      field(recording, "registry/model-registry-db-secrets", "MYSQL_ROOT_PASSWORD"),
      generated("model-registry-database-password"),
    );
    assert.equal(
      field(recording, "registry/model-catalog-postgres", "POSTGRES_PASSWORD"),
      generated("model-catalog-database-password"),
    );
  });

  const dex = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "auth", name: "dex" } };
  const passwords = secret("auth", "dex-passwords", { stringData: { DEX_USER_PASSWORD: "x" } });
  const client = secret("auth", "dex-oidc-client", { data: { OIDC_CLIENT_SECRET: "eA==" } });
  const deployment = (name: string, env: readonly object[]): KubernetesObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: "kubeflow", name },
    spec: { template: { spec: { containers: [{ name: "c", image: "i:1", env }] } } },
  });
  const refused: readonly (readonly [string, readonly KubernetesObject[], RegExp])[] = [
    [
      "a place that upstream has moved",
      [passwords, dex],
      /Secret\/auth\/dex-oidc-client: has no OIDC_CLIENT_SECRET \(oidc-client-secret\).*component dex: upstream moved it/,
    ],
    [
      "a field that upstream has renamed",
      [client, secret("auth", "dex-passwords", { stringData: { PASSWORD_HASH: "x" } })],
      /Secret\/auth\/dex-passwords: has no DEX_USER_PASSWORD/,
    ],
    [
      "a known one in a text",
      [
        passwords,
        client,
        { ...dex, data: { "config.yaml": "staticClients:\n- secret: pUBnBOY80SnXgjibTYM9ZWNzY2xreNGQok\n" } },
      ],
      /ConfigMap\/auth\/dex: data\.config\.yaml: the OIDC client's secret/,
    ],
    [
      "a known one in another Secret, in base64",
      [passwords, client, secret("a", "b", { data: { s3: Buffer.from("key=minio123;").toString("base64") } })],
      /Secret\/a\/b: data\.s3: the object store's secret key/,
    ],
    [
      "an everyday word where a password is expected",
      [passwords, client, deployment("db", [{ name: "DB_PASSWORD", value: "test" }])],
      /Deployment\.apps\/kubeflow\/db: spec\.template\.spec\.containers\[0\]\.env\[0\]\.value: the password of the databases/,
    ],
    [
      "a database that may have no password",
      [passwords, client, deployment("db", [{ name: "MYSQL_ALLOW_EMPTY_PASSWORD", value: "yes" }])],
      /Deployment\.apps\/kubeflow\/db: spec\.template\.spec\.containers\[0\]\.env\[0\]: leave to run a database/,
    ],
  ];
  for (const [what, objects, message] of refused) {
    it(`refuses ${what}, and names object and path, never a value`, async () => {
      await assert.rejects(install({ release: releaseOf(objects, "dex") }), (error: Error) => {
        assert.match(error.message, message);
        for (const { value, where } of knownCredentials) {
          assert.ok(where !== "anywhere" || !error.message.includes(value));
        }
        return true;
      });
    });
  }

  it("takes an everyday word where no password is expected, and a known one within a longer word", async () => {
    const objects = [
      passwords,
      client,
      deployment("db", [
        { name: "ENVIRONMENT", value: "test" },
        { name: "DIGEST", value: "sha256:a12341234b" },
        { name: "MYSQL_ALLOW_EMPTY_PASSWORD", value: "true" },
        { name: "MYSQL_ROOT_PASSWORD", valueFrom: {} },
      ]),
    ];
    await assert.doesNotReject(install({ release: releaseOf(objects, "dex") }));
  });

  it("refuses another first user where upstream's is nowhere to be found", async () => {
    const profile = {
      ...{ apiVersion: "kubeflow.org/v1", kind: "Profile", metadata: { name: "first" } },
      spec: { owner: { name: "somebody@else.example" } },
    };
    const release = releaseOf(
      [passwords, client, profile, { ...dex, data: { "config.yaml": "email: user@example.com" } }],
      "dex",
    );
    await assert.rejects(
      install({ release, adminEmail: "a@b.example" }),
      /kubeflow:adminEmail: "a@b\.example"; no Profile/,
    );
    await assert.doesNotReject(install({ release }));
  });
});
