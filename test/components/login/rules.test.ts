import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { loginSettings } from "../../../components/kubeflow/login/settings.ts";
import { parseStackConfig } from "../../../stacks/config.ts";
import { access, cloudIssuer, customised, type Told } from "./support.ts";

const url = "https://kubeflow.example.com";
const userSearch = { baseDN: "dc=example,dc=com" };
const github = { clientId: "a", clientSecret: "oauth", orgs: [{ name: "o" }] };
const secrets = { oauth: "o", bind: "b" };

interface Refused {
  readonly what: string;
  readonly settings: object;
  readonly told?: Told;
  readonly problem: RegExp;
}

const refused: readonly Refused[] = [
  {
    what: "the target's issuer where it has none",
    settings: { issuer: "target", url },
    problem: /^kubeflow:login\.issuer: target; the target .* has no issuer.*connector oidc/,
  },
  {
    what: "an issuer of one's own beside Dex",
    settings: { issuer: { url, clientId: "a", clientSecret: "oauth" }, url },
    problem: /^kubeflow:login\.issuer: a map; allowed with mode dex: target\. Make it an entry of connectors\.oidc/,
  },
  {
    what: "the mode direct without an issuer",
    settings: { mode: "direct", url },
    problem: /^kubeflow:login\.issuer: not set; allowed with mode direct/,
  },
  {
    what: "an issuer that could not send people back",
    settings: { connectors: { github: [github] } },
    problem: /^kubeflow:login\.url: not set.*kubeflow:edge\.domain/,
  },
  {
    what: "IAP without an audience",
    settings: { mode: "iap" },
    problem: /^kubeflow:login\.iap: not set; allowed with mode iap/,
  },
  {
    what: "everybody with an account at Google",
    settings: {
      mode: "direct",
      url,
      issuer: { url: "https://accounts.google.com", clientId: "a", clientSecret: "oauth" },
    },
    problem: /^kubeflow:login\.allow\.emailDomains: not set; everybody with an account at Google/,
  },
  {
    what: "groups where nobody has any",
    settings: { mode: "direct", url, issuer: "target", allow: { groups: ["ml"] } },
    told: { oidc: cloudIssuer(undefined) },
    problem: /^kubeflow:login\.allow\.groups: set; the issuer names no groups, so nobody could log in/,
  },
  {
    what: "a login for nobody",
    settings: { localAdmin: false },
    problem: /^kubeflow:login\.localAdmin: false; nobody could log in/,
  },
  {
    what: "Dex's users without Dex",
    settings: { mode: "direct", url, issuer: "target", users: [{ email: "a@b.co", username: "a" }] },
    told: { oidc: cloudIssuer("groups") },
    problem: /^kubeflow:login\.users: set; allowed with mode direct: none/,
  },
  {
    what: "two connectors of one id",
    settings: { url, connectors: { github: [github, github] } },
    problem: /^kubeflow:login\.connectors\.github\[1\]\.id: github; allowed: one that no other has/,
  },
  {
    what: "a secret that nobody gave",
    settings: { url, connectors: { github: [{ ...github, clientSecret: "lost" }] } },
    problem:
      /^kubeflow:login\.connectors\.github\[0\]\.clientSecret: lost; .*which has: oauth, bind\. Set it with: pulumi/,
  },
  {
    what: "who searches without a password",
    settings: { connectors: { ldap: [{ host: "a", bindDN: "cn=a", userSearch }] } },
    problem: /^kubeflow:login\.connectors\.ldap\[0\]\.bindPassword: bindDN and bindPassword belong together/,
  },
  {
    what: "the first user's address for another",
    settings: { users: [{ email: "Admin@example.com", username: "a" }] },
    problem: /^kubeflow:login\.users\[0\]\.email: Admin@example\.com; another user, or kubeflow:adminEmail/,
  },
  {
    what: "a cookie that browsers would throw away",
    settings: { session: { cookie: { name: "__Host-kubeflow", secure: false } } },
    problem: /^kubeflow:login\.session\.cookie\.name: __Host-kubeflow; browsers take __Host- with secure: true only/,
  },
  {
    what: "a cookie that does not come back from another host",
    settings: { url, connectors: { github: [github] }, session: { cookie: { sameSite: "strict" } } },
    problem: /^kubeflow:login\.session\.cookie\.sameSite: strict/,
  },
  {
    what: "a refresh that comes too late",
    settings: { session: { lifetime: "1h", refresh: "45m" } },
    problem: /^kubeflow:login\.session\.refresh: 45m; allowed: at most half of session\.lifetime, 1h/,
  },
  {
    what: "two cookie secrets with an Istio of somebody else",
    settings: { session: { cookie: { secretGenerations: ["a", "default"] } } },
    told: { existing: { istio: "1.29.0" } },
    problem: /^kubeflow:login\.session\.cookie\.secretGenerations: two; .*istiod.*everybody logs in anew/,
  },
  {
    what: "machines whose issuer nobody knows",
    settings: { machines: {} },
    problem: /^kubeflow:login\.machines\.issuer: not set; .*kubectl get --raw/,
  },
  {
    what: "keys that are private",
    settings: { machines: { issuer: url, jwks: '{"keys":[{"kty":"RSA","d":"a"}]}' } },
    problem: /^kubeflow:login\.machines\.jwks: is not JSON, or holds private keys/,
  },
];

