/** The first user of a release: its entry in Dex's configuration, and the owner of the profile that it begins with. Pure. */
import type { KubernetesObject } from "../../kubernetes/objects.ts";
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

/** Why the first user cannot be given that address; undefined when he can. */
export function adminEmailProblem(release: RenderedRelease, email: string): string | undefined {
  const places = release.objects.filter((object) => withAdminEmail(object, email) !== object);
  const needed = Object.values(release.componentOf).includes("dex") ? ["ConfigMap", "Profile"] : [];
  const missing =
    email === upstreamAdminEmail ? [] : needed.filter((kind) => !places.some((each) => each.kind === kind));
  return missing.length === 0
    ? undefined
    : `kubeflow:adminEmail: ${JSON.stringify(email)}; no ${missing.join(" and no ")} of the release names ` +
        `${upstreamAdminEmail}: upstream moved it`;
}
