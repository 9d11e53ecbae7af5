/** What ECR can mirror. Pure. */
import type { EksSettings } from "./settings.ts";

type Credentials = EksSettings["pullThroughCredentials"];
type Upstream = EksSettings["pullThrough"][number];

/** Registries that ECR can mirror: where they are, what their part of ours is called, and whether they want a login. */
export const mirrors: Partial<
  Record<Upstream, { readonly host: string; readonly folder: string; readonly login: boolean }>
> = {
  "docker.io": { host: "registry-1.docker.io", folder: "docker", login: true },
  "ghcr.io": { host: "ghcr.io", folder: "ghcr", login: true },
  "quay.io": { host: "quay.io", folder: "quay", login: false },
  "registry.k8s.io": { host: "registry.k8s.io", folder: "k8s", login: false },
};

/** ECR's limit for what a mirrored repository's name begins with, less the longest folder. */
export const longestMirroredName = 30 - "/docker".length;

export function credentialOf(upstream: Upstream, credentials: Credentials): string | undefined {
  return upstream === "docker.io" || upstream === "ghcr.io" ? credentials[upstream] : undefined;
}

/** Why ECR cannot mirror a registry; undefined when it can. */
export function unmirroredReason(upstream: Upstream, credentials: Credentials): string | undefined {
  const mirror = mirrors[upstream];
  if (mirror === undefined) return `${upstream} is not mirrored: ECR cannot`;
  return mirror.login && credentialOf(upstream, credentials) === undefined
    ? `${upstream} is not mirrored: ECR wants an account there. Put its user name and access token in a secret named ecr-pullthroughcache/${mirror.folder}, and the secret's ARN in kubeflow:eks.pullThroughCredentials`
    : undefined;
}