describe("what the login refuses", () => {
  for (const { what, settings, told = {}, problem } of refused) {
    it(what, async () => {
      const { problems, release } = await customised(settings, { told, secrets });
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", problem);
      assert.ok(release.objects.length > 0);
    });
  }

  it("nothing that the target knows", async () => {
    const { problems } = await customised(
      { connectors: { github: [github] } },
      { told: { access: access(url) }, secrets },
    );
    assert.deepEqual(problems, []);
  });

  it("a release without Dex", async () => {
    const release = { name: "x", digest: "d", sample: false, crds: [], objects: [], componentOf: {} };
    const { problems } = await customised({}, { release });
    assert.match(problems.join("\n"), /mode: dex; the release.*no component oauth2-proxy.*\n.*no component dex/);
  });

  const stackWith = (login: object) => () =>
    parseStackConfig("s", { "kubeflow:target": "sandbox", "kubeflow:login": JSON.stringify(login) });

  it("Kerberos, and says what there is instead", () => {
    const ldap = { host: "a", userSearch, kerberos: { enabled: true } };
    assert.throws(
      stackWith({ connectors: { ldap: [ldap] } }),
      /kubeflow:login\.connectors\.ldap\[0\]\.kerberos: .*Dex 2\.45 has no Kerberos.*ADFS or Keycloak/,
    );
  });

  it("an option that Dex does not have, and says which it was meant to be", () => {
    assert.throws(
      stackWith({ connectors: { ldap: [{ host: "a", userSearch: { ...userSearch, userName: "uid" } }] } }),
      /kubeflow:login\.connectors\.ldap\[0\]\.userSearch\.userName: unknown key; did you mean username\?/,
    );
  });

  it("a $, which Dex would take for a variable", () => {
    for (const baseDN of ["ou=$HOME", "cost=5$"])
      assert.equal(
        loginSettings.safeParse({ connectors: { ldap: [{ host: "a", userSearch: { baseDN } }] } }).success,
        false,
      );
  });

  it("no example of its own page", async () => {
    const page = await readFile(new URL("../../../docs/login.md", import.meta.url), "utf8");
    const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      ([, text = ""]) => parse(text) as Record<string, unknown>,
    );
    const examples = blocks.map((block) => block["kubeflow:login"] ?? block);
    assert.equal(examples.length, 4);
    for (const example of examples) loginSettings.parse(example);
  });

  it("an issuer without a client, and a secret in the place of its name", () => {
    assert.throws(
      stackWith({ issuer: { url } }),
      /kubeflow:login\.issuer: .*; allowed: target, or a map of url, clientId/,
    );
    assert.throws(
      stackWith({ connectors: { github: [{ ...github, clientSecret: "Hunter2!" }] } }),
      /clientSecret: .*; allowed: the name of a secret in kubeflow:secrets/,
    );
  });
});
