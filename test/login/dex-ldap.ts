/**
 * What Dex's LDAP connector asks a directory, with a real LDAP client: Dex itself cannot be had here. After its source
 * and its page, https://dexidp.io/docs/connectors/ldap/ and connector/ldap/ldap.go at v2.45.0:
 * - `$NAME` in the connector's configuration is a variable of the environment (cmd/dex/config.go);
 * - an empty password is refused before the directory is asked, which would take it for an anonymous bind;
 * - what the user typed is escaped twice (in `Login` and in `userEntry`), so that a name with anything but ASCII, or with
 *   one of `*()\`, is never found;
 * - people are `(&<filter>(<username>=<typed>))`; two are an error;
 * - the password is right when a bind with the entry's DN is;
 * - an entry without one of the named attributes is an error;
 * - groups are `(&<filter>(<groupAttr>=<userAttr>))` for every value, and with `recursionGroupAttr` groups of those by
 *   `(&<filter>(<recursionGroupAttr>=<DN of the group>))` until there are no new ones.
 */
import { Client, InvalidCredentialsError, NoSuchObjectError, type Entry } from "ldapts";
import type { DexConnector } from "../../components/kubeflow/login/dex-model.ts";

export type LdapConnector = Extract<DexConnector, { type: "ldap" }>["config"];

export interface Identity {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}

/** What go-ldap's `EscapeFilter` (v3.4.12) makes of a text. */
function escaped(text: string): string {
  const bytes = [...Buffer.from(text)].map((byte) => {
    const special = byte > 0x7f || byte === 0 || "()\\*".includes(String.fromCharCode(byte));
    return special ? `\\${byte.toString(16).padStart(2, "0")}` : String.fromCharCode(byte);
  });
  return bytes.join("");
}

/** Who it is; undefined when Dex shows "invalid username or password". Everything else that goes wrong is an error page. */
export async function ldapLogin(
  connector: LdapConnector,
  env: Readonly<Record<string, string>>,
  typed: { readonly username: string; readonly password: string },
): Promise<Identity | undefined> {
  if (typed.password === "") return undefined;
  const config = expanded(connector, env);
  const { userSearch } = config;
  const entry = await connected(config, async (client) => {
    const filter = `(${userSearch.username}=${escaped(escaped(typed.username))})`;
    const { userMatchers = [] } = config.groupSearch ?? {};
    const { searchEntries } = await client.search(userSearch.baseDN, {
      scope: userSearch.scope,
      filter: both(userSearch.filter, filter),
      attributes: [userSearch.idAttr, userSearch.emailAttr, userSearch.nameAttr].concat(
        userMatchers.map(({ userAttr }) => userAttr),
        userSearch.preferredUsernameAttr ?? [],
      ),
    });
    const [found, second] = searchEntries;
    if (second !== undefined) throw new Error(`filter returned multiple (${searchEntries.length}) results`);
    if (found === undefined) return undefined;
    try {
      await client.bind(found.dn, typed.password);
      return found;
    } catch (error) {
      if (error instanceof InvalidCredentialsError) return undefined;
      throw error;
    }
  });
  if (entry === undefined) return undefined;
  const name = required(entry, userSearch.nameAttr);
  return {
    userId: required(entry, userSearch.idAttr),
    name,
    email:
      userSearch.emailSuffix === undefined
        ? required(entry, userSearch.emailAttr)
        : `${name}@${userSearch.emailSuffix}`,
    groups: await groupsOf(config, entry),
  };
}

async function groupsOf(config: LdapConnector, entry: Entry): Promise<readonly string[]> {
  const { groupSearch } = config;
  if (groupSearch === undefined) return [];
  const search = async (attribute: string, value: string): Promise<readonly Entry[]> =>
    await connected(config, async (client) => {
      const filter = both(groupSearch.filter, `(${attribute}=${escaped(value)})`);
      const options = { scope: groupSearch.scope, filter, attributes: [groupSearch.nameAttr] };
      try {
        return (await client.search(groupSearch.baseDN, options)).searchEntries;
      } catch (error) {
        if (error instanceof NoSuchObjectError) return [];
        throw error;
      }
    });
  const names: string[] = [];
  for (const { userAttr, groupAttr, recursionGroupAttr } of groupSearch.userMatchers) {
    let level: Entry[] = [];
    for (const value of values(entry, userAttr)) level.push(...(await search(groupAttr, value)));
    if (recursionGroupAttr === undefined) {
      names.push(...level.map((group) => required(group, groupSearch.nameAttr)));
      continue;
    }
    while (level.length > 0) {
      const next: Entry[] = [];
      for (const group of level) {
        const name = required(group, groupSearch.nameAttr);
        if (names.includes(name)) continue;
        names.push(name);
        next.push(...(await search(recursionGroupAttr, group.dn)));
      }
      level = next;
    }
  }
  return names;
}

/** Dex opens a connection for every search, and binds as the one who searches. */
async function connected<T>(config: LdapConnector, work: (client: Client) => Promise<T>): Promise<T> {
  const [host = "", port] = config.host.split(":");
  const ca = config.rootCAData === undefined ? undefined : Buffer.from(config.rootCAData, "base64");
  const tls = ca === undefined ? {} : { ca };
  const clear = config.insecureNoSSL === true || config.startTLS === true;
  // As go-ldap: StartTLS goes to 636, too, when no port is named and insecureNoSSL is not set.
  const url = `${clear ? "ldap" : "ldaps"}://${host}:${port ?? (config.insecureNoSSL === true ? "389" : "636")}`;
  const client = new Client({ url, ...(clear ? {} : { tlsOptions: tls }) });
  try {
    if (config.startTLS === true) await client.startTLS({ ...tls, host, servername: host });
    await client.bind(config.bindDN ?? "", config.bindPW ?? "");
    return await work(client);
  } finally {
    await client.unbind();
  }
}

function both(filter: string | undefined, condition: string): string {
  return filter === undefined ? condition : `(&${filter}${condition})`;
}

function values(entry: Entry, attribute: string): readonly string[] {
  // ldapts gives an empty list for what was asked for and is not there.
  const found = [entry[attribute] ?? []].flat().map(String);
  return found.length === 0 && attribute.toLowerCase() === "dn" ? [entry.dn] : found;
}

function required(entry: Entry, attribute: string): string {
  const [value] = values(entry, attribute);
  if (value !== undefined && value !== "") return value;
  throw new Error(`entry "${entry.dn}" missing following required attribute(s): "${attribute}"`);
}

/** Go's os.ExpandEnv on the JSON of the configuration, as Dex does it. */
function expanded(connector: LdapConnector, env: Readonly<Record<string, string>>): LdapConnector {
  const text = JSON.stringify(connector).replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => {
    return env[braced ?? plain ?? ""] ?? "";
  });
  return JSON.parse(text) as LdapConnector;
}
