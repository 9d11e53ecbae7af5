import assert from "node:assert/strict";
import { oauth2ProxyModel } from "../../../components/kubeflow/login/oauth2-proxy-model.ts";
import { findKnownCredentials } from "../../../components/shared/known-credentials.ts";
import { objectKey } from "../../../kubernetes/objects.ts";
import { listAt, textAt } from "../../../release/order/references.ts";
import { cfg } from "./cfg.ts";
import { access, cloudIssuer, customised, dexJwtKey, proxyCfg, requireJwtKey, resolved, upstream } from "./support.ts";

const own = {
  ...{ url: "https://sso.example.com", clientId: "kubeflow", clientSecret: "sso", groupsClaim: "roles" },
  emailClaim: "upn",
};
const direct = { mode: "direct", url: "https://kubeflow.example.com", issuer: own };
const secrets = { sso: "s3cret" };
const policyKey = "AuthorizationPolicy.security.istio.io/istio-system/istio-ingressgateway-oauth2-proxy";

describe("login at an issuer, without Dex", () => {
  it("installs nothing of Dex, and opens none of its paths", async () => {
    const made = await customised(direct, { secrets });
    assert.deepEqual(made.problems, []);
    const { release } = made;
    const left = release.objects.filter(
      (object) => object.metadata.namespace === "auth" || /\bdex[.-]/.test(object.metadata.name),
    );
    assert.deepEqual(left.map(objectKey), [dexJwtKey]);
    assert.ok(!release.crds.some(({ name }) => name.endsWith("dex.coreos.com")));
    for (const key of [policyKey, requireJwtKey]) {
      const text = JSON.stringify(made.object(key));
      assert.ok(text.includes('"notPaths":["/oauth2/*"]'), text);
    }
    assert.ok(!(await proxyCfg(made)).includes("dex"));
  });

  it("tells oauth2-proxy and the gateway of the same issuer, client and claims", async () => {
    const made = await customised(direct, { secrets });
    const config = oauth2ProxyModel.parse(cfg(await proxyCfg(made)));
    assert.partialDeepStrictEqual(config, {
      ...{ oidc_issuer_url: "https://sso.example.com", skip_oidc_discovery: false, oidc_groups_claim: "roles" },
      ...{ oidc_email_claim: "upn", redirect_url: "https://kubeflow.example.com/oauth2/callback", cookie_expire: "1h" },
    });
    assert.equal(config.prompt, undefined);
    assert.partialDeepStrictEqual(listAt(await resolved(made.object(dexJwtKey)), "spec", "jwtRules"), [
      {
        issuer: "https://sso.example.com",
        audiences: ["kubeflow"],
        outputClaimToHeaders: [
          { header: "kubeflow-userid", claim: "upn" },
          { header: "kubeflow-groups", claim: "roles" },
        ],
      },
    ]);
    const secret = (await resolved(made.object("Secret/oauth2-proxy/oauth2-proxy-h675gf55ht"))) as {
      data: Record<string, string>;
    };
    assert.equal(Buffer.from(secret.data["client-id"] ?? "", "base64").toString(), "kubeflow");
    assert.deepEqual(await resolved(made.credentials), { "oidc-client-secret": "s3cret" });
  });

  it("asks the endpoints that the settings name instead of those that the issuer would", async () => {
    const endpoints = {
      ...{ login: "https://sso.example.com/login", redeem: "https://sso.example.com/token" },
      jwks: "https://sso.example.com/keys",
    };
    const made = await customised({ ...direct, issuer: { ...own, endpoints } }, { secrets });
    assert.partialDeepStrictEqual(cfg(await proxyCfg(made)), {
      ...{ skip_oidc_discovery: true, login_url: endpoints.login, redeem_url: endpoints.redeem },
      oidc_jwks_url: endpoints.jwks,
    });
    assert.partialDeepStrictEqual(listAt(made.object(dexJwtKey), "spec", "jwtRules"), [{ jwksUri: endpoints.jwks }]);
  });

  it("takes the target's issuer, at the target's address of the dashboard", async () => {
    const told = { oidc: cloudIssuer("cognito:groups"), access: access("https://kubeflow.dev.example.com") };
    const made = await customised({ mode: "direct", issuer: "target", allow: { groups: ["ml"] } }, { told });
    assert.deepEqual(made.problems, []);
    assert.partialDeepStrictEqual(cfg(await proxyCfg(made)), {
      ...{ oidc_issuer_url: "https://issuer.example.com/pool", oidc_groups_claim: "cognito:groups" },
      redirect_url: "https://kubeflow.dev.example.com/oauth2/callback",
    });
    const policy = await resolved(
      made.object("AuthorizationPolicy.security.istio.io/istio-system/istio-ingressgateway-login-allow"),
    );
    assert.partialDeepStrictEqual(policy["spec"], {
      rules: [
        {
          from: [{ source: { requestPrincipals: ["https://issuer.example.com/pool/*"] } }],
          when: [{ key: "request.auth.claims[cognito:groups]", notValues: ["ml"] }],
        },
      ],
    });
  });

  it("asks for the scope of refreshes unless the issuer would refuse it", async () => {
    const scopeOf = async (session: object): Promise<string> =>
      oauth2ProxyModel.parse(cfg(await proxyCfg(await customised({ ...direct, session }, { secrets })))).scope;
    assert.match(await scopeOf({ refresh: "20m" }), / offline_access$/);
    assert.doesNotMatch(await scopeOf({ refresh: "20m", offlineAccess: false }), /offline/);
    assert.doesNotMatch(await scopeOf({}), /offline/);
  });
});

