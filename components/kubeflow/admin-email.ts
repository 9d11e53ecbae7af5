/** The first user of a release: its entry in Dex's configuration, and the owner of the profile that it begins with. Pure. */
import { objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import type { RenderedRelease } from "../../release/types.ts";
import { mapTexts } from "../shared/map-texts.ts";

/** Upstream's. Nobody's address: the domain is reserved for examples. */
export const upstreamAdminEmail = "user@example.com";

/** The object with another first user, wherever it names upstream's. */
export function withAdminEmail(object: KubernetesObject, email: string): KubernetesObject {
  if (email === upstreamAdminEmail) return object;
  // Neither has a character that JSON or YAML would write in another way; see the key in stacks/config.ts.
  return mapTexts(object, (text) => text.replaceAll(upstreamAdminEmail, email));
}

/** Why the first user cannot be given that address; undefined when he can, or is not there. */
export function adminEmailProblem(release: RenderedRelease, email: string): string | undefined {
  if (email === upstreamAdminEmail) return undefined;
  const named = release.objects.filter((object) => withAdminEmail(object, email) !== object);
  const needed = [
    ...(release.objects.some(isDexWithFirstUser) ? ["ConfigMap"] : []),
    // Those of tenants have owners of their own.
    ...(release.objects.some((object) => isProfileOfRelease(object, release)) ? ["Profile"] : []),
  ];
  const missing = needed.filter((kind) => !named.some((each) => each.kind === kind));
  return missing.length === 0
    ? undefined
    : `kubeflow:adminEmail: ${JSON.stringify(email)}; no ${missing.join(" and no ")} of the release names ` +
        `${upstreamAdminEmail}: upstream moved it`;
}

/** The first user's password is the one that Dex's configuration takes from this variable. */
function isDexWithFirstUser({ kind, data }: KubernetesObject): boolean {
  return kind === "ConfigMap" && Object.values(data ?? {}).some((text) => String(text).includes("DEX_USER_PASSWORD"));
}

function isProfileOfRelease(object: KubernetesObject, { componentOf }: RenderedRelease): boolean {
  return object.kind === "Profile" && componentOf[objectKey(object)] !== "tenants";
}
