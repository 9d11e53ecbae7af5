/** Debian's MariaDB on loopback, which takes TLS only until a test says otherwise. */
import fs from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { ensureDebian, type DebianPackages } from "../../tools/debian.ts";
import { issueCertificates } from "../support/certificates.ts";
import { ownAddress, startServer, temporaryFolder, type Server } from "./processes.ts";

export interface Mariadb extends Server {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** Vouches for the server. */
  readonly ca: string;
  /** Has no hand in it. */
  readonly otherCa: string;
  readonly packages: DebianPackages;
}

const username = "kubeflow";
/** Letters and digits only, as generated ones are. */
const password = "Zq8fWmT3kLp0";

export async function startMariadb(): Promise<Mariadb> {
  const packages = await ensureDebian(["mariadb-server-core", "mariadb-client-core"], (message) =>
    process.stdout.write(`    ${message}\n`),
  );
  const folder = await temporaryFolder();
  const data = path.join(folder, "data");
  await fs.mkdir(data);
  const host = ownAddress();
  // Node asks for `localhost` where the host is an address: what these are for.
  const certificates = await issueCertificates(path.join(folder, "certificates"));
  const other = await issueCertificates(path.join(folder, "other"));
  const share = path.join(packages.root, "usr/share/mysql");
  const common = [
    "--no-defaults",
    `--user=${(await execa("id", ["-un"])).stdout}`,
    `--datadir=${data}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${path.join(share, "charsets")}`,
  ];
  const server = path.join(packages.root, "usr/sbin/mariadbd");
  await execa(server, [...common, "--bootstrap"], { env: packages.env, input: await bootstrap(share) });
  const port = 3306;
  const running = await startServer(
    server,
    [
      ...common,
      `--bind-address=${host}`,
      `--port=${port}`,
      `--socket=${path.join(folder, "s.sock")}`,
      "--require-secure-transport=ON",
      `--ssl-cert=${certificates.certFile}`,
      `--ssl-key=${certificates.keyFile}`,
      "--innodb-buffer-pool-size=32M",
      "--performance-schema=OFF",
      "--skip-name-resolve",
    ],
    { env: packages.env, listensOn: { host, port } },
  );
  return {
    ...{ host, port, username, password, packages },
    ca: certificates.ca,
    otherCa: other.ca,
    stop: async () => {
      await running.stop();
      await fs.rm(folder, { recursive: true });
    },
  };
}

/** As mariadb-install-db does, whose script looks for its files elsewhere; one statement a line. */
async function bootstrap(share: string): Promise<string> {
  const files = ["mysql_system_tables.sql", "mysql_system_tables_data.sql"];
  const scripts = await Promise.all(files.map(async (file) => await fs.readFile(path.join(share, file), "utf8")));
  return [
    "create database mysql;",
    "use mysql;",
    ...scripts,
    "FLUSH PRIVILEGES;",
    `CREATE USER '${username}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO '${username}'@'%';`,
    "",
  ].join("\n");
}
