import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { dexConfig } from "../../../components/kubeflow/login/dex-config.ts";
import { dexModel } from "../../../components/kubeflow/login/dex-model.ts";
import { oauth2ProxyConfig, oauth2ProxyText } from "../../../components/kubeflow/login/oauth2-proxy-config.ts";
import { oauth2ProxyModel } from "../../../components/kubeflow/login/oauth2-proxy-model.ts";
import { loginSettings } from "../../../components/kubeflow/login/settings.ts";
import { cfg } from "./cfg.ts";

/** What people write in names and DNs: quotes, colons, hashes, other scripts; no `$`, which is refused. */
const text = fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).filter((each) => /^[^$\p{C}]+$/u.test(each));
const id = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const attribute = fc.stringMatching(/^[a-zA-Z]{1,12}$/);
const filter = text.filter((each) => !each.includes(")")).map((each) => `(cn=${each})`);

const ldap = fc.record(
  {
    ...{ id, name: text, host: fc.constantFrom("a", "a.example.com:1389"), startTLS: fc.boolean(), bindDN: text },
    ...{ bindPassword: id, usernamePrompt: text },
    userSearch: fc.record(
      {
        ...{ baseDN: text, filter, username: attribute, scope: fc.constantFrom("sub", "one"), idAttr: attribute },
        ...{ emailAttr: attribute, nameAttr: attribute, preferredUsernameAttr: attribute },
      },
      { requiredKeys: ["baseDN"] },
    ),
    groupSearch: fc.record(
      {
        ...{ baseDN: text, filter, nameAttr: attribute },
        userMatchers: fc.array(
          fc.record(
            { userAttr: attribute, groupAttr: attribute, recursionGroupAttr: attribute },
            { requiredKeys: ["userAttr", "groupAttr"] },
          ),
          { minLength: 1, maxLength: 3 },
        ),
      },
      { requiredKeys: ["baseDN", "userMatchers"] },
    ),
  },
  { requiredKeys: ["host", "userSearch"] },
);
const duration = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.constantFrom("h", "m")).map(([n, unit]) => `${n}${unit}`);
const settings = fc.record(
  {
    users: fc.array(fc.record({ email: fc.tuple(id, id).map(([a, b]) => `${a}@${b}.example`), username: text })),
    connectors: fc.record({ ldap: fc.array(ldap, { maxLength: 3 }) }),
    session: fc.record({ lifetime: duration, refresh: duration }, { requiredKeys: [] }),
    allow: fc.record({ groups: fc.array(text.filter((each) => !/["\s]/.test(each))) }),
    localAdmin: fc.boolean(),
  },
  { requiredKeys: [] },
);

describe("the rendered configuration", () => {
  it("is what Dex's model has, for any settings, before and after YAML", () => {
    fc.assert(
      fc.property(settings, (given) => {
        const login = loginSettings.parse(given);
        const config = dexConfig(login, { url: undefined });
        dexModel.parse(config);
        assert.deepEqual(parse(stringify(config)), config);
        const ids = config.staticPasswords?.map(({ userID }) => userID) ?? [];
        const emails = new Set(login.users.map(({ email }) => email));
        assert.equal(new Set(ids).size, emails.size + (login.localAdmin ? 1 : 0));
      }),
    );
  });

  it("is what oauth2-proxy's model has, for any settings, before and after TOML", () => {
    fc.assert(
      fc.property(settings, (given) => {
        const config = oauth2ProxyConfig(loginSettings.parse(given), { url: undefined, otherClients: [] });
        oauth2ProxyModel.parse(config);
        assert.deepEqual(cfg(oauth2ProxyText(config)), config);
      }),
    );
  });

  it("would not pass with an option that Dex does not know, or a secret written out", () => {
    const ldapConfig = { host: "a", bindDN: "cn=a", bindPassword: "bind", userSearch: { baseDN: "dc=a" } };
    const config = dexConfig(loginSettings.parse({ connectors: { ldap: [ldapConfig] } }), { url: undefined });
    const [connector] = config.connectors ?? [];
    assert.ok(connector?.type === "ldap");
    const wrong = [
      { ...connector.config, bindPassword: "$A" },
      { ...connector.config, bindPW: "written out" },
      { ...connector.config, userSearch: { ...connector.config.userSearch, scope: "base" } },
    ];
    for (const each of wrong)
      assert.equal(dexModel.safeParse({ ...config, connectors: [{ ...connector, config: each }] }).success, false);
  });
});
