/** Where the credentials of a release sit. Pure: the configuration is checked against the names, too. */
import { objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import type { RenderedRelease } from "../../release/types.ts";

/** What is generated, and how long it is: letters and digits only, since some end up in connection strings. */
export const credentialLengths = {
  "admin-password": 24,
  "oidc-client-secret": 40,
  // 32 bytes for AES-256: oauth2-proxy decodes what is base64 of that many.
  "cookie-secret": 43,
  "object-store-access-key": 20,
  "object-store-secret-key": 40,
  "pipelines-database-password": 32,
  "katib-database-password": 32,
  "model-registry-database-password": 32,
  "model-catalog-database-password": 32,
} as const;

export type CredentialName = keyof typeof credentialLengths;
export const credentialNames = Object.keys(credentialLengths) as readonly CredentialName[];

/** A field of a Secret that takes a credential. Everything else in a release refers to these Secrets. */
export interface CredentialPlace {
  readonly credential: CredentialName;
  /** Dex reads the bcrypt hash of the password. */
  readonly as: "value" | "bcrypt-hash";
  /** Key of the object (`objectKey`); `*` stands for any name, or the hash that kustomize appends. */
  readonly object: string;
  readonly field: string;
  /** The component of the release that brings it: with that there, the place has to be there. */
  readonly component?: string;
}

const places: readonly CredentialPlace[] = [
  place("admin-password", "Secret/auth/dex-passwords", "DEX_USER_PASSWORD", "dex", "bcrypt-hash"),
  place("oidc-client-secret", "Secret/auth/dex-oidc-client", "OIDC_CLIENT_SECRET", "dex"),
  place("oidc-client-secret", "Secret/oauth2-proxy/oauth2-proxy-*", "client-secret", "oauth2-proxy"),
  place("cookie-secret", "Secret/oauth2-proxy/oauth2-proxy-*", "cookie-secret", "oauth2-proxy"),
  place("object-store-access-key", "Secret/kubeflow/mlpipeline-minio-artifact", "accesskey", "pipelines"),
  place("object-store-secret-key", "Secret/kubeflow/mlpipeline-minio-artifact", "secretkey", "pipelines"),
  place("pipelines-database-password", "Secret/kubeflow/mysql-secret", "password", "pipelines"),
  place("katib-database-password", "Secret/kubeflow/katib-mysql-secrets", "MYSQL_ROOT_PASSWORD", "katib"),
  // In no release's example: for a lock that adds the model registry, on either database, in a namespace of its choice.
  place("model-registry-database-password", "Secret/*/model-registry-db-secrets", "MYSQL_ROOT_PASSWORD"),
  place("model-registry-database-password", "Secret/*/model-registry-db-secrets", "POSTGRES_PASSWORD"),
  place("model-catalog-database-password", "Secret/*/model-catalog-postgres", "POSTGRES_PASSWORD"),
];

function place(
  credential: CredentialName,
  object: string,
  field: string,
  component?: string,
  as: CredentialPlace["as"] = "value",
): CredentialPlace {
  return { credential, as, object, field, ...(component === undefined ? {} : { component }) };
}

/** The places in one object. */
export function placesIn(object: KubernetesObject): readonly CredentialPlace[] {
  if (object.kind !== "Secret") return [];
  const key = objectKey(object);
  return places.filter((each) => matches(each.object, key) && holderOf(object, each.field) !== undefined);
}

/** Which of a Secret's maps has the field; what is in `data` is base64. */
export function holderOf(secret: KubernetesObject, field: string): "data" | "stringData" | undefined {
  return (["data", "stringData"] as const).find((holder) => {
    const map = secret[holder];
    return typeof map === "object" && map !== null && field in map;
  });
}

/** Places that the release should have and has not: upstream moved them. */
export function missingPlaces(release: RenderedRelease): readonly string[] {
  const components = new Set(Object.values(release.componentOf));
  const found = new Set(release.objects.flatMap(placesIn));
  return places
    .filter((each) => each.component !== undefined && components.has(each.component) && !found.has(each))
    .map(
      ({ object, field, credential, component }) =>
        `${object}: has no ${field} (${credential}), or is not there, although the release has the component ` +
        `${component}: upstream moved it`,
    );
}

/**
 * The pipelines' database with the password of its clients, who read `mysql-secret`: upstream's has none, and allows
 * that. Any other object as it is.
 */
export function withDatabasePassword(object: KubernetesObject): KubernetesObject {
  if (objectKey(object) !== "Deployment.apps/kubeflow/mysql") return object;
  const secretKeyRef = { name: "mysql-secret", key: "password" };
  const replace = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(replace);
    if (typeof item !== "object" || item === null) return item;
    if ("name" in item && item.name === "MYSQL_ALLOW_EMPTY_PASSWORD") {
      return { name: "MYSQL_ROOT_PASSWORD", valueFrom: { secretKeyRef } };
    }
    return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, replace(value)]));
  };
  return { ...object, spec: replace(object["spec"]) };
}

function matches(pattern: string, key: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]+")}$`).test(key);
}
