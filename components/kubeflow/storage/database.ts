/** What each client of the target's MySQL is told, by its own names. Pure: a test gives the same to a real client. */
import type * as pulumi from "@pulumi/pulumi";
import type { Database } from "../../contracts/database.ts";
import type { StorageSettings } from "./settings.ts";

export interface DatabaseConnection {
  readonly host: pulumi.Input<string>;
  readonly port: number;
  readonly username: string;
  readonly tls: StorageSettings["databaseTls"];
  /** In PEM; with `verify`, where public authorities do not vouch for the server. */
  readonly ca: string | undefined;
}

/** Where certificates are mounted, and under which name. */
export const caFolder = "/etc/mysql-ca";
export const caFile = "ca.pem";
export const metadataConfigFolder = "/etc/metadata-store";
export const metadataConfigFile = "config.pbtxt";

export function connectionTo(database: Database, settings: StorageSettings): DatabaseConnection {
  const { host, port, username } = database;
  const ca = settings.databaseTls === "verify" ? (settings.databaseCa ?? database.caCertificate) : undefined;
  return { host, port, username, tls: settings.databaseTls, ca };
}

/** Entries of `pipeline-install-config`: its readers use both pairs. */
export function pipelinesDatabaseData({
  host,
  port,
}: DatabaseConnection): Readonly<Record<string, pulumi.Input<string>>> {
  return { dbHost: host, dbPort: String(port), mysqlHost: host, mysqlPort: String(port) };
}

/**
 * Parameters of Go's MySQL driver, as JSON: the API server reads them from the variable of `ExtraParams` (viper 1.20 takes
 * JSON for a map), the cache server from `--db_extra_params`. Undefined: none.
 */
export function goDriverParameters({ tls }: DatabaseConnection): string | undefined {
  const values = { off: undefined, encrypt: "skip-verify", verify: "true" } as const;
  const value = values[tls];
  return value === undefined ? undefined : JSON.stringify({ tls: value });
}

/** Where Go's TLS finds authorities: ours beside those of the image. */
export const certificateFolders = `/etc/ssl/certs:${caFolder}`;

/**
 * ML Metadata's configuration, a MetadataStoreServerConfig in protobuf's text form: it has no flags for TLS, and this
 * has. That it is there makes the connection encrypted; with `verify_server_cert` it fails (tried with 1.15 and MariaDB).
 */
export function metadataConfig(
  { port, username, tls }: DatabaseConnection,
  { host, database, password }: { readonly host: string; readonly database: string; readonly password: string },
): string {
  const lines = [
    "connection_config {",
    "  mysql {",
    `    host: ${quoted(host)}`,
    `    port: ${port}`,
    `    database: ${quoted(database)}`,
    `    user: ${quoted(username)}`,
    `    password: ${quoted(password)}`,
    ...(tls === "off" ? [] : ["    ssl_options {}"]),
    "  }",
    "}",
    "migration_options { enable_upgrade_migration: true }",
  ];
  return `${lines.join("\n")}\n`;
}

/** A string of protobuf's text form. */
function quoted(text: string): string {
  return `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;
}

/** Katib's db-manager (katib 0.19, pkg/db/v1beta1/mysql), which knows no TLS. Its password is in its Secret. */
export function katibVariables({
  host,
  port,
  username,
}: DatabaseConnection): Readonly<Record<string, pulumi.Input<string>>> {
  return {
    DB_NAME: "mysql",
    DB_USER: username,
    KATIB_MYSQL_DB_HOST: host,
    KATIB_MYSQL_DB_PORT: String(port),
    KATIB_MYSQL_DB_DATABASE: "katib",
  };
}
