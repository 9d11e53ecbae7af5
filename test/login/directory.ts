/** The directory that the tests of the LDAP connector log in to: a company with two sites, and what goes wrong in such. */
import { startDirectory, type Directory, type Entries } from "../support/slapd.ts";

export const suffix = "dc=example,dc=com";
export const searcher = { dn: `cn=dex,ou=services,${suffix}`, password: "the searcher's own" };
export const passwordOf = (uid: string): string => `password of ${uid}`;

const people = `ou=people,${suffix}`;
const groups = `ou=groups,${suffix}`;

function person(uid: string, cn: string, extra: Readonly<Record<string, string>> = {}): Entries[string] {
  return {
    objectClass: ["inetOrgPerson", "adUser"],
    uid,
    cn,
    sn: cn,
    mail: `${uid}@example.com`,
    userPassword: passwordOf(uid),
    sAMAccountName: uid,
    // AD's "normal account".
    userAccountControl: "512",
    ...extra,
  };
}

const unit = { objectClass: "organizationalUnit" };
const group = (...member: readonly string[]): Entries[string] => ({
  objectClass: "groupOfNames",
  member: [...member],
});

/** Needs every kind of escape in a search for its groups. */
const awkward = `cn=Erin (Ops\\, \\"night\\") \\\\ *,ou=north,${people}`;

const entries: Entries = {
  [suffix]: { objectClass: ["dcObject", "organization"], o: "Example", dc: "example" },
  [`ou=services,${suffix}`]: unit,
  [searcher.dn]: {
    objectClass: ["organizationalRole", "simpleSecurityObject"],
    userPassword: searcher.password,
  },
  [people]: unit,
  [`ou=north,${people}`]: unit,
  [`ou=south,${people}`]: unit,
  [groups]: unit,
  [`uid=alice,ou=north,${people}`]: person("alice", "Alice Adams"),
  [`uid=bob,ou=south,${people}`]: person("bob", "Bob Brown"),
  [`uid=carol,ou=south,${people}`]: person("carol", "Carol Clark"),
  [`uid=dave,ou=north,${people}`]: person("dave", "Dave North"),
  [`uid=dave,ou=south,${people}`]: person("dave", "Dave South"),
  [awkward]: { ...person("erin", `Erin (Ops, "night") \\ *`) },
  // Left the company: AD sets bit 2.
  [`uid=frank,ou=south,${people}`]: person("frank", "Frank Former", { userAccountControl: "514" }),
  [`uid=jürgen,ou=south,${people}`]: person("jürgen", "Jürgen", { mail: "juergen@example.com" }),
  [`uid=star*,ou=south,${people}`]: person("star*", "Star", { mail: "star@example.com" }),
  [`uid=printer,ou=services,${suffix}`]: {
    objectClass: ["account", "simpleSecurityObject"],
    userPassword: passwordOf("printer"),
  },
  [`uid=nomail,ou=south,${people}`]: {
    objectClass: "inetOrgPerson",
    uid: "nomail",
    cn: "No Mail",
    sn: "Mail",
    userPassword: passwordOf("nomail"),
  },
  [`cn=team-a,${groups}`]: group(`uid=alice,ou=north,${people}`, awkward),
  [`cn=team-b,${groups}`]: group(`uid=bob,ou=south,${people}`),
  [`cn=science,${groups}`]: group(`cn=team-a,${groups}`),
  // Each is in the other.
  [`cn=everyone,${groups}`]: group(`cn=science,${groups}`, `cn=team-b,${groups}`, `cn=ring,${groups}`),
  [`cn=ring,${groups}`]: group(`cn=everyone,${groups}`),
  [`cn=unix,${groups}`]: { objectClass: "posixGroup", gidNumber: "1000", memberUid: ["alice", "carol"] },
};

export async function startCompany(): Promise<Directory> {
  return await startDirectory({ suffix, reader: searcher.dn, entries });
}
