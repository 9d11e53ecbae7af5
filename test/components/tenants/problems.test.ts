import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { IssuerOfLogins } from "../../../components/contracts/issuer-of-logins.ts";
import type { ObjectStore } from "../../../components/contracts/object-store.ts";
import type { WorkloadIdentity } from "../../../components/contracts/workload-identity.ts";
import { releaseWith, render, type Given } from "./support.ts";

const ann = { name: "team-a", owner: "ann@example.com" };
const grouped = { profiles: [{ ...ann, groups: [{ group: "science", role: "edit" }] }] };

function issuerWith(groupsClaim: string | undefined): IssuerOfLogins {
  const known = (text: string): pulumi.Output<string> => pulumi.output(text);
  const client = { issuerUrl: known("https://i"), clientId: known("c"), clientSecret: known("s") };
  return { ...client, groupsClaim, extraScopes: [] };
}

describe("tenants that a stack cannot have", () => {
  for (const name of ["kubeflow", "default", "kube-system", "kube-flannel", "istio-system", "auth"])
    it(`are refused the namespace ${name}`, async () => {
      const { problems } = await render({ profiles: [{ ...ann, name }] });
      assert.match(
        problems.join("\n"),
        new RegExp(`profiles\\[0\\]\\.name: "${name}"; allowed: a name that no namespace`),
      );
    });

  it("are refused a keytab that is no named secret, with the names that there are", async () => {
    const kerberos = { keytab: "keytab", principal: "a@B", krb5Conf: "x" };
    const { problems } = await render({ profiles: [{ ...ann, kerberos }] }, { secrets: ["smtp", "team-a-keytab"] });
    assert.match(
      problems.join("\n"),
      /kerberos\.keytab: "keytab"; allowed: a name of kubeflow:secrets \(smtp, team-a-keytab\)/,
    );
  });

  const logins: Readonly<Record<string, readonly [Given, RegExp]>> = {
    "Dex knows static users only": [
      { release: releaseWith({ dex: "staticPasswords: [{}]\n" }) },
      /profiles\[0\]\.groups: \["science"\]; allowed: none, since upstream's Dex knows static users only/,
    ],
    "Dex is given no connector": [
      { login: { mode: "dex" } },
      /since Dex asks nobody who knows groups\. Add a connector/,
    ],
    "the issuer names none": [
      { login: { mode: "direct", issuer: "target" }, target: { oidc: issuerWith(undefined) } },
      /names no groups\. Set kubeflow:login\.issuer\.groupsClaim/,
    ],
    "Google's proxy names none": [
      { login: { mode: "iap", iap: { audience: "/projects/1/global/backendServices/2" } } },
      /tokens of IAP/,
    ],
  };
  for (const [why, [given, message]] of Object.entries(logins))
    it(`are refused groups where ${why}`, async () => {
      assert.match((await render(grouped, given)).problems.join("\n"), message);
    });

  it("may have groups where the issuer names some", async () => {
    const login = { mode: "direct", issuer: "target" };
    const { problems } = await render(grouped, { login, target: { oidc: issuerWith("cognito:groups") } });
    assert.deepEqual(problems, []);
  });

  it("are refused restricted egress without the API server, and bounds that would bound nothing", async () => {
    const restricted = await render({ profiles: [{ ...ann, network: { egress: "restricted" } }] });
    assert.match(restricted.problems.join("\n"), /network\.apiServer: not set; .*kubectl get endpointslices/);
    const open = await render({ profiles: [{ ...ann, network: { to: [{ cidr: "10.0.0.0/8" }] } }] });
    assert.match(open.problems.join("\n"), /network\.egress: "open"; allowed: restricted/);
  });
});

describe("the cloud identity of a tenant", () => {
  const objectStore: ObjectStore = {
    kind: "s3",
    bucket: pulumi.output("b"),
    url: pulumi.output("s3://b"),
    region: "r",
  };
  const bound: unknown[] = [];
  const identity: WorkloadIdentity = {
    bind: (name, serviceAccount, access) => {
      bound.push({ name, serviceAccount, access });
      return {
        serviceAccountAnnotations: { "example.com/identity": pulumi.output("id") },
        podLabels: { "example.com/use": "true" },
        ready: [],
      };
    },
  };

  it("is limited to its own prefix, and known by its service account and its pods' labels", async () => {
    const { one } = await render({ profiles: [ann] }, { target: { objectStore, identity } });
    assert.deepEqual(bound, [
      {
        name: "kubeflow-tenant-team-a",
        serviceAccount: { namespace: "team-a", name: "default-editor" },
        access: [{ prefix: "artifacts/team-a/", permission: "read-write" }],
      },
    ]);
    assert.deepEqual(Object.keys(one("ServiceAccount", "team-a/default-editor").metadata.annotations ?? {}), [
      "example.com/identity",
    ]);
    assert.deepEqual(one("PodDefault", "team-a/cloud-identity")["spec"], {
      selector: { matchLabels: {} },
      desc: "Cloud identity of the tenant",
      labels: { "example.com/use": "true" },
    });
  });

  it("is not there where the target has none, and its service account is the controller's then", async () => {
    const { find } = await render({ profiles: [ann] });
    assert.equal(find("ServiceAccount", "team-a/default-editor"), undefined);
  });
});
