/** What Kubeflow's own web apps are told of the login: where its logout is, and whether cookies are HTTPS's. Pure. */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { withValues } from "./pod-template.ts";
import type { LoginSettings } from "./settings.ts";

/** @param logout URL of the issuer's logout, or a path of the dashboard's host; undefined for oauth2-proxy's alone. */
export function webApp(
  object: KubernetesObject,
  { session }: LoginSettings,
  logout: string | undefined,
): KubernetesObject {
  if (object.kind !== "Deployment" || object.metadata.namespace !== "kubeflow") return object;
  return withValues(object, {
    ...(logout === undefined ? {} : { LOGOUT_URL: logout.startsWith("/") ? logout : signOut(logout) }),
    ...(session.cookie.secure ? {} : { APP_SECURE_COOKIES: "false" }),
  });
}

/** oauth2-proxy ends its own session, and sends the browser on. */
function signOut(next: string): string {
  return `/oauth2/sign_out?rd=${encodeURIComponent(next)}`;
}
