import assert from "node:assert/strict";
import { parseStackConfig } from "../../stacks/config.ts";
import { namedSecrets } from "../../stacks/named-secrets.ts";

const namesOf = (keys: Readonly<Record<string, unknown>>): readonly string[] => {
  const raw = { target: "kubeconfig", ...keys };
  const texts = Object.entries(raw).map(([key, value]) => [
    `kubeflow:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return namedSecrets(parseStackConfig("dev", Object.fromEntries(texts) as Record<string, string>));
};

const ldap = {
  id: "directory",
  name: "Directory",
  host: "ldap.example.com",
  bindDN: "cn=kubeflow,dc=example,dc=com",
  bindPassword: "ldap-password",
  userSearch: { baseDN: "ou=people,dc=example,dc=com" },
};

describe("secrets that a stack names", () => {
  it("are found in every key that calls one, each once", () => {
    const onprem = {
      domain: "example.com",
      objectStore: {
        endpoint: "https://s3.example.com",
        bucket: "kubeflow",
        accessKeySecret: "a",
        secretKeySecret: "b",
      },
      database: { host: "mysql.example.com", passwordSecret: "b" },
    };
    assert.deepEqual(namesOf({ onprem }), ["a", "b"]);
    assert.deepEqual(namesOf({ storage: { hmac: { accessKey: "c", secretKey: "d" } } }), ["c", "d"]);
    const edge = { issuer: { kind: "acme", email: "a@example.com", secrets: { token: { key: "e" } } } };
    assert.deepEqual(namesOf({ edge }), ["e"]);
    const issuer = { url: "https://login.example.com", clientId: "kubeflow", clientSecret: "f" };
    assert.deepEqual(namesOf({ login: { mode: "direct", issuer } }), ["f"]);
    assert.deepEqual(namesOf({ login: { connectors: { ldap: [ldap] } } }), ["ldap-password"]);
  });

  it("are none of the other texts, and not the secrets themselves", () => {
    assert.deepEqual(namesOf({ onprem: { domain: "example.com" }, secrets: { a: "hunter2" }, context: "own" }), []);
    assert.deepEqual(namesOf({ login: { mode: "direct", issuer: "target" } }), []);
  });
});
