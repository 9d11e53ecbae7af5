/**
 * Who may do what in whose namespace: tokens of a real OpenID provider at a real API server, which knows the issuer as the
 * rendered login has it (issuer, client, claims), with the release's ClusterRoles and the tenants' RoleBindings. What the
 * mesh decides (AuthorizationPolicies) is not tried here: there is no Istio.
 */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { accessFacts, accessOf } from "../../components/kubeflow/tenants/access.ts";
import { namespaceLabels, namespaceOf } from "../../components/kubeflow/tenants/namespace.ts";
import { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { readCrd } from "../../release/crds.ts";
import type { RenderedRelease } from "../../release/types.ts";
import { bareRelease, loadRelease } from "../../stacks/release.ts";
import { hasApt } from "../../tools/debian.ts";
import { authenticationConfiguration, renderedProxy } from "../login/rendered.ts";
import { actions, core, people, roleRef, roles, tenants, type Name } from "../login/tenants.ts";
import { startApiServer, type ApiServer } from "../support/api-server.ts";
import { issueCertificates } from "../support/certificates.ts";
import { idTokenFor } from "../support/code-flow.ts";
import { startIssuer, type Issuer } from "../support/issuer.ts";
import { realMirror } from "../support/mirror.ts";
import { notRun } from "../support/not-run.ts";
import { areGathered, attempt, isEnough, review, type Action } from "../support/rights.ts";

describe("who may do what", function () {
  let api: ApiServer;
  let issuer: Issuer;
  let release: RenderedRelease;
  let audience: string;
  const tokens = new Map<Name, string>();
  const ends: (() => Promise<void>)[] = [];

  before(async function () {
    if (!(await hasApt())) notRun(this, "no apt-get here, so no openssl for the issuer's certificate");
    const mirror = realMirror();
    release = await loadRelease(bareRelease("26.03", "lean"), mirror === undefined ? {} : { mirror });
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "kf-rights-"));
    ends.push(async () => await fs.rm(folder, { recursive: true }));
    const certificates = await issueCertificates(folder);
    const client = { clientId: "kubeflow", clientSecret: "a secret of the test" };
    const url = "https://kubeflow.example.com";
    const redirectUri = `${url}/oauth2/callback`;
    const registered = { client_secret: client.clientSecret, redirect_uris: [redirectUri] };
    issuer = await startIssuer({
      certificates,
      people: Object.values(people),
      clients: [
        { ...registered, client_id: client.clientId },
        { ...registered, client_id: "another-app" },
      ],
    });
    ends.push(issuer.stop);
    const login = { url: issuer.url, clientId: client.clientId, clientSecret: "idp", groupsClaim: "groups" };
    const proxy = renderedProxy({ url, issuer: { ...login, extraScopes: ["groups"] } });
    audience = client.clientId;
    api = await startApiServer(authenticationConfiguration(proxy, audience, certificates.ca));
    ends.push(api.stop);
    await install(api, release);
    for (const name of Object.keys(people) as Name[]) {
      const flow = { ...client, redirectUri: proxy.redirect_url, scope: proxy.scope };
      tokens.set(name, await idTokenFor(issuer.url, certificates.ca, flow, people[name]));
    }
    const other = { ...client, clientId: "another-app", redirectUri, scope: proxy.scope };
    foreign = await idTokenFor(issuer.url, certificates.ca, other, people.alice);
  });
  let foreign: string;

  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  const tokenOf = (name: Name): string => {
    const token = tokens.get(name);
    assert.ok(token);
    return token;
  };

  it("knows people by the address and the groups of their tokens", async () => {
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const { body } = await api.ask(
      tokenOf("erin"),
      "POST",
      "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      review,
    );
    const { status } = body as { status: { userInfo: { username: string; groups: readonly string[] } } };
    assert.equal(status.userInfo.username, "erin@example.com");
    assert.deepEqual(status.userInfo.groups, ["science", "system:authenticated"]);
  });

  for (const { name: namespace } of tenants) {
    for (const name of Object.keys(people) as Name[]) {
      const role = roles[namespace]?.[name];
      it(`${name} ${role === undefined ? "reaches nothing in" : `has the role ${role} in`} ${namespace}`, async () => {
        for (const [title, action] of Object.entries(actions)) {
          const may = isEnough(role, action.needs);
          const real = await attempt(api, tokenOf(name), namespace, action);
          assert.equal(real, may, `${title}: request`);
          assert.equal(await review(api, people[name], namespace, action), may, `${title}: SubjectAccessReview`);
        }
      });
    }
  }

  for (const { name: own } of tenants) {
    it(`what runs in ${own} as its default-editor edits there, and reaches no other tenant`, async () => {
      const token = await tokenOfEditor(api, own);
      for (const { name: namespace } of tenants) {
        for (const [title, action] of Object.entries(actions)) {
          const may = isEnough(namespace === own ? "edit" : undefined, action.needs);
          assert.equal(await attempt(api, token, namespace, action), may, `${namespace}: ${title}`);
        }
      }
    });
  }

  it("nobody has anything beyond the tenants", async () => {
    for (const name of Object.keys(people) as Name[]) {
      for (const target of [
        "/api/v1/namespaces",
        "/api/v1/secrets",
        "/api/v1/nodes",
        "/api/v1/namespaces/kubeflow/configmaps",
        "/api/v1/namespaces/kube-system/secrets",
        "/apis/kubeflow.org/v1/notebooks",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
      ]) {
        assert.equal((await api.ask(tokenOf(name), "GET", target)).status, 403, `${name}: ${target}`);
      }
    }
  });

  it("an owner gives away no more than he has", async () => {
    const give = { ...actions["let somebody view"], extra: roleRef("cluster-admin") } as Action;
    assert.equal(await attempt(api, tokenOf("alice"), "team-a", give), false);
  });

  it("nobody acts as somebody else", async () => {
    const kubernetes = { ...core, method: "POST", verb: "impersonate", resource: "users" } as const;
    for (const name of Object.keys(people) as Name[]) {
      assert.equal(await review(api, people[name], "team-a", { ...kubernetes, needs: "nobody" }), false);
    }
  });

  describe("a token is refused", () => {
    const target = "/api/v1/namespaces/team-a/configmaps";
    const now = (): number => Math.floor(Date.now() / 1000);
    const claims = (changed: JWTPayload = {}): JWTPayload => ({
      iss: issuer.url,
      aud: audience,
      sub: people.alice.email,
      email: people.alice.email,
      email_verified: true,
      groups: [],
      iat: now() - 10,
      exp: now() + 600,
      ...changed,
    });
    const without = (name: string): JWTPayload =>
      Object.fromEntries(Object.entries(claims()).filter(([key]) => key !== name));
    const statusOf = async (token: string): Promise<number> => (await api.ask(token, "GET", target)).status;

    it("not when the issuer signed it with these claims: what follows is refused for what is wrong with it", async () => {
      assert.equal(await statusOf(await issuer.sign(claims())), 200);
    });

    const wrong: Readonly<Record<string, () => Promise<string>>> = {
      "that is expired": async () => await issuer.sign(claims({ exp: now() - 60, iat: now() - 660 })),
      "that is not good yet": async () => await issuer.sign(claims({ nbf: now() + 600 })),
      "that never ends": async () => await issuer.sign(without("exp")),
      "of another application, as the issuer gave it": () => Promise.resolve(foreign),
      "for another audience": async () => await issuer.sign(claims({ aud: "another-app" })),
      "for nobody": async () => await issuer.sign(without("aud")),
      "of another issuer": async () => await issuer.sign(claims({ iss: "https://issuer.example.com" })),
      "of the same issuer with a slash more": async () => await issuer.sign(claims({ iss: `${issuer.url}/` })),
      "whose address is not verified": async () => await issuer.sign(claims({ email_verified: false })),
      "without an address": async () => await issuer.sign(without("email")),
      "that calls its bearer system:admin": async () => await issuer.sign(claims({ email: "system:admin" })),
      "with Kubernetes' administrators for a group": async () =>
        await issuer.sign(claims({ groups: ["science", "system:masters"] })),
      "without a signature (alg none)": () => Promise.resolve(new UnsecuredJWT(claims()).encode()),
      "with the signature cut off": async () => (await issuer.sign(claims())).replace(/[^.]+$/, ""),
      "with other claims than were signed": async () => {
        const [header = "", , signature = ""] = (await issuer.sign(claims())).split(".");
        const payload = Buffer.from(JSON.stringify(claims({ sub: "bob", email: people.bob.email }))).toString(
          "base64url",
        );
        return [header, payload, signature].join(".");
      },
      "signed with another key of the same name": async () => {
        const { privateKey } = await generateKeyPair("RS256");
        return await new SignJWT(claims()).setProtectedHeader({ alg: "RS256", kid: issuer.keyId }).sign(privateKey);
      },
      "signed with the public key for a password (HS256)": async () => {
        const key = await importJWK(issuer.publicKey, "RS256", { extractable: true });
        assert.ok("type" in key);
        const secret = new TextEncoder().encode(await exportSPKI(key));
        return await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: issuer.keyId }).sign(secret);
      },
      "that is none": () => Promise.resolve("alice@example.com"),
    };
    for (const [title, token] of Object.entries(wrong)) {
      it(title, async () => {
        assert.equal(await statusOf(await token()), 401);
      });
    }
  });
});

