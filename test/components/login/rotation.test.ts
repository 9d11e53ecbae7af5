import assert from "node:assert/strict";
import { parse } from "yaml";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { at, listAt, textAt } from "../../../release/order/references.ts";
import { customised, proxyCfg, proxyKey, resolved, type Customised } from "./support.ts";

const two = { session: { cookie: { secretGenerations: ["2026-11", "default"] } } };
const previousKey = "Deployment.apps/oauth2-proxy/oauth2-proxy-previous";
const istio = "AuthorizationPolicy.security.istio.io/istio-system/istio-ingressgateway-oauth2-proxy";

/** The Secret and key of the cookie secret. */
async function cookieSecret(made: Customised, key: string): Promise<unknown> {
  const containers = listAt(await resolved(made.object(key)), "spec", "template", "spec", "containers");
  const all = containers.flatMap((container) => listAt(container, "env"));
  const found = all.filter((variable) => textAt(variable, "name") === "OAUTH2_PROXY_COOKIE_SECRET");
  assert.equal(found.length, 1, "one variable of the name");
  return at(found[0], "valueFrom", "secretKeyRef");
}

function whenOf(policy: KubernetesObject): readonly unknown[] {
  const { rules } = policy["spec"] as { readonly rules: readonly { readonly when: readonly unknown[] }[] };
  return rules.map(({ when }) => when.at(-1));
}

describe("rotation of the cookie secret without a logout", () => {
  it("runs a second oauth2-proxy that has the secret and the cookie of before, and nothing else of its own", async () => {
    const made = await customised(two);
    assert.deepEqual(made.problems, []);
    assert.deepEqual(await cookieSecret(made, proxyKey), { name: "login", key: "cookie-secret" });
    assert.deepEqual(await cookieSecret(made, previousKey), {
      ...{ name: "oauth2-proxy-h675gf55ht", key: "cookie-secret" },
    });
    const [newest, before] = [
      await proxyCfg(made),
      await proxyCfg(made, "ConfigMap/oauth2-proxy/oauth2-proxy-previous"),
    ];
    assert.match(newest, /^cookie_name = "oauth2_proxy_kubeflow-2026-11"$/m);
    assert.equal(before, newest.replace("oauth2_proxy_kubeflow-2026-11", "oauth2_proxy_kubeflow"));
    const { spec } = await resolved(made.object(previousKey));
    const labels = at(spec, "template", "metadata", "labels");
    assert.ok(labels);
    assert.deepEqual(at(spec, "selector", "matchLabels"), labels);
    assert.equal(textAt(spec, "template", "spec", "serviceAccountName"), "oauth2-proxy-previous");
    assert.ok(
      listAt(spec, "template", "spec", "volumes").some(
        (volume) =>
          JSON.stringify(volume) === '{"configMap":{"name":"oauth2-proxy-previous"},"name":"oauth2-proxy-config"}',
      ),
    );
    for (const key of ["Service", "NetworkPolicy.networking.k8s.io"])
      assert.match(
        JSON.stringify(made.object(`${key}/oauth2-proxy/oauth2-proxy-previous`)),
        /"oauth2-proxy-previous"\}/,
      );
  });

  it("asks either of the two, never both and never none", async () => {
    const made = await customised(two);
    const header = "request.headers[x-kubeflow-login]";
    const second = made.object(`${istio}-previous`);
    assert.deepEqual(whenOf(made.object(istio)), [{ key: header, notValues: ["previous"] }]);
    assert.deepEqual(whenOf(second), [{ key: header, values: ["previous"] }]);
    assert.partialDeepStrictEqual(second["spec"], { action: "CUSTOM", provider: { name: "oauth2-proxy-previous" } });
    const { mesh } = made.object("ConfigMap/istio-system/istio")["data"] as { mesh: string };
    const { extensionProviders, rootNamespace } = parse(mesh) as {
      readonly extensionProviders: readonly { readonly name: string; readonly envoyExtAuthzHttp: object }[];
      readonly rootNamespace: string;
    };
    assert.deepEqual(
      [extensionProviders.map(({ name }) => name), rootNamespace],
      [["oauth2-proxy", "oauth2-proxy-previous"], "istio-system"],
    );
    const [first, next] = extensionProviders.map(({ envoyExtAuthzHttp }) => envoyExtAuthzHttp);
    assert.deepEqual(next, { ...first, service: "oauth2-proxy-previous.oauth2-proxy.svc.cluster.local" });
    assert.match(
      JSON.stringify(made.object("Deployment.apps/istio-system/istiod")),
      /"PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS","value":"true"/,
    );
  });

  it("logs out where the session is known, before the route that would take the request otherwise", async () => {
    const made = await customised(two);
    const { http } = made.object("VirtualService.networking.istio.io/oauth2-proxy/oauth2-proxy")["spec"] as {
      readonly http: readonly { readonly match: readonly object[] }[];
    };
    assert.deepEqual(
      http.map(({ match }) => match),
      [
        [{ uri: { prefix: "/oauth2/sign_out" }, headers: { "x-kubeflow-login": { exact: "previous" } } }],
        [{ uri: { prefix: "/oauth2/" } }],
      ],
    );
  });

  it("keeps both cookies from workloads, and is gone with the second name", async () => {
    const filter = "EnvoyFilter.networking.istio.io/istio-system/login-stays-at-the-gateway";
    const during = JSON.stringify((await customised(two)).object(filter));
    assert.ok(during.includes(String.raw`{\"oauth2_proxy_kubeflow-2026-11\", \"oauth2_proxy_kubeflow\"}`), during);
    const after = await customised({ session: { cookie: { secretGenerations: ["2026-11"] } } });
    assert.ok(!after.has(previousKey) && !after.has(`${istio}-previous`));
    assert.match(await proxyCfg(after), /^cookie_name = "oauth2_proxy_kubeflow-2026-11"$/m);
    assert.doesNotMatch(JSON.stringify(after.object("Deployment.apps/istio-system/istiod")), /MULTIPLE_CUSTOM/);
  });

  it("makes the secret of a generation once, whether it is the newest or the one before", async () => {
    const valueOf = async (secretGenerations: readonly string[], key: string): Promise<unknown> => {
      const made = await customised({ session: { cookie: { secretGenerations } } });
      return (await resolved(made.object(key)))["stringData"];
    };
    const first = await valueOf(["a"], "Secret/oauth2-proxy/login");
    assert.deepEqual(first, { "cookie-secret": "made-kubeflow-login-cookie-a" });
    assert.deepEqual(await valueOf(["b", "a"], "Secret/oauth2-proxy/oauth2-proxy-previous"), first);
  });
});