describe("login by Google's proxy", () => {
  const audience = "/projects/123/global/backendServices/456";

  it("installs neither Dex nor oauth2-proxy, and opens no path", async () => {
    const made = await customised({ mode: "iap", iap: { audience } });
    assert.deepEqual(made.problems, []);
    assert.match(made.notes.join(), /BackendConfig.*\/projects\/123\//);
    const spaces = new Set(made.release.objects.map(({ metadata }) => metadata.namespace));
    assert.ok(!spaces.has("auth") && !spaces.has("oauth2-proxy"));
    assert.ok(!made.has("Namespace//oauth2-proxy") && !made.has(policyKey));
    assert.deepEqual(made.object(requireJwtKey)["spec"], {
      ...{ action: "DENY", selector: { matchLabels: { app: "istio-ingressgateway" } } },
      rules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }] }],
    });
  });

  it("believes Google's token of the one backend", async () => {
    const made = await customised({ mode: "iap", iap: { audience } });
    assert.partialDeepStrictEqual(listAt(made.object(dexJwtKey), "spec", "jwtRules"), [
      {
        issuer: "https://cloud.google.com/iap",
        audiences: [audience],
        fromHeaders: [{ name: "x-goog-iap-jwt-assertion" }],
      },
    ]);
  });
});

describe("login of machines", () => {
  const m2mKey = "RequestAuthentication.security.istio.io/istio-system/m2m-token-issuer";
  const audience = "istio-ingressgateway.istio-system.svc.cluster.local";

  it("takes the service accounts' tokens that were made for the gateway", async () => {
    const issuer = "https://oidc.eks.eu-central-1.amazonaws.com/id/1";
    const made = await customised({ machines: { issuer } });
    assert.partialDeepStrictEqual(listAt(made.object(m2mKey), "spec", "jwtRules"), [
      {
        ...{ issuer, audiences: [audience] },
        outputClaimToHeaders: [
          { header: "kubeflow-userid", claim: "sub" },
          { header: "kubeflow-groups", claim: "groups" },
        ],
      },
    ]);
    const parameters = await resolved(made.object("ConfigMap/oauth2-proxy/oauth2-proxy-parameters-74659b6648"));
    assert.partialDeepStrictEqual(parameters["data"], {
      ...{ ENABLE_M2M_TOKENS: "true", EXTRA_JWT_ISSUERS: `${issuer}=${audience}` },
    });
  });

  it("takes the target's issuer, or keys that nobody has to be asked for", async () => {
    const cloud = await customised({ machines: {} }, { told: { tokenIssuer: cloudIssuer(undefined).issuerUrl } });
    const [rule] = listAt(await resolved(cloud.object(m2mKey)), "spec", "jwtRules");
    assert.equal(textAt(rule, "issuer"), "https://issuer.example.com/pool");
    const jwks = '{"keys":[{"kty":"RSA","n":"a","e":"AQAB"}]}';
    const issuer = "https://kubernetes.default.svc.cluster.local";
    const own = await customised({ machines: { issuer, jwks } });
    assert.partialDeepStrictEqual(own.object(m2mKey)["spec"], { jwtRules: [{ issuer, jwks }] });
  });
});

describe("every mode of login", () => {
  it("leaves none of upstream's credentials but those that are replaced", async () => {
    const before = (await upstream()).objects.flatMap((object) => findKnownCredentials(object)).length;
    assert.ok(before > 0, "the search finds upstream's own");
    for (const settings of [
      {},
      direct,
      { session: { clientGenerations: ["a"], cookie: { secretGenerations: ["a", "b"] } } },
    ]) {
      const { release } = await customised(settings, { secrets });
      const found = release.objects.filter(
        (object) => object.metadata.namespace === "oauth2-proxy" && findKnownCredentials(object).length > 0,
      );
      assert.deepEqual(found.map(objectKey), ["Secret/oauth2-proxy/oauth2-proxy-h675gf55ht"]);
    }
  });
});
