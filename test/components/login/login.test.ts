import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { dexModel } from "../../../components/kubeflow/login/dex-model.ts";
import { oauth2ProxyModel } from "../../../components/kubeflow/login/oauth2-proxy-model.ts";
import { objectKey } from "../../../kubernetes/objects.ts";
import { at, listAt } from "../../../release/order/references.ts";
import {
  access,
  cloudIssuer,
  customised,
  dexJwtKey,
  dexYaml,
  proxyCfg,
  proxyConfigKey,
  proxyKey,
  requireJwtKey,
  resolved,
  upstream,
} from "./support.ts";
import { cfg } from "./cfg.ts";
import { everyConnector, everySecret } from "./every-connector.ts";

describe("login with Dex", () => {
  it("changes nothing when it is not set, and no object of another component when it is", async () => {
    const before = await upstream();
    const { release, problems } = await customised({});
    assert.deepEqual(problems, []);
    const changed = release.objects.filter((object) => !before.objects.includes(object)).map(objectKey);
    assert.deepEqual(
      changed.toSorted(),
      [
        "ConfigMap/auth/dex",
        proxyConfigKey,
        "ConfigMap/oauth2-proxy/oauth2-proxy-parameters-74659b6648",
        "Deployment.apps/auth/dex",
        proxyKey,
        "EnvoyFilter.networking.istio.io/istio-system/login-stays-at-the-gateway",
        "AuthorizationPolicy.security.istio.io/istio-system/istio-ingressgateway-oauth2-proxy",
        requireJwtKey,
        dexJwtKey,
      ].toSorted(),
    );
  });

  it("renders what Dex 2.45 and oauth2-proxy 7.14 document, and nothing else", async () => {
    const made = await customised(everyConnector, {
      secrets: everySecret,
      told: { oidc: cloudIssuer("cognito:groups") },
    });
    assert.deepEqual(made.problems, []);
    dexModel.parse(dexYaml(made));
    oauth2ProxyModel.parse(cfg(await proxyCfg(made)));
  });

  it("writes no secret in a ConfigMap, and gives Dex each in a variable that its configuration names", async () => {
    const made = await customised(everyConnector, { secrets: everySecret, told: { oidc: cloudIssuer("groups") } });
    const config = JSON.stringify(dexYaml(made));
    for (const value of Object.values(everySecret)) assert.ok(!config.includes(value), value);
    const named = [...config.matchAll(/\$([A-Z0-9_]+)/g), ...config.matchAll(/Env":"([A-Z0-9_]+)"/g)];
    const stringData = made.object("Secret/auth/dex-login")["stringData"] as Record<string, pulumi.Output<string>>;
    const upstreams = ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "DEX_USER_PASSWORD"];
    assert.deepEqual(
      new Set(named.map(([, name]) => name).filter((name) => !upstreams.includes(name ?? ""))),
      new Set(Object.keys(stringData)),
    );
    const { DEX_CONNECTOR_LDAP_BIND_PASSWORD: bindPassword } = stringData;
    assert.ok(bindPassword !== undefined && (await pulumi.isSecret(bindPassword)));
    const [container] = listAt(made.object("Deployment.apps/auth/dex"), "spec", "template", "spec", "containers");
    assert.deepEqual(
      [listAt(container, "envFrom").at(-1), listAt(container, "volumeMounts").at(-1)],
      [{ secretRef: { name: "dex-login" } }, { name: "login-keys", mountPath: "/etc/dex/keys", readOnly: true }],
    );
  });

  it("gives each user a password of their own, or the one that they chose", async () => {
    const users = [
      { email: "a@example.com", username: "a", groups: ["ml"] },
      { email: "b@example.com", username: "b", passwordHash: "b-hash" },
    ];
    const made = await customised({ users }, { secrets: { "b-hash": "$2y$12$b" } });
    const { staticPasswords = [] } = dexModel.parse(dexYaml(made));
    assert.deepEqual(
      staticPasswords.map(({ email }) => email),
      ["user@example.com", "a@example.com", "b@example.com"],
    );
    assert.equal(new Set(staticPasswords.map(({ userID }) => userID)).size, 3);
    const [, a, b] = staticPasswords;
    assert.deepEqual([a?.groups, b?.groups], [["ml"], undefined]);
    const { stringData } = (await resolved(made.object("Secret/auth/dex-login"))) as {
      stringData: Record<string, string>;
    };
    assert.equal(stringData[a?.hashFromEnv ?? ""], "$2a$10$hash-of-kubeflow-login-user-a@example.com");
    assert.equal(stringData[b?.hashFromEnv ?? ""], "$2y$12$b");
  });

  it("has no local users when only the directory's may log in", async () => {
    const made = await customised(
      { ...everyConnector, localAdmin: false, users: [] },
      { secrets: everySecret, told: { oidc: cloudIssuer("g") } },
    );
    const config = dexModel.parse(dexYaml(made));
    assert.deepEqual([config.enablePasswordDB, config.staticPasswords], [false, undefined]);
  });

  it("starts pods again when, and only when, their configuration is another", async () => {
    const annotationsOf = async (settings: unknown) => {
      const made = await customised(settings);
      return resolved(
        ["Deployment.apps/auth/dex", proxyKey].map((key) =>
          at(made.object(key), "spec", "template", "metadata", "annotations"),
        ),
      );
    };
    const first = await annotationsOf({});
    assert.deepEqual(await annotationsOf({}), first);
    assert.notDeepEqual(await annotationsOf({ session: { lifetime: "8h" } }), first);
  });

  it("refreshes sessions through Dex, with tokens that outlive the interval and no longer", async () => {
    const made = await customised({ session: { lifetime: "12h", refresh: "30m" } });
    const { expiry } = dexModel.parse(dexYaml(made));
    assert.deepEqual(expiry, {
      ...{ idTokens: "60m", authRequests: "15m" },
      refreshTokens: { reuseInterval: "30s", validIfNotUsedFor: "12h", absoluteLifetime: "12h" },
    });
    const config = oauth2ProxyModel.parse(cfg(await proxyCfg(made)));
    assert.deepEqual([config.cookie_expire, config.cookie_refresh], ["12h", "30m"]);
    assert.match(config.scope, /\boffline_access\b/);
  });

  it("takes no token that was made for another client, and believes no certificate unseen", async () => {
    const made = await customised({});
    assert.partialDeepStrictEqual(listAt(made.object(dexJwtKey), "spec", "jwtRules"), [
      { issuer: "http://dex.auth.svc.cluster.local:5556/dex", audiences: ["kubeflow-oidc-authservice"] },
    ]);
    assert.deepEqual(made.object("ConfigMap/oauth2-proxy/oauth2-proxy-parameters-74659b6648")["data"], {
      ...{ FORCE_HTTPS: "true", ALLOW_SELF_SIGNED_ISSUER: "false", ENABLE_M2M_TOKENS: "false", EXTRA_JWT_ISSUERS: "" },
    });
  });

  it("refuses at the gateway, too, whom oauth2-proxy refuses at the login", async () => {
    const made = await customised({ allow: { emailDomains: ["example.com"], groups: ["ml", "admins"] } });
    const config = oauth2ProxyModel.parse(cfg(await proxyCfg(made)));
    assert.deepEqual([config.email_domains, config.allowed_groups], [["example.com"], ["ml", "admins"]]);
    const { spec } = made.object("AuthorizationPolicy.security.istio.io/istio-system/istio-ingressgateway-login-allow");
    const from = [{ source: { requestPrincipals: ["http://dex.auth.svc.cluster.local:5556/dex/*"] } }];
    assert.deepEqual((spec as { action: string; rules: unknown }).rules, [
      { from, when: [{ key: "request.auth.claims[email]", notValues: ["*@example.com"] }] },
      { from, when: [{ key: "request.auth.claims[groups]", notValues: ["ml", "admins"] }] },
    ]);
  });

  it("knows the old client of Dex beside the new one while both are named", async () => {
    const made = await customised({ session: { clientGenerations: ["2026-11", "default"] } });
    assert.deepEqual(
      dexModel.parse(dexYaml(made)).staticClients.map(({ idEnv, secretEnv }) => [idEnv, secretEnv]),
      [
        ["DEX_CLIENT_2026_11_ID", "DEX_CLIENT_2026_11_SECRET"],
        ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"],
      ],
    );
    const proxy = (await resolved(made.object("Secret/oauth2-proxy/login"))) as { stringData: object };
    const dex = (await resolved(made.object("Secret/auth/dex-login"))) as { stringData: object };
    const secret = "made-kubeflow-login-client-2026-11";
    assert.deepEqual(proxy.stringData, { "client-id": "kubeflow-2026-11", "client-secret": secret });
    assert.deepEqual(dex.stringData, { DEX_CLIENT_2026_11_ID: "kubeflow-2026-11", DEX_CLIENT_2026_11_SECRET: secret });
    const both = ["kubeflow-2026-11", "kubeflow-oidc-authservice"];
    const [rule] = listAt(made.object(dexJwtKey), "spec", "jwtRules");
    assert.deepEqual(at(rule, "audiences"), both);
    assert.deepEqual(oauth2ProxyModel.parse(cfg(await proxyCfg(made))).oidc_extra_audiences, both.slice(1));
  });

  it("ends the session at the issuer, too, and lets the logout lead nowhere else", async () => {
    const logoutUrl = "https://issuer.example.com/logout?client_id=a&to=b";
    const made = await customised({ session: { logoutUrl } });
    const text = JSON.stringify(made.object("Deployment.apps/kubeflow/centraldashboard"));
    assert.ok(text.includes(JSON.stringify(`/oauth2/sign_out?rd=${encodeURIComponent(logoutUrl)}`)));
    assert.deepEqual(oauth2ProxyModel.parse(cfg(await proxyCfg(made))).whitelist_domains, ["issuer.example.com"]);
  });

  it("has the cookies of login and web apps without HTTPS only when asked to", async () => {
    const made = await customised({ session: { cookie: { secure: false } } });
    for (const app of ["jupyter-web-app", "volumes-web-app", "tensorboards-web-app"]) {
      const text = JSON.stringify(made.object(`Deployment.apps/kubeflow/${app}-deployment`));
      assert.ok(text.includes('{"name":"APP_SECURE_COOKIES","value":"false"}'), app);
    }
    const parameters = made.object("ConfigMap/oauth2-proxy/oauth2-proxy-parameters-74659b6648");
    assert.equal((parameters["data"] as Record<string, string>)["FORCE_HTTPS"], "false");
  });

  it("takes the target's issuer as a connector, whose values the plan need not know", async () => {
    const told = { oidc: cloudIssuer("cognito:groups"), access: access("https://kubeflow.example.com") };
    const made = await customised({ issuer: "target" }, { told });
    const { connectors = [] } = dexModel.parse(dexYaml(made));
    assert.partialDeepStrictEqual(connectors, [
      {
        type: "oidc",
        config: {
          issuer: "$DEX_CONNECTOR_TARGET_ISSUER",
          redirectURI: "https://kubeflow.example.com/dex/callback",
          overrideClaimMapping: true,
          claimMapping: { groups: "cognito:groups" },
        },
      },
    ]);
    const { stringData } = (await resolved(made.object("Secret/auth/dex-login"))) as { stringData: object };
    assert.deepEqual(stringData, {
      DEX_CONNECTOR_TARGET_ISSUER: "https://issuer.example.com/pool",
      DEX_CONNECTOR_TARGET_CLIENT_ID: "pool-client",
      DEX_CONNECTOR_TARGET_CLIENT_SECRET: "pool-secret",
    });
  });
});
