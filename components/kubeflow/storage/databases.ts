/** Which MySQL Pipelines and Katib use, and what stands against it. */
import { objectKey } from "../../../kubernetes/objects.ts";
import { at, listAt, textAt } from "../../../release/order/references.ts";
import type { ClusterTarget } from "../../contracts/cluster-target.ts";
import type { Database } from "../../contracts/database.ts";
import type { Customisation, PlatformContext } from "../customisation.ts";
import { databaseObjects, withKatibDatabase, withPipelinesDatabase } from "./database-objects.ts";
import { connectionTo } from "./database.ts";
import type { StorageSettings } from "./settings.ts";

export function databaseCustomisation(context: PlatformContext, settings: StorageSettings): Customisation {
  const { target, release } = context;
  const objects = new Map(release.objects.map((object) => [objectKey(object), object]));
  const pipelines = settings.database === "target" && objects.has("Deployment.apps/kubeflow/ml-pipeline");
  const katib =
    (settings.katibDatabase ?? settings.database) === "target" &&
    objects.has("Deployment.apps/kubeflow/katib-db-manager");
  if (!pipelines && !katib) return {};
  const { database } = target;
  const problems = databaseProblems(settings, target, katib);
  if (database === undefined || problems.length > 0) return { problems };
  const connection = connectionTo(database, settings);
  const [image] = listAt(
    at(objects.get("Deployment.apps/kubeflow/katib-mysql"), "spec", "template", "spec"),
    "containers",
  );
  const changes = [
    ...(pipelines ? [withPipelinesDatabase(connection)] : []),
    ...(katib ? [withKatibDatabase(connection, textAt(image, "image") ?? "mysql:8.0")] : []),
  ];
  return {
    notes: pipelines ? databaseNotes(settings, database) : [],
    change: (object) =>
      changes.reduce<typeof object | undefined>((changed, change) => changed && change(changed), object),
    additions: (pipelines ? databaseObjects(connection, database.password) : []).map((object) => ({
      component: "pipelines",
      object,
    })),
    credentials: {
      ...(pipelines ? { "pipelines-database-password": database.password } : {}),
      ...(katib ? { "katib-database-password": database.password } : {}),
    },
  };
}

function databaseProblems(
  { database, databaseTls }: StorageSettings,
  target: ClusterTarget,
  katib: boolean,
): readonly string[] {
  const key = `kubeflow:storage.${database === "target" ? "database" : "katibDatabase"}: target`;
  if (target.database === undefined) {
    return [`${key}: the target ${target.kind} has no database: set in-cluster, or give the target one`];
  }
  if (target.database.tls !== "required") return [];
  return [
    ...(databaseTls === "off"
      ? ["kubeflow:storage.databaseTls: off: the target's MySQL takes TLS only: set encrypt or verify"]
      : []),
    ...(katib
      ? [
          `${key}: the target's MySQL takes TLS only, and Katib's client, up to 0.19, knows none: set ` +
            "kubeflow:storage.katibDatabase to in-cluster, or let the database take connections without TLS, too",
        ]
      : []),
  ];
}

function databaseNotes({ databaseTls }: StorageSettings, { version }: Database): readonly string[] {
  return [
    ...(databaseTls === "verify"
      ? [
          "kubeflow:storage.databaseTls: verify: Pipelines' API server and cache check the database's certificate; ML " +
            "Metadata encrypts without checking it, which it cannot",
        ]
      : []),
    ...(/^8\.0/.test(version)
      ? []
      : [
          `kubeflow:storage.database: target: on MySQL ${version} the user has to log in by mysql_native_password, the ` +
            "only way that ML Metadata knows (google/ml-metadata#178)",
        ]),
  ];
}
