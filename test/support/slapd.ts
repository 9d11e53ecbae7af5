/** A real OpenLDAP server on loopback: Debian's slapd, with overlays and a schema that make it answer as AD does, too. */
import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import getPort from "get-port";
import { Client } from "ldapts";
import { ensureDebian, type DebianPackages } from "../../tools/debian.ts";
import { issueCertificates, type Certificates } from "./certificates.ts";

/** DN of an entry -> its attributes; parents first. */
export type Entries = Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;

export interface Directory {
  /** `localhost:34567`, without TLS but for StartTLS. */
  readonly host: string;
  /** `localhost:34568`, with TLS. */
  readonly tlsHost: string;
  readonly certificates: Certificates;
  /** Every search that the server was asked since the last call: `<base> <scope> <filter>`. */
  readonly searches: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

interface DirectoryOptions {
  /** Whom the server lets read; everybody else may only bind. */
  readonly reader: string;
  readonly suffix: string;
  readonly entries: Entries;
}

/** Attributes of AD that filters of people compare, with AD's own numbers; slapd's copy of AD's schema cannot compare. */
const schema = `
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.4203.666.1 NAME 'adUser' SUP top AUXILIARY MAY ( sAMAccountName $ userAccountControl ) )
`;

export async function startDirectory({ reader, suffix, entries }: DirectoryOptions): Promise<Directory> {
  const debian = await ensureDebian(["slapd"], (message) => void process.stdout.write(`    ${message}\n`));
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "kf-slapd-"));
  const certificates = await issueCertificates(path.join(folder, "tls"));
  const root = { dn: `cn=root,${suffix}`, password: randomBytes(16).toString("hex") };
  await fs.mkdir(path.join(folder, "data"));
  await fs.writeFile(path.join(folder, "ad.schema"), schema);
  const config = slapdConfig({ debian, folder, certificates, suffix, reader, root });
  await fs.writeFile(path.join(folder, "slapd.conf"), config, { mode: 0o600 });
  const [port, tlsPort] = [await getPort(), await getPort()];
  const [url, tlsUrl] = [`ldap://127.0.0.1:${port}`, `ldaps://127.0.0.1:${tlsPort}`];
  // 256: a line for every operation, which tells the searches as the server understood them.
  const args = ["-f", path.join(folder, "slapd.conf"), "-h", `${url} ${tlsUrl}`, "-d", "256"];
  const log = path.join(folder, "log");
  const server = execa(path.join(debian.root, "usr/sbin/slapd"), args, {
    env: debian.env,
    reject: false,
    stdin: "ignore",
    stdout: "ignore",
    stderr: { file: log },
  });
  let ended = false;
  void server.then(() => (ended = true));
  const stop = async (): Promise<void> => {
    server.kill();
    await server;
    await fs.rm(folder, { recursive: true, force: true });
  };
  let read = 0;
  const searches = async (): Promise<readonly string[]> => {
    const lines = (await fs.readFile(log, "utf8")).split("\n");
    const scopes = { "0": "base", "1": "one", "2": "sub" } as const;
    const found = lines.slice(read).flatMap((line) => {
      const [, base, scope, filter] = /SRCH base="(.*?)" scope=([012]) deref=\d filter="(.*)"$/.exec(line) ?? [];
      return scope === undefined ? [] : [`${base} ${scopes[scope as keyof typeof scopes]} ${filter}`];
    });
    read = lines.length - 1;
    return found;
  };
  try {
    await fill(url, root, entries, () => ended);
  } catch (error) {
    const end = (await fs.readFile(log, "utf8")).split("\n").slice(-8).join("\n");
    await stop();
    throw new Error(`slapd: ${end}`, { cause: error });
  }
  return { host: `localhost:${port}`, tlsHost: `localhost:${tlsPort}`, certificates, searches, stop };
}

interface ConfigFacts {
  readonly debian: DebianPackages;
  readonly folder: string;
  readonly certificates: Certificates;
  readonly suffix: string;
  readonly reader: string;
  readonly root: { readonly dn: string; readonly password: string };
}

function slapdConfig({ debian, folder, certificates, suffix, reader, root }: ConfigFacts): string {
  const schemas = ["core", "cosine", "nis", "inetorgperson"];
  return [
    ...schemas.map((name) => `include ${debian.root}/etc/ldap/schema/${name}.schema`),
    `include ${folder}/ad.schema`,
    `modulepath ${debian.root}/usr/lib/ldap`,
    "moduleload back_mdb",
    "moduleload memberof",
    `TLSCACertificateFile ${certificates.caFile}`,
    `TLSCertificateFile ${certificates.certFile}`,
    `TLSCertificateKeyFile ${certificates.keyFile}`,
    "database mdb",
    `suffix "${suffix}"`,
    `directory ${folder}/data`,
    `rootdn "${root.dn}"`,
    `rootpw ${root.password}`,
    `access to attrs=userPassword by anonymous auth by * none`,
    `access to * by dn.exact="${reader}" read by * none`,
    // Keeps memberOf of people and of groups, as AD does.
    "overlay memberof",
  ].join("\n");
}

async function fill(url: string, root: ConfigFacts["root"], entries: Entries, ended: () => boolean): Promise<void> {
  const client = new Client({ url });
  try {
    for (;;) {
      try {
        await client.bind(root.dn, root.password);
        break;
      } catch (error) {
        // It does not listen yet. Mocha's own limit ends the wait.
        if (ended() || !String(error).includes("ECONNREFUSED")) throw error;
        await delay(50);
      }
    }
    for (const [dn, attributes] of Object.entries(entries)) await client.add(dn, { ...attributes });
  } finally {
    await client.unbind();
  }
}
