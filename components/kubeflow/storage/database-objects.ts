/** Upstream's objects with the target's MySQL in the place of those in the cluster. */
import * as pulumi from "@pulumi/pulumi";
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import {
  caFile,
  caFolder,
  certificateFolders,
  goDriverParameters,
  katibVariables,
  metadataConfig,
  metadataConfigFile,
  metadataConfigFolder,
  pipelinesDatabaseData,
  type DatabaseConnection,
} from "./database.ts";
import {
  environment,
  listAt,
  withContainer,
  withData,
  withMount,
  withPodMetadata,
  withPodSpec,
  withVariables,
} from "./workload.ts";

const pipelinesMysql = new Set([
  "Deployment.apps/kubeflow/mysql",
  "Service/kubeflow/mysql",
  "ServiceAccount/kubeflow/mysql",
  "PersistentVolumeClaim/kubeflow/mysql-pv-claim",
  "AuthorizationPolicy.security.istio.io/kubeflow/mysql",
  "DestinationRule.networking.istio.io/kubeflow/ml-pipeline-mysql",
]);
const katibMysql = new Set([
  "Deployment.apps/kubeflow/katib-mysql",
  "Service/kubeflow/katib-mysql",
  "PersistentVolumeClaim/kubeflow/katib-mysql",
]);
const caName = "mysql-ca";
const metadataConfigName = "metadata-store-config";
/** Upstream's name of ML Metadata's database, in `pipeline-install-config`. */
const metadataDatabase = "metadb";

/** Pipelines: API server, cache server and ML Metadata. */
export function withPipelinesDatabase(
  connection: DatabaseConnection,
): (object: KubernetesObject) => KubernetesObject | undefined {
  const parameters = goDriverParameters(connection);
  return (object) => {
    const key = objectKey(object);
    if (pipelinesMysql.has(key)) return undefined;
    switch (key) {
      case "ConfigMap/kubeflow/pipeline-install-config":
        return withData(object, pipelinesDatabaseData(connection));
      case "Secret/kubeflow/mysql-secret":
        return withData(object, { username: connection.username }, "stringData");
      case "Deployment.apps/kubeflow/ml-pipeline": {
        const variables = parameters === undefined ? {} : { DBCONFIG_MYSQLCONFIG_EXTRAPARAMS: parameters };
        return withCa(restarted(withVariables(object, variables), connection), connection);
      }
      case "Deployment.apps/kubeflow/cache-server": {
        const args = parameters === undefined ? [] : [`--db_extra_params=${parameters}`];
        return withCa(restarted(withArgs(object, args), connection), connection);
      }
      case "Deployment.apps/kubeflow/metadata-grpc-deployment":
        return restarted(withMetadataConfig(object, connection), connection);
      default:
        return object;
    }
  };
}

/** Katib's db-manager, which finds its own database missing on a MySQL that others use. */
export function withKatibDatabase(
  connection: DatabaseConnection,
  /** Of the MySQL that the release brings: its client makes the database. */
  clientImage: string,
): (object: KubernetesObject) => KubernetesObject | undefined {
  const password = { secretKeyRef: { name: "katib-mysql-secrets", key: "MYSQL_ROOT_PASSWORD" } };
  const script =
    'mysql --host="$KATIB_MYSQL_DB_HOST" --port="$KATIB_MYSQL_DB_PORT" --user="$DB_USER" ' +
    '--execute="CREATE DATABASE IF NOT EXISTS $KATIB_MYSQL_DB_DATABASE"';
  const initContainer = {
    name: "database",
    image: clientImage,
    command: ["sh", "-c", script],
    env: environment({ ...katibVariables(connection), MYSQL_PWD: password }),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      runAsUser: 999,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
  return (object) => {
    const key = objectKey(object);
    if (katibMysql.has(key)) return undefined;
    if (key !== "Deployment.apps/kubeflow/katib-db-manager") return object;
    const changed = withVariables(object, katibVariables(connection));
    return restarted(
      withPodSpec(changed, (spec) => ({ ...spec, initContainers: [initContainer, ...listAt(spec, "initContainers")] })),
      connection,
    );
  };
}

/** Objects that Pipelines' clients need beside. */
export function databaseObjects(
  connection: DatabaseConnection,
  password: pulumi.Input<string>,
): readonly KubernetesObject[] {
  const { ca, tls } = connection;
  const metadata = (name: string): KubernetesObject["metadata"] => ({ name, namespace: "kubeflow" });
  const config = pulumi
    .all([connection.host, password])
    .apply(([host, secret]) => metadataConfig(connection, { host, database: metadataDatabase, password: secret }));
  return [
    ...(ca === undefined
      ? []
      : [{ apiVersion: "v1", kind: "ConfigMap", metadata: metadata(caName), data: { [caFile]: ca } }]),
    ...(tls === "off"
      ? []
      : [
          {
            apiVersion: "v1",
            kind: "Secret",
            metadata: metadata(metadataConfigName),
            stringData: { [metadataConfigFile]: pulumi.secret(config) },
          },
        ]),
  ];
}

/** Encrypted only by a configuration file, which its flags for the database give way to. */
function withMetadataConfig(object: KubernetesObject, { tls }: DatabaseConnection): KubernetesObject {
  if (tls === "off") return object;
  const withFile = withContainer(object, (container) => ({
    ...container,
    args: [
      ...listAt(container, "args").filter((arg) => !/^--(mysql_config_|enable_database_upgrade)/.test(String(arg))),
      `--metadata_store_server_config_file=${metadataConfigFolder}/${metadataConfigFile}`,
    ],
  }));
  return withMount(withFile, metadataConfigFolder, "metadata-store-config", {
    secret: { secretName: metadataConfigName },
  });
}

function withArgs(object: KubernetesObject, args: readonly string[]): KubernetesObject {
  return withContainer(object, (container) => ({ ...container, args: [...listAt(container, "args"), ...args] }));
}

function withCa(object: KubernetesObject, { ca }: DatabaseConnection): KubernetesObject {
  if (ca === undefined) return object;
  const mounted = withMount(object, caFolder, caName, { configMap: { name: caName } });
  return withVariables(mounted, { SSL_CERT_DIR: certificateFolders });
}

/** Pods read their database from a ConfigMap when they start: another database starts them again. */
function restarted(object: KubernetesObject, { host, port, username }: DatabaseConnection): KubernetesObject {
  return withPodMetadata(object, {
    annotations: { "kubeflow-pulumi.dev/database": pulumi.interpolate`${username}@${host}:${port}` },
  });
}
