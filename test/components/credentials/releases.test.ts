/** The public credentials of upstream's releases are replaced, wherever they are, and the new ones shown nowhere. */
import assert from "node:assert/strict";
import { findKnownCredentials } from "../../../components/shared/known-credentials.ts";
import { loadLock } from "../../../release/lock.ts";
import { renderRelease } from "../../../release/render.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import { neededMirror } from "../../support/mirror.ts";
import { isSecret, opened, valueOf } from "../../support/recording.ts";
import { field, generated, install } from "./support.ts";

/** Texts that are outside of every secret. */
function readable(value: unknown): readonly string[] {
  if (isSecret(value)) return [];
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(readable);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(readable) : [];
}

const eight = {
  "hash of the Dex user's password": "$2y$12$4K/VkmDd1q1Orb3xAt82zu8gk7Ad6ReFR4LCP9UeYE90NLiN9Df72",
  "client secret": "pUBnBOY80SnXgjibTYM9ZWNzY2xreNGQok",
  "cookie secret": "7d16fee92f8d11b8940b081b3f8b8acb",
  "object store": "minio123",
  "the password itself": "12341234",
};

const givenMirror = process.env["KF_MIRROR"];

for (const name of ["26.03", "1.11.0"]) {
  describe(`credentials of ${name}`, function () {
    this.timeout(300_000);
    let release: RenderedRelease;
    let recording: Awaited<ReturnType<typeof install>>;

    before(async function () {
      process.env["KF_MIRROR"] = neededMirror(this);
      release = await renderRelease({ lock: await loadLock(name) });
      recording = await install({ release });
    });
    after(() => {
      if (givenMirror === undefined) delete process.env["KF_MIRROR"];
      else process.env["KF_MIRROR"] = givenMirror;
    });

    it("ships them, so that this suite looks for something", () => {
      const found = release.objects.flatMap(findKnownCredentials);
      assert.equal(found.length, 9, JSON.stringify(found));
    });

    it("registers none of them anywhere, in clear or in base64", () => {
      const text = JSON.stringify(recording.resources.map(({ inputs }) => inputs));
      for (const [what, value] of Object.entries(eight)) {
        assert.ok(!text.includes(value), what);
        assert.ok(!text.includes(Buffer.from(value).toString("base64")), `${what} in base64`);
      }
      assert.notEqual(field(recording, "kubeflow/katib-mysql-secrets", "MYSQL_ROOT_PASSWORD"), "test");
      assert.notEqual(field(recording, "kubeflow/mlpipeline-minio-artifact", "accesskey"), "minio");
      assert.notEqual(field(recording, "kubeflow/mysql-secret", "password"), "");
    });

    it("puts a value of its own at each place, the same where two have to agree", () => {
      const places = {
        "auth/dex-oidc-client OIDC_CLIENT_SECRET": generated("oidc-client-secret"),
        "oauth2-proxy/oauth2-proxy- client-secret": generated("oidc-client-secret"),
        "oauth2-proxy/oauth2-proxy- cookie-secret": generated("cookie-secret"),
        "auth/dex-passwords DEX_USER_PASSWORD": `hash of ${generated("admin-password")}`,
        "kubeflow/mlpipeline-minio-artifact accesskey": generated("object-store-access-key"),
        "kubeflow/mlpipeline-minio-artifact secretkey": generated("object-store-secret-key"),
        "kubeflow/mysql-secret password": generated("pipelines-database-password"),
        "kubeflow/katib-mysql-secrets MYSQL_ROOT_PASSWORD": generated("katib-database-password"),
      };
      const found = Object.keys(places).map((key) => {
        const [secret = "", fieldName = ""] = key.split(" ");
        return [key, field(recording, secret, fieldName)];
      });
      assert.deepEqual(Object.fromEntries(found), places);
    });

    it("leaves the rest of these Secrets as it is", () => {
      assert.equal(field(recording, "auth/dex-oidc-client", "OIDC_CLIENT_ID"), "kubeflow-oidc-authservice");
      assert.equal(field(recording, "oauth2-proxy/oauth2-proxy-", "client-id"), "kubeflow-oidc-authservice");
      assert.equal(field(recording, "kubeflow/mysql-secret", "username"), "root");
    });

    it("gives the pipelines' database the password that its clients have, instead of none", () => {
      const { inputs } = recording.one("kubernetes:apps/v1:Deployment", "kubeflow/mysql");
      const text = JSON.stringify(inputs);
      assert.ok(!text.includes("MYSQL_ALLOW_EMPTY_PASSWORD"));
      assert.match(
        text,
        /"MYSQL_ROOT_PASSWORD","valueFrom":\{"secretKeyRef":\{"key":"password","name":"mysql-secret"\}\}/,
      );
    });

    it("shows no generated value outside of a secret", () => {
      const shown = recording.resources.flatMap(({ name: resource, inputs }) =>
        readable(inputs)
          .filter((text) => /generated\(|Z2VuZXJhdGVk/.test(text))
          .map((text) => `${resource}: ${text}`),
      );
      assert.deepEqual(shown, []);
    });

    it("lets nothing but the fields of empty Secrets be changed by others", () => {
      for (const { name: secret, options, inputs } of recording.all("kubernetes:core/v1:Secret")) {
        const fields = [inputs["data"], inputs["stringData"]].map((holder) => Object.keys(opened(holder) ?? {}));
        const isFilled = fields.flat().length > 0;
        assert.deepEqual(options.ignoreChanges ?? [], isFilled ? [] : ["data"], secret);
      }
    });

    it("tells the first user's password, as a secret", async () => {
      const { adminPassword } = recording.platform;
      assert.ok(adminPassword);
      assert.equal(await valueOf(adminPassword), generated("admin-password"));
    });

    it("makes a rotated credential anew, and changes only where it is and the pods that read it", async () => {
      const rotated = await install({ release, rotation: { "oidc-client-secret": "2026-11" } });
      const changed = rotated.resources.filter(
        ({ type, name: resource, inputs }) =>
          JSON.stringify(inputs) !== JSON.stringify(recording.one(type, resource).inputs),
      );
      assert.deepEqual(
        changed.map(({ type, name: resource }) => `${type.split(":").at(-1) ?? ""} ${resource}`).sort(),
        [
          "Deployment auth/dex",
          "Deployment oauth2-proxy/oauth2-proxy",
          "RandomPassword oidc-client-secret",
          "Secret auth/dex-oidc-client",
          "Secret oauth2-proxy/oauth2-proxy-h675gf55ht",
        ],
      );
      const next = generated("oidc-client-secret", "2026-11");
      assert.equal(field(rotated, "auth/dex-oidc-client", "OIDC_CLIENT_SECRET"), next);
      assert.equal(field(rotated, "oauth2-proxy/oauth2-proxy-", "client-secret"), next);
    });

    it("gives Dex's user and the first profile the address of the configuration", async () => {
      const email = "root@kubeflow-dev.example.com";
      const other = await install({ release, adminEmail: email });
      const config = JSON.stringify(other.one("kubernetes:core/v1:ConfigMap", "auth/dex").inputs);
      assert.match(config, /email: root@kubeflow-dev\.example\.com/);
      const [profile] = other.all("kubernetes:kubeflow.org/v1beta1:Profile");
      assert.equal(profile?.name, "kubeflow-user-example-com");
      assert.deepEqual(profile.inputs["spec"], { owner: { kind: "User", name: email } });
      assert.ok(!JSON.stringify(other.resources.map(({ inputs }) => inputs)).includes("user@example.com"));
    });
  });
}
