/** oauth2-proxy's objects with the configuration of the settings, and who it is at the issuer. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { Addition } from "../customisation.ts";
import { configAnnotation } from "./dex-objects.ts";
import { withPodTemplate } from "./pod-template.ts";
import type { LoginSettings } from "./settings.ts";

/** Secrets of one generation, where it is not upstream's own. */
export interface ProxySecrets {
  /** Client id and secret of the newest client; undefined when they are in upstream's Secret. */
  readonly client?: { readonly id: pulumi.Input<string>; readonly secret: pulumi.Output<string> };
  /** Undefined when it is in upstream's Secret. */
  readonly cookie?: pulumi.Output<string>;
}

export interface ProxyObjects {
  readonly settings: LoginSettings;
  /** Text of oauth2_proxy.cfg. */
  readonly config: pulumi.Input<string>;
  /** The same with the cookie of the generation before; undefined when there is none. */
  readonly previousConfig: pulumi.Input<string> | undefined;
  readonly secrets: ProxySecrets;
  /** With the mode `direct`: in place of the id of our client at Dex. */
  readonly clientId?: pulumi.Output<string>;
  /** `ISSUER=AUDIENCE`; empty for none. */
  readonly extraIssuer: pulumi.Input<string>;
}

const secretName = "login";

/** How the settings change an object of the component `oauth2-proxy`. */
export function changeProxy(proxy: ProxyObjects): (object: KubernetesObject) => KubernetesObject {
  const annotations = configAnnotations(proxy.config);
  return (object) => {
    const { data } = object as { readonly data?: Readonly<Record<string, unknown>> };
    switch (object.kind) {
      case "ConfigMap":
        if (data?.["oauth2_proxy.cfg"] !== undefined) return { ...object, data: { "oauth2_proxy.cfg": proxy.config } };
        return data?.["FORCE_HTTPS"] === undefined ? object : { ...object, data: parametersOf(proxy) };
      case "Secret":
        if (proxy.clientId === undefined || data?.["client-id"] === undefined) return object;
        return { ...object, data: { ...data, "client-id": encoded(proxy.clientId) } };
      case "Deployment":
        return withPodTemplate(object, {
          annotations,
          env: environmentOf(proxy.secrets),
        });
      default:
        return object;
    }
  };
}

/** What the Deployment's variables say; upstream's words for them. */
function parametersOf({ settings, extraIssuer }: ProxyObjects): object {
  return {
    FORCE_HTTPS: String(settings.session.cookie.secure),
    // Upstream's true skips the check of every issuer's certificate; Dex's address in the cluster has none to check.
    ALLOW_SELF_SIGNED_ISSUER: "false",
    ENABLE_M2M_TOKENS: String(settings.machines !== undefined),
    EXTRA_JWT_ISSUERS: extraIssuer,
  };
}

export function environmentOf({ client, cookie }: ProxySecrets, cookieFrom = secretName) {
  const from = (name: string, key: string, secret = secretName) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  });
  return [
    ...(client === undefined
      ? []
      : [from("OAUTH2_PROXY_CLIENT_ID", "client-id"), from("OAUTH2_PROXY_CLIENT_SECRET", "client-secret")]),
    ...(cookie === undefined ? [] : [from("OAUTH2_PROXY_COOKIE_SECRET", "cookie-secret", cookieFrom)]),
  ];
}

export function proxyAdditions({ client, cookie }: ProxySecrets): readonly Addition[] {
  const stringData = {
    ...(client === undefined ? {} : { "client-id": client.id, "client-secret": client.secret }),
    ...(cookie === undefined ? {} : { "cookie-secret": cookie }),
  };
  if (Object.keys(stringData).length === 0) return [];
  const metadata = { name: secretName, namespace: "oauth2-proxy" };
  return [
    { component: "oauth2-proxy", object: { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", stringData } },
  ];
}

/** On the pods that read the configuration. */
export function configAnnotations(config: pulumi.Input<string>): Readonly<Record<string, pulumi.Input<string>>> {
  return { [configAnnotation]: typeof config === "string" ? digestOf(config) : pulumi.output(config).apply(digestOf) };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function encoded(text: pulumi.Output<string>): pulumi.Output<string> {
  return text.apply((plain) => Buffer.from(plain).toString("base64"));
}