/** The release's cluster-wide rights, and the tenants with theirs; there when the aggregated roles have their rules. */
async function install(api: ApiServer, release: RenderedRelease): Promise<void> {
  const client = new KubernetesClient({ kubeconfig: api.kubeconfig });
  try {
    const labels = namespaceLabels(release);
    const facts = accessFacts(release);
    const kubeflow = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kubeflow" } };
    const clusterWide = release.objects.filter(({ kind }) => kind === "ClusterRole" || kind === "ClusterRoleBinding");
    const bindings = tenants.flatMap((tenant) => accessOf(tenant, facts)).filter(({ kind }) => kind === "RoleBinding");
    const notebook = release.crds.find(({ name }) => name === "notebooks.kubeflow.org");
    assert.ok(notebook);
    const editors = tenants.flatMap(({ name }) => editorOf(name));
    const objects = [
      await readCrd(notebook),
      kubeflow,
      ...tenants.map((tenant) => namespaceOf(tenant, labels)),
      ...clusterWide,
      ...bindings,
      ...editors,
    ];
    for (const object of objects) await client.apply(object, { fieldManager: "kf-test" });
    while (!(await areGathered(client))) await new Promise((resolve) => setTimeout(resolve, 100));
    while ((await api.ask(api.adminToken, "GET", "/apis/kubeflow.org/v1/notebooks")).status !== 200) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await client.close();
  }
}

const editor = "default-editor";

/** What profile-controller makes in every profile: what notebooks and steps run as. */
function editorOf(namespace: string): readonly KubernetesObject[] {
  const metadata = { name: editor, namespace };
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "kubeflow-edit" };
  const subjects = [{ kind: "ServiceAccount", name: editor, namespace }];
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", metadata, roleRef: role, subjects },
  ];
}

async function tokenOfEditor(api: ApiServer, namespace: string): Promise<string> {
  const target = `/api/v1/namespaces/${namespace}/serviceaccounts/${editor}/token`;
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const answer = await api.ask(api.adminToken, "POST", target, body);
  return (answer.body as { readonly status: { readonly token: string } }).status.token;
}
