/** The platform with an edge, as an engine sees it. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { edgeSettings } from "../../../components/kubeflow/edge/settings.ts";
import { KubeflowPlatform } from "../../../components/kubeflow/platform.ts";
import { KubeconfigTarget } from "../../../components/onprem/kubeconfig-target.ts";
import { computeOrder } from "../../../release/order/order.ts";
import { isSecret, record } from "../../support/recording.ts";
import { useRelease } from "../selection/support.ts";
import { domain, selfSigned, withEdge, zoneOfTests as zone } from "./support.ts";

const given = { kind: "own-ca", caCertificate: "ca", caKey: "ca-key" } as const;

describe("edge: the platform", () => {
  const release = useRelease();

  it("registers the edge under a component of its own, and a CA's key as a secret", async () => {
    const recording = await record(({ transformations }) => {
      const target = new KubeconfigTarget("cluster", {
        kind: "kubeconfig",
        kubeconfig: "clusters: []",
        clusterIdentifier: "c",
        admission: "enforced",
      });
      const settings = {
        edge: edgeSettings.parse({ domain, issuer: given, service: { type: "LoadBalancer" } }),
      };
      const secrets = { ca: pulumi.secret("certificate"), "ca-key": pulumi.secret("key") };
      const options = transformations === undefined ? {} : { transformations };
      new KubeflowPlatform("kubeflow", { target, release: release(), settings, secrets }, options);
    });
    const group = recording.one("kubeflow:kubeflow:Component", "edge");
    assert.ok(group);
    const secret = recording.one("kubernetes:core/v1:Secret", "cert-manager/kubeflow-edge-ca-ca");
    assert.ok(isSecret(secret.inputs["data"]));
    recording.one("kubernetes:cert-manager.io/v1:Certificate", "istio-system/kubeflow-gateway-tls");
  });

  it("asks for certificates once cert-manager answers for them, and for records once that may read", () => {
    const issuer = { kind: "acme", email: "ops@example.com" } as const;
    const customised = withEdge(release(), { ...selfSigned, issuer }, { target: { zone } });
    const { dependencies } = computeOrder(customised.release);
    const needs = (key: string): readonly string[] => dependencies.get(key) ?? assert.fail(`${key} is not there`);
    const webhook = "ValidatingWebhookConfiguration.admissionregistration.k8s.io//cert-manager-webhook";
    const certificate = "Certificate.cert-manager.io/istio-system/kubeflow-gateway-tls";
    const named = [...dependencies.keys()].find((key) =>
      key.startsWith("ClusterIssuer.cert-manager.io//kubeflow-edge"),
    );
    assert.ok(named);
    assert.ok(needs(named).includes(webhook), needs(named).join());
    assert.ok(needs(certificate).includes(named), needs(certificate).join());
    const records = needs("Deployment.apps/external-dns/external-dns");
    for (const needed of [
      "ServiceAccount/external-dns/external-dns",
      "ConfigMap/external-dns/external-dns",
      "ClusterRoleBinding.rbac.authorization.k8s.io//external-dns",
    ])
      assert.ok(records.includes(needed), `${needed} is not among ${records.join()}`);
  });

  it("serves nothing on the plain port before the login lets go of it", () => {
    const { dependencies } = computeOrder(withEdge(release(), selfSigned).release);
    const redirect = "EnvoyFilter.networking.istio.io/istio-system/kubeflow-https-only";
    const policies = [...dependencies].filter(([, needs]) => needs.includes(redirect)).map(([key]) => key);
    assert.ok(
      policies.includes("AuthorizationPolicy.security.istio.io/istio-system/istio-ingressgateway-oauth2-proxy"),
      policies.join(),
    );
  });
});
