import assert from "node:assert/strict";
import { KubeflowPlatform } from "../../../components/kubeflow/platform.ts";
import { loginSettings } from "../../../components/kubeflow/login/settings.ts";
import { findKnownCredentials } from "../../../components/shared/known-credentials.ts";
import { KubeconfigTarget } from "../../../components/onprem/kubeconfig-target.ts";
import * as pulumi from "@pulumi/pulumi";
import { record, valueOf, type Recording } from "../../support/recording.ts";
import { upstream } from "./support.ts";

/** The whole platform of 26.03 with a login, as the engine gets it. */
async function install(
  settings: unknown,
  given: Readonly<Record<string, string>> = {},
  use: (platform: KubeflowPlatform) => void = () => undefined,
): Promise<Recording> {
  const release = await upstream();
  return record(
    (options) => {
      const target = new KubeconfigTarget(
        "cluster",
        { kind: "kubeconfig", kubeconfig: "clusters: []", clusterIdentifier: "c", admission: "enforced" },
        options,
      );
      const secrets = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, pulumi.secret(value)]));
      const args = {
        target,
        release,
        adminEmail: "admin@b.example",
        secrets,
        settings: { login: loginSettings.parse(settings) },
      };
      use(new KubeflowPlatform("kubeflow", args, options));
    },
    ({ type, name }) =>
      type === "random:index/randomPassword:RandomPassword"
        ? { result: `made-${name}`, bcryptHash: `hash-${name}` }
        : {},
  );
}

const url = "https://kubeflow.example.com";
const modes: Readonly<Record<string, readonly [unknown, Readonly<Record<string, string>>?]>> = {
  dex: [
    {
      localAdmin: false,
      users: [{ email: "a@b.example", username: "a" }],
      connectors: { ldap: [{ host: "a", userSearch: { baseDN: "dc=a" } }] },
      session: { clientGenerations: ["b", "default"], cookie: { secretGenerations: ["b", "default"] } },
    },
  ],
  direct: [{ mode: "direct", url, issuer: { url, clientId: "a", clientSecret: "sso" } }, { sso: "s3cret" }],
  iap: [{ mode: "iap", iap: { audience: "/projects/1/global/backendServices/2" } }],
};

describe("the platform with a login", function () {
  this.timeout(60_000);
  for (const [mode, [settings, secrets]] of Object.entries(modes)) {
    it(`registers all of it in the mode ${mode}, and no known credential`, async () => {
      const { resources } = await install(settings, secrets);
      assert.ok(resources.length > 600, String(resources.length));
      for (const { inputs, name } of resources) assert.deepEqual(findKnownCredentials(inputs), [], name);
      const users = resources.filter(({ inputs }) => JSON.stringify(inputs).includes("user@example.com"));
      assert.deepEqual(
        users.map(({ name }) => name),
        [],
      );
    });
  }

  it("tells the passwords that it made for users, as secrets, and of those who chose none only", async () => {
    let passwords: Readonly<Record<string, pulumi.Output<string>>> = {};
    const users = [
      { email: "a@b.example", username: "a" },
      { email: "b@b.example", username: "b", passwordHash: "b-hash" },
    ];
    await install(
      { users },
      { "b-hash": `$2y$12$${"x".repeat(53)}` },
      ({ userPasswords }) => (passwords = userPasswords),
    );
    assert.deepEqual(Object.keys(passwords), ["a@b.example"]);
    const password = passwords["a@b.example"];
    assert.ok(password !== undefined && (await pulumi.isSecret(password)));
    assert.equal(await valueOf(password), "made-kubeflow-login-user-a@b.example");
  });
});
