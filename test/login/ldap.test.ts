/** A real directory and a real client ask what the rendered Dex connector describes. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import type { z } from "zod";
import type { ldapSettings } from "../../components/kubeflow/login/connector-settings.ts";
import type { Directory } from "../support/slapd.ts";
import { hasApt } from "../../tools/debian.ts";
import { ldapLogin, type Identity, type LdapConnector } from "./dex-ldap.ts";
import { passwordOf, searcher, startCompany, suffix } from "./directory.ts";
import { issueCertificates } from "../support/certificates.ts";
import { notRun } from "../support/not-run.ts";
import { renderedDex } from "./rendered.ts";

type Ldap = z.input<typeof ldapSettings>;

describe("login by LDAP", function () {
  // slapd is downloaded the first time.
  this.timeout(120_000);
  let directory: Directory;
  let stop: () => Promise<void> = () => Promise.resolve();

  before(async function () {
    if (!(await hasApt())) notRun(this, "no apt-get here, so no slapd: the LDAP connector was not tried");
    directory = await startCompany();
    stop = directory.stop;
  });
  after(async () => {
    await stop();
  });

  /** The connector that `kubeflow:login` with these settings renders. */
  const connector = (settings: Partial<Ldap> = {}): LdapConnector => {
    const ldap: Ldap = {
      host: directory.host,
      insecureNoSSL: true,
      bindDN: searcher.dn,
      bindPassword: "ldap-searcher",
      userSearch: { baseDN: `ou=people,${suffix}`, filter: "(objectClass=person)" },
      groupSearch: {
        baseDN: `ou=groups,${suffix}`,
        filter: "(objectClass=groupOfNames)",
        userMatchers: [{ userAttr: "DN", groupAttr: "member" }],
      },
      ...settings,
    };
    const rendered = renderedDex({ connectors: { ldap: [ldap] } }).connectors?.[0];
    assert.ok(rendered?.type === "ldap");
    return rendered.config;
  };
  const login = async (
    config: LdapConnector,
    username: string,
    password = passwordOf(username),
  ): Promise<Identity | undefined> => {
    const variable = config.bindPW?.replace(/^\$/, "");
    const env = variable === undefined ? {} : { [variable]: searcher.password };
    return await ldapLogin(config, env, { username, password });
  };
  const groupsOf = async (config: LdapConnector, username: string): Promise<readonly string[]> => {
    const identity = await login(config, username);
    assert.ok(identity, username);
    return [...identity.groups].sort();
  };

  it("lets a person in by the right password, with address, name and groups", async () => {
    assert.deepEqual(await login(connector(), "alice"), {
      userId: "alice",
      name: "Alice Adams",
      email: "alice@example.com",
      groups: ["team-a"],
    });
  });

  it("asks exactly what the connector says", async () => {
    await directory.searches();
    await login(connector(), "bob");
    assert.deepEqual(await directory.searches(), [
      `ou=people,${suffix} sub (&(objectClass=person)(uid=bob))`,
      `ou=groups,${suffix} sub (&(objectClass=groupOfNames)(member=uid=bob,ou=south,ou=people,${suffix}))`,
    ]);
  });

  it("refuses a wrong password, an empty one, one of somebody else, and people that there are not", async () => {
    for (const [username, password] of [
      ["alice", "wrong"],
      ["alice", ""],
      ["alice", passwordOf("bob")],
      ["nobody", passwordOf("alice")],
      ["", passwordOf("alice")],
      // In the directory, but not below the base of people.
      ["printer", passwordOf("printer")],
    ] as const) {
      assert.equal(await login(connector(), username, password), undefined, `${username}: ${password}`);
    }
  });

  describe("groups", () => {
    const groups = (...userMatchers: NonNullable<Ldap["groupSearch"]>["userMatchers"]): Partial<Ldap> => ({
      groupSearch: { baseDN: `ou=groups,${suffix}`, userMatchers },
    });
    const members = { userAttr: "DN", groupAttr: "member" };

    it("are those that name the person, and no more", async () => {
      assert.deepEqual(await groupsOf(connector(groups(members)), "bob"), ["team-b"]);
      assert.deepEqual(await groupsOf(connector(groups(members)), "carol"), []);
    });

    it("of groups count when asked for, each once, also where they stand in a ring", async () => {
      const nested = connector(groups({ ...members, recursionGroupAttr: "member" }));
      assert.deepEqual(await groupsOf(nested, "alice"), ["everyone", "ring", "science", "team-a"]);
      assert.deepEqual(await groupsOf(nested, "bob"), ["everyone", "ring", "team-b"]);
      assert.deepEqual(await groupsOf(nested, "carol"), []);
    });

    it("by the user's name, of Unix, count beside those by DN", async () => {
      const both = connector(groups(members, { userAttr: "uid", groupAttr: "memberUid" }));
      assert.deepEqual(await groupsOf(both, "alice"), ["team-a", "unix"]);
      assert.deepEqual(await groupsOf(both, "carol"), ["unix"]);
    });

    it("by memberOf of the person, as Active Directory keeps it", async () => {
      const memberOf = connector(groups({ userAttr: "memberOf", groupAttr: "entryDN" }));
      assert.deepEqual(await groupsOf(memberOf, "alice"), ["team-a"]);
    });

    it("of a person whose DN has every special character", async () => {
      const nested = connector(groups({ ...members, recursionGroupAttr: "member" }));
      assert.deepEqual(await groupsOf(nested, "erin"), ["everyone", "ring", "science", "team-a"]);
    });

    it("are nobody's without a search for them", async () => {
      const config = connector();
      assert.deepEqual(await groupsOf({ ...config, groupSearch: undefined }, "alice"), []);
    });
  });

  describe("as Active Directory has it", () => {
    const enabled = "(!(userAccountControl:1.2.840.113556.1.4.803:=2))";
    const inTeamA = `(memberOf=cn=team-a,ou=groups,${suffix})`;
    const ad = (...conditions: readonly string[]): LdapConnector =>
      connector({
        userSearch: {
          baseDN: `ou=people,${suffix}`,
          filter: `(&(objectClass=person)${conditions.join("")})`,
          username: "sAMAccountName",
          idAttr: "DN",
        },
      });

    it("lets people in by their account's name, with the DN for an id", async () => {
      assert.equal(
        (await login(ad(enabled), "Alice", passwordOf("alice")))?.userId,
        `uid=alice,ou=north,ou=people,${suffix}`,
      );
    });

    it("refuses accounts that are switched off", async () => {
      assert.equal(await login(ad(enabled), "frank"), undefined);
      assert.equal((await login(ad(), "frank"))?.email, "frank@example.com");
    });

    it("lets in the members of a group only", async () => {
      assert.equal((await login(ad(enabled, inTeamA), "alice"))?.email, "alice@example.com");
      assert.equal(await login(ad(enabled, inTeamA), "bob"), undefined);
    });
  });

  describe("a name that was made to be more than a name", () => {
    it("finds nobody, with anybody's password", async () => {
      const config = connector();
      for (const username of [
        "*",
        "a*",
        "alice)(uid=*",
        ")(uid=*",
        "*)(|(uid=*",
        "alice)(objectClass=*))(&(uid=alice",
        "\\",
        "\\2a",
        "alice\\",
        "alice\0",
        "uid=alice",
        "|(uid=alice)",
      ]) {
        assert.equal(await login(config, username, passwordOf("alice")), undefined, JSON.stringify(username));
      }
    });

    it("asks for no more than one value of one attribute, whatever is typed", async () => {
      const config = connector();
      const special = ["(", ")", "*", "\\", "&", "|", "!", "=", ",", ";", '"', "\0", "ä", " ", "alice", "uid"];
      const typed = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...special) }));
      await directory.searches();
      await fc.assert(
        fc.asyncProperty(typed, async (username) => {
          const identity = await login(config, username, passwordOf("alice"));
          // Names are compared without regard to case and spaces around.
          if (username.trim().toLowerCase() !== "alice") assert.equal(identity, undefined);
        }),
        { numRuns: 60 },
      );
      const people = (await directory.searches()).filter((search) => search.startsWith("ou=people"));
      assert.ok(people.length >= 40, String(people.length));
      // The question mark is slapd's, before what no value can be equal to.
      for (const search of people) assert.match(search, /^\S+ sub \(&\(objectClass=person\)\(\??uid=[^()*]*\)\)$/);
    });

    // Dex escapes what was typed twice. Safe, and the reason why docs/login.md asks for names of plain letters.
    it("is not found either where somebody really has such a name, or one beyond ASCII", async () => {
      assert.equal(await login(connector(), "star*"), undefined);
      assert.equal(await login(connector(), "jürgen"), undefined);
    });
  });

  describe("an error, and not a login", () => {
    it("is a name that two people have", async () => {
      await assert.rejects(login(connector(), "dave"), /multiple \(2\) results/);
    });

    it("is a person without an address", async () => {
      await assert.rejects(login(connector(), "nomail"), /missing following required attribute\(s\): "mail"/);
    });

    it("is a search as nobody, which this directory does not answer", async () => {
      const anonymous = connector({ bindDN: undefined, bindPassword: undefined });
      await assert.rejects(login(anonymous, "alice"), /NoSuchObject/);
    });

    it("is a wrong password of the searcher's own", async () => {
      const config = connector();
      await assert.rejects(ldapLogin(config, {}, { username: "alice", password: passwordOf("alice") }), /0x31|0x35/);
    });
  });

  describe("with TLS", () => {
    it("trusts the authority of the configuration, from the start and by StartTLS", async () => {
      const rootCA = directory.certificates.ca;
      const tls = connector({ insecureNoSSL: undefined, host: directory.tlsHost, rootCA });
      assert.equal((await login(tls, "alice"))?.email, "alice@example.com");
      const startTLS = connector({ insecureNoSSL: undefined, startTLS: true, rootCA });
      assert.equal((await login(startTLS, "alice"))?.email, "alice@example.com");
    });

    it("refuses a server that another authority vouches for, before any password", async () => {
      const other = await issueCertificates(`${directory.certificates.caFile}.other`);
      const rootCA = await readFile(other.caFile, "utf8");
      await directory.searches();
      for (const settings of [{ host: directory.tlsHost }, { startTLS: true }]) {
        const config = connector({ insecureNoSSL: undefined, rootCA, ...settings });
        await assert.rejects(login(config, "alice"), /certificate|signature/i);
      }
      assert.deepEqual(await directory.searches(), []);
    });
  });
});
