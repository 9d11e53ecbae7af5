import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { edgeSettings } from "../../../components/kubeflow/edge/settings.ts";
import { toolVersions } from "../../../tools/versions.ts";
import { useRelease } from "../selection/support.ts";
import { valueOf } from "../../support/recording.ts";
import { at, domain, of, one, selfSigned, textsAt, withEdge, zoneOfTests as zone, type EdgeInput } from "./support.ts";

const acme = { kind: "acme", email: "ops@example.com" } as const;

describe("edge: certificates and records", () => {
  const release = useRelease();
  const issuerNamed = (customised: ReturnType<typeof withEdge>) => {
    const certificate = one(customised, "Certificate", "kubeflow-gateway-tls");
    const name = String(at(certificate, "spec.issuerRef.name"));
    return { name, spec: one(customised, "ClusterIssuer", name)["spec"] };
  };

  it("is of another issuer with another signer, since that alone makes it anew", () => {
    const own = { kind: "own-ca", caCertificate: "ca-2027", caKey: "key" } as const;
    const signers: readonly EdgeInput["issuer"][] = [
      { kind: "self-signed" },
      { kind: "own-ca" },
      own,
      { ...own, caCertificate: "ca-2037" },
      { ...acme, dns01: {} },
      { ...acme, dns01: {}, server: "staging" },
      { ...acme, dns01: {}, server: "https://acme.example.com/directory" },
    ];
    const secrets = { "ca-2027": "a", "ca-2037": "b", key: "k" };
    const names = signers.map((issuer) => issuerNamed(withEdge(release(), { domain, issuer }, { secrets })).name);
    assert.equal(new Set(names).size, signers.length, names.join());
    for (const name of names) assert.match(name, /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
  });

  it("is tested with the cert-manager that the release has", () => {
    const controller = one(withEdge(release(), undefined), "Deployment", "cert-manager");
    const image = String(at(controller, "spec.template.spec.containers.0.image"));
    assert.ok(image.endsWith(`:v${toolVersions["cert-manager-controller"].pinned}`), image);
  });

  it("has the gateway's names and no others, in the namespace where the gateway reads it", () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
    const host = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));
    const names = fc.record({
      name: host,
      hosts: fc.uniqueArray(
        fc.oneof(
          host,
          host.map((each) => `*.${each}`),
        ),
      ),
    });
    fc.assert(
      fc.property(names, ({ name, hosts }) => {
        const customised = withEdge(release(), { ...selfSigned, domain: name, hosts });
        const certificate = one(customised, "Certificate", "kubeflow-gateway-tls");
        const expected = [...new Set([name, ...hosts])];
        assert.deepEqual(textsAt(certificate, "spec.dnsNames"), expected);
        const [http, https] = at(one(customised, "Gateway", "kubeflow-gateway"), "spec.servers") as [unknown, unknown];
        assert.deepEqual([textsAt(http, "hosts"), textsAt(https, "hosts")], [expected, expected]);
        assert.equal(at(https, "tls.credentialName"), at(certificate, "spec.secretName"));
        const gateway = one(customised, "Deployment", "istio-ingressgateway");
        assert.equal(certificate.metadata.namespace, gateway.metadata.namespace);
      }),
      { numRuns: 30 },
    );
  });

  it("takes every name that a certificate may have, and nothing that is not one", () => {
    for (const wrong of [
      "",
      "a",
      "a..b",
      "-a.example.com",
      "a_b.example.com",
      "a.example.com.",
      "https://a.b",
      "a.b:443",
    ])
      assert.equal(edgeSettings.safeParse({ ...selfSigned, domain: wrong }).success, false, wrong);
    for (const right of ["a.b", "k8s.example.co.uk", `${"a".repeat(63)}.example.com`])
      assert.equal(edgeSettings.safeParse({ ...selfSigned, domain: right }).success, true, right);
  });

  it("puts a CA of the stack into a Secret that stays secret", async () => {
    const issuer = { kind: "own-ca", caCertificate: "ca", caKey: "ca-key" } as const;
    const secrets = { ca: "certificate-of-tests", "ca-key": "key-of-tests" };
    const customised = withEdge(release(), { domain, issuer }, { secrets });
    const { spec, name } = issuerNamed(customised);
    assert.deepEqual(spec, { ca: { secretName: name } });
    const secret = one(customised, "Secret", name);
    assert.equal(secret.metadata.namespace, "cert-manager");
    const data = secret["data"] as Record<string, pulumi.Output<string>>;
    for (const [field, text] of [
      ["tls.crt", "certificate-of-tests"],
      ["tls.key", "key-of-tests"],
    ] as const) {
      const value = data[field];
      assert.ok(value && (await pulumi.isSecret(value)), field);
      assert.equal(Buffer.from(await valueOf(pulumi.unsecret(value)), "base64").toString(), text);
    }
    assert.equal(
      JSON.stringify(customised.release.objects.filter(({ kind }) => kind !== "Secret")).includes("key-of-tests"),
      false,
    );
  });

  it("keeps the key of the CA that it makes, and says how people get to trust it", () => {
    const customised = withEdge(release(), { domain, issuer: { kind: "own-ca" } });
    const ca = one(customised, "Certificate", "kubeflow-edge-ca");
    assert.equal(at(ca, "spec.isCA"), true);
    assert.equal(at(ca, "spec.privateKey.rotationPolicy"), "Never");
    assert.match(
      customised.notes.join("\n"),
      /have to trust the CA.*kubectl get secret -n cert-manager kubeflow-edge-ca/,
    );
  });

  describe("by ACME", () => {
    for (const [server, directory] of [
      [undefined, "https://acme-v02.api.letsencrypt.org/directory"],
      ["staging", "https://acme-staging-v02.api.letsencrypt.org/directory"],
      ["https://acme.example.com/x", "https://acme.example.com/x"],
    ] as const) {
      it(`asks ${directory}, and proves the names in the target's zone`, () => {
        const issuer = { ...acme, ...(server === undefined ? {} : { server }) };
        const { spec } = issuerNamed(withEdge(release(), { domain, issuer }, { target: { zone } }));
        assert.equal(at(spec, "acme.server"), directory);
        assert.equal(at(spec, "acme.email"), acme.email);
        assert.deepEqual(at(spec, "acme.solvers"), [{ dns01: zone.dns01Solver }]);
      });
    }

    it("proves them as whom the zone knows: annotations of the account, labels of the pods", async () => {
      const customised = withEdge(release(), { domain, issuer: acme }, { target: { zone } });
      const account = of(customised, "ServiceAccount").find(({ metadata }) => metadata.name === "cert-manager");
      const annotation: unknown = at(account, "metadata.annotations");
      const identity = (annotation as Record<string, pulumi.Output<string>>)["example.com/identity"];
      assert.ok(identity);
      assert.equal(await valueOf(identity), "proves");
      const pods = at(one(customised, "Deployment", "cert-manager"), "spec.template.metadata.labels");
      assert.equal((pods as Record<string, string>)["example.com/use"], "true");
      assert.equal((pods as Record<string, string>)["app"], "cert-manager");
    });

    it("takes a solver of one's own with its secrets, and gives cert-manager no right to the target's zone", async () => {
      const dns01 = { cloudflare: { apiTokenSecretRef: { name: "cloudflare", key: "token" } } };
      const issuer = { ...acme, dns01, secrets: { cloudflare: { token: "cloudflare-token" } } };
      const customised = withEdge(
        release(),
        { domain: "kubeflow.example.net", issuer },
        { target: { zone }, secrets: { "cloudflare-token": "t0ken" } },
      );
      assert.deepEqual(customised.problems, []);
      assert.deepEqual(at(issuerNamed(customised).spec, "acme.solvers"), [{ dns01 }]);
      const { token } = one(customised, "Secret", "cloudflare")["data"] as Record<string, pulumi.Output<string>>;
      assert.ok(token);
      assert.equal(await valueOf(pulumi.unsecret(token)), Buffer.from("t0ken").toString("base64"));
      const account = of(customised, "ServiceAccount").find(({ metadata }) => metadata.name === "cert-manager");
      assert.equal(account?.metadata.annotations, undefined);
    });
  });

  describe("with a zone of the target's", () => {
    const hosts = ["*.models.example.com", "kubeflow.example.net"];
    const withZone = (settings: EdgeInput = { ...selfSigned, hosts }) =>
      withEdge(release(), settings, { target: { zone } });

    it("has external-dns write the names that are in it, and says which are not", () => {
      const customised = withZone();
      const service = one(customised, "Service", "istio-ingressgateway");
      const names = service.metadata.annotations?.["external-dns.alpha.kubernetes.io/hostname"];
      assert.equal(names, `${domain},*.models.example.com`);
      assert.match(customised.notes.join("\n"), /make an A record for kubeflow\.example\.net to/);
      const args = textsAt(one(customised, "Deployment", "external-dns"), "spec.template.spec.containers.0.args");
      for (const flag of [
        "--provider=azure",
        "--domain-filter=example.com",
        "--namespace=istio-system",
        `--txt-owner-id=kubeflow/${domain}`,
        "--azure-zone-type=public",
      ])
        assert.ok(args.includes(flag), `${flag} is not in ${args.join(" ")}`);
    });

    it("runs it as whom the zone knows, with nothing to write in the cluster", () => {
      const customised = withZone();
      const pods = at(one(customised, "Deployment", "external-dns"), "spec.template");
      assert.equal((at(pods, "metadata.labels") as Record<string, string>)["example.com/use"], "true");
      assert.equal(at(pods, "spec.serviceAccountName"), "external-dns");
      assert.deepEqual(at(pods, "spec.containers.0.env"), [{ name: "AWS_REGION", value: "eu-west-1" }]);
      assert.equal(at(pods, "spec.containers.0.volumeMounts.0.mountPath"), "/etc/kubernetes");
      assert.equal(at(pods, "spec.volumes.0.configMap.name"), "external-dns");
      const rules = at(one(customised, "ClusterRole", "external-dns"), "rules") as {
        verbs: string[];
        resources: string[];
      }[];
      assert.deepEqual([...new Set(rules.flatMap(({ verbs }) => verbs))].sort(), ["get", "list", "watch"]);
      assert.equal(
        rules.some(({ resources }) => resources.includes("secrets")),
        false,
      );
    });

    it("leaves it out where the gateway has no address of its own", () => {
      const service = { type: "ClusterIP" } as const;
      const customised = withZone({ ...selfSigned, service });
      assert.equal(
        of(customised, "Deployment").some(({ metadata }) => metadata.name === "external-dns"),
        false,
      );
      assert.match(customised.notes.join("\n"), /port 443 of the Service/);
    });
  });
});
