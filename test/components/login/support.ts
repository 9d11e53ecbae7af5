/** The login's concern on the real release, without an engine. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { ClusterTarget } from "../../../components/contracts/cluster-target.ts";
import { customise, type CustomisedRelease } from "../../../components/kubeflow/customisation.ts";
import { login } from "../../../components/kubeflow/login/login.ts";
import { loginSettings } from "../../../components/kubeflow/login/settings.ts";
import { KubeconfigTarget } from "../../../components/onprem/kubeconfig-target.ts";
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { textAt } from "../../../release/order/references.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import { bareRelease, loadRelease } from "../../../stacks/release.ts";
import { record, type Recording } from "../../support/recording.ts";

let loaded: Promise<RenderedRelease> | undefined;

export function upstream(): Promise<RenderedRelease> {
  return (loaded ??= loadRelease(bareRelease("26.03", "lean")));
}

/** What a target may tell the login. */
export type Told = Partial<Pick<ClusterTarget, "oidc" | "tokenIssuer" | "access" | "existing">>;

export const cloudIssuer = (groupsClaim: string | undefined): NonNullable<ClusterTarget["oidc"]> => ({
  issuerUrl: pulumi.output("https://issuer.example.com/pool"),
  clientId: pulumi.output("pool-client"),
  clientSecret: pulumi.secret("pool-secret"),
  groupsClaim,
  extraScopes: [],
});

export const access = (dashboardUrl: string): NonNullable<ClusterTarget["access"]> => ({
  kubeconfigCommand: pulumi.output("kubectl"),
  dashboardUrl,
  nextSteps: [],
});

export interface Customised extends CustomisedRelease {
  readonly recording: Recording;
  readonly object: (key: string) => KubernetesObject;
  readonly has: (key: string) => boolean;
}

/** The release as the settings, and nothing else, make it. */
export async function customised(
  settings: unknown,
  {
    told = {},
    secrets = {},
    release,
  }: { told?: Told; secrets?: Readonly<Record<string, string>>; release?: RenderedRelease } = {},
): Promise<Customised> {
  const of = release ?? (await upstream());
  const results: CustomisedRelease[] = [];
  const recording = await record(
    (options) => {
      const target: ClusterTarget = Object.assign(
        new KubeconfigTarget(
          "cluster",
          { kind: "kubeconfig", kubeconfig: "clusters: []", clusterIdentifier: "c", admission: "enforced" },
          options,
        ),
        told,
      );
      const parent = new pulumi.ComponentResource("test:login:Parent", "parent", {}, options);
      const named = Object.entries(secrets).map(([name, value]) => [name, pulumi.secret(value)] as const);
      results.push(
        customise(
          {
            ...{ name: "kubeflow", target, release: of, adminEmail: "admin@example.com", parent },
            settings: { login: loginSettings.parse(settings) },
            secrets: Object.fromEntries(named),
          },
          [login],
        ),
      );
    },
    ({ type, name }) =>
      type === "random:index/randomPassword:RandomPassword"
        ? { result: `made-${name}`, bcryptHash: `$2a$10$hash-of-${name}` }
        : {},
  );
  const [result] = results;
  assert.ok(result);
  const byKey = new Map(result.release.objects.map((object) => [objectKey(object), object]));
  return {
    ...result,
    recording,
    object: (key) => {
      const object = byKey.get(key);
      assert.ok(object, `no ${key}`);
      return object;
    },
    has: (key) => byKey.has(key),
  };
}

/** Plain data of an object whose values the apply knows. */
export async function resolved(value: unknown): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    pulumi.output(value as Record<string, unknown>).apply(resolve);
  });
}

export function dexYaml({ object }: Customised): unknown {
  return parse(textAt(object("ConfigMap/auth/dex"), "data", "config.yaml") ?? "");
}

export async function proxyCfg({ object }: Customised, key = proxyConfigKey): Promise<string> {
  const { data } = (await resolved(object(key))) as { data: Record<string, string> };
  return data["oauth2_proxy.cfg"] ?? "";
}

export const proxyConfigKey = "ConfigMap/oauth2-proxy/oauth2-proxy-hk55gm96k4";
export const proxyKey = "Deployment.apps/oauth2-proxy/oauth2-proxy";
export const dexJwtKey = "RequestAuthentication.security.istio.io/istio-system/dex-jwt";
export const requireJwtKey = "AuthorizationPolicy.security.istio.io/istio-system/istio-ingressgateway-require-jwt";
