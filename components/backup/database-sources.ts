/** Which MySQL servers there are to dump, and how each is reached: read off the release as the other concerns left it. */
import type * as pulumi from "@pulumi/pulumi";
import { objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { at, listAt } from "../../release/order/references.ts";
import type { RenderedRelease } from "../../release/types.ts";
import type { ClusterTarget } from "../contracts/cluster-target.ts";
import { caFile, connectionTo, type DatabaseConnection } from "../kubeflow/storage/database.ts";
import type { StorageSettings } from "../kubeflow/storage/settings.ts";

/** A variable's text, or where it comes from. */
type Value =
  | pulumi.Input<string>
  | { readonly from: "secretKeyRef" | "configMapKeyRef"; readonly name: string; readonly key: string };

export interface DatabaseSource {
  /** Of files, and what its variables begin with. */
  readonly name: "pipelines" | "katib" | "registry";
  readonly variables: Readonly<Record<"HOST" | "PORT" | "USER" | "PASSWORD" | "DATABASES", Value>>;
  readonly tls: DatabaseConnection["tls"];
  /** In PEM; with `verify`, where public authorities do not vouch for the server. */
  readonly ca?: string;
  /** Whether only the mesh reaches it: the one of Pipelines in the cluster. */
  readonly inMesh: boolean;
}

const namespace = "kubeflow";

export function databaseSources(
  release: Pick<RenderedRelease, "objects">,
  storage: StorageSettings | undefined,
  { database }: Pick<ClusterTarget, "database">,
): readonly DatabaseSource[] {
  const objects = new Map(release.objects.map((object) => [objectKey(object), object]));
  const deployment = (name: string): KubernetesObject | undefined =>
    objects.get(`Deployment.apps/${namespace}/${name}`);
  /** How the target's is talked to, if that is the one. */
  const outside = (chosen: "in-cluster" | "target" | undefined): Pick<DatabaseSource, "tls" | "ca"> => {
    if (chosen !== "target" || storage === undefined || database === undefined) return { tls: "off" };
    const { tls, ca } = connectionTo(database, storage);
    return { tls, ...(ca === undefined ? {} : { ca }) };
  };
  return [
    ...(deployment("ml-pipeline") === undefined
      ? []
      : [
          {
            name: "pipelines",
            variables: {
              HOST: setting("dbHost"),
              PORT: setting("dbPort"),
              USER: secret("mysql-secret", "username"),
              PASSWORD: secret("mysql-secret", "password"),
              // One transaction over all three: runs, their artifacts' metadata, and the cache that points to both.
              DATABASES: ["pipelineDb", "mlmdDb", "cacheDb"]
                .map((key) => String(at(objects.get(`ConfigMap/${namespace}/pipeline-install-config`), "data", key)))
                .join(" "),
            },
            ...outside(storage?.database),
            inMesh: deployment("mysql") !== undefined,
          } as const,
        ]),
    ...katib(deployment("katib-db-manager"), outside(storage?.katibDatabase ?? storage?.database)),
    ...(deployment("model-registry-db") === undefined
      ? []
      : [
          {
            name: "registry",
            variables: {
              HOST: "model-registry-db",
              PORT: { from: "configMapKeyRef", name: "model-registry-db-parameters", key: "MYSQL_PORT" },
              USER: secret("model-registry-db-secrets", "MYSQL_USER_NAME"),
              PASSWORD: secret("model-registry-db-secrets", "MYSQL_ROOT_PASSWORD"),
              DATABASES: { from: "configMapKeyRef", name: "model-registry-db-parameters", key: "MYSQL_DATABASE" },
            },
            tls: "off",
            inMesh: false,
          } as const,
        ]),
  ];
}

/** As its db-manager is told, whose defaults are those of Katib 0.19. */
function katib(
  manager: KubernetesObject | undefined,
  outside: Pick<DatabaseSource, "tls" | "ca">,
): readonly DatabaseSource[] {
  if (manager === undefined) return [];
  const [container] = listAt(at(manager, "spec", "template", "spec"), "containers");
  const told = (name: string, otherwise: string): Value => {
    const found = listAt(container, "env").find((each) => at(each, "name") === name);
    // An output, where only the apply knows it.
    return (at(found, "value") as pulumi.Input<string> | undefined) ?? otherwise;
  };
  return [
    {
      name: "katib",
      variables: {
        HOST: told("KATIB_MYSQL_DB_HOST", "katib-mysql"),
        PORT: told("KATIB_MYSQL_DB_PORT", "3306"),
        USER: told("DB_USER", "root"),
        PASSWORD: secret("katib-mysql-secrets", "MYSQL_ROOT_PASSWORD"),
        DATABASES: told("KATIB_MYSQL_DB_DATABASE", "katib"),
      },
      ...outside,
      inMesh: false,
    },
  ];
}

function setting(key: string): Value {
  return { from: "configMapKeyRef", name: "pipeline-install-config", key };
}

function secret(name: string, key: string): Value {
  return { from: "secretKeyRef", name, key };
}

/** `env` of what dumps and restores. */
export function sourceEnvironment(sources: readonly DatabaseSource[]): readonly object[] {
  return sources.flatMap((source) =>
    Object.entries(source.variables).map(([name, value]) => {
      const variable = `${source.name}_${name}`;
      if (typeof value !== "object" || !("from" in value)) return { name: variable, value };
      const { from, name: object, key } = value;
      return { name: variable, valueFrom: { [from]: { name: object, key } } };
    }),
  );
}

/**
 * Options of one server's clients, by file. What begins with `loose-` a client that does not know it passes over: those of
 * MySQL and of MariaDB call TLS by different names, and only MySQL's write down transaction ids.
 */
export function optionFiles(
  sources: readonly DatabaseSource[],
  /** Where certificates are mounted. */
  folder: string,
): Readonly<Record<string, string>> {
  const files = sources.flatMap(({ name, tls, ca }) => {
    const trusted = ca === undefined ? "/etc/pki/tls/certs/ca-bundle.crt" : `${folder}/${name}-${caFile}`;
    const encrypted = {
      off: ["loose-ssl-mode=PREFERRED"],
      encrypt: ["loose-ssl", "loose-ssl-mode=REQUIRED"],
      verify: ["loose-ssl", "loose-ssl-verify-server-cert", "loose-ssl-mode=VERIFY_IDENTITY", `ssl-ca=${trusted}`],
    }[tls];
    const lines = [
      "[client]",
      ...encrypted,
      "[mysqldump]",
      "loose-set-gtid-purged=OFF",
      "loose-column-statistics=0",
      "",
    ];
    return [
      [`${name}.cnf`, lines.join("\n")] as const,
      ...(ca === undefined ? [] : [[`${name}-${caFile}`, ca] as const]),
    ];
  });
  return Object.fromEntries(files);
}
