import assert from "node:assert/strict";
import { parseStackConfig } from "../../../stacks/config.ts";
import { useRelease } from "../selection/support.ts";
import { domain, of, selfSigned, withEdge, zoneOfTests as zone, type EdgeInput } from "./support.ts";
import type { ClusterTarget } from "../../../components/contracts/cluster-target.ts";

const acme = { kind: "acme", email: "ops@example.com" } as const;
const nodePort: Partial<ClusterTarget> = { ingress: { serviceType: "NodePort", annotations: {}, address: "ip" } };

describe("edge: what is refused", () => {
  describe("of a stack's file", () => {
    for (const [what, settings, message] of [
      ["no issuer", { domain }, /kubeflow:edge\.issuer: not set/],
      [
        "a kind that is none",
        { issuer: { kind: "vault" } },
        /issuer\.kind: "vault"; allowed: self-signed, own-ca, acme/,
      ],
      ["acme without an e-mail address", { issuer: { kind: "acme" } }, /issuer\.email: not set; allowed: an e-mail/],
      [
        "half of a CA",
        { issuer: { kind: "own-ca", caKey: "k" } },
        /issuer\.caCertificate: not set; allowed: .* together/,
      ],
      [
        "keys of another kind",
        { issuer: { kind: "self-signed", email: "a@example.com" } },
        /issuer\.email: "a@example.com"; allowed: nothing with kind self-signed/,
      ],
      [
        "a directory without TLS",
        { issuer: { ...acme, server: "http://acme.example.com" } },
        /issuer\.server: .*production, staging/,
      ],
      ["a name without a dot", { ...selfSigned, domain: "kubeflow" }, /edge\.domain: "kubeflow"; allowed: a host name/],
      ["a wildcard as the dashboard", { ...selfSigned, domain: "*.example.com" }, /edge\.domain: "\*\.example\.com"/],
      ["a wildcard in the middle", { ...selfSigned, hosts: ["a.*.example.com"] }, /edge\.hosts\[0\]/],
      ["capitals", { ...selfSigned, domain: "Kubeflow.example.com" }, /in lower case/],
      ["TLS 1.1", { ...selfSigned, minTlsVersion: "1.1" }, /minTlsVersion: "1\.1"; allowed: 1\.2, 1\.3/],
      [
        "a port of the system",
        { ...selfSigned, service: { nodePorts: { http: 80, https: 443 } } },
        /nodePorts\.http: 80/,
      ],
      [
        "a range that is none",
        { ...selfSigned, service: { allowedRanges: ["anyone"] } },
        /allowedRanges\[0\]: "anyone"/,
      ],
      [
        "a certificate that ends before it is renewed",
        { ...selfSigned, certificate: { days: 10 } },
        /edge\.certificate: .* allowed: renewBeforeDays less than days/,
      ],
      [
        "a key that there is not",
        { ...selfSigned, issuer: { kind: "own-ca", cert: "x" } },
        /unknown key.*caCertificate/,
      ],
    ] as const) {
      it(`refuses ${what}`, () => {
        const raw = { "kubeflow:target": "sandbox", "kubeflow:edge": JSON.stringify(settings) };
        assert.throws(() => parseStackConfig("test", raw), message);
      });
    }

    it("takes what is sound", () => {
      const raw = { "kubeflow:target": "sandbox", "kubeflow:edge": JSON.stringify({ ...selfSigned, issuer: acme }) };
      assert.doesNotThrow(() => parseStackConfig("test", raw));
    });
  });

  describe("of a target", () => {
    const release = useRelease();
    for (const [what, settings, target, message] of [
      ["no name at all", { issuer: { kind: "self-signed" } }, {}, /edge\.domain: not set.*target kubeconfig/],
      ["acme without a zone", { domain, issuer: acme }, {}, /edge\.issuer: acme; .*no DNS zone/],
      [
        "acme for a name of another zone",
        { domain: "kubeflow.example.org", issuer: acme },
        { zone },
        /edge\.domain: "kubeflow\.example\.org"; .*zone example\.com/,
      ],
      [
        "acme for further names of another zone",
        { domain, hosts: ["a.example.com", "b.example.org"], issuer: acme },
        { zone },
        /edge\.hosts\[1\]: "b\.example\.org"/,
      ],
      ["a NodePort without ports", selfSigned, nodePort, /service\.nodePorts: not set; allowed: \{http, https\}/],
      [
        "ports of nodes on a load balancer",
        { ...selfSigned, service: { nodePorts: { http: 30_080, https: 30_443 } } },
        {},
        /service\.nodePorts: .*allowed: nothing/,
      ],
      [
        "ranges without a load balancer",
        { ...selfSigned, service: { type: "ClusterIP", allowedRanges: ["10.0.0.0/8"] } },
        {},
        /allowedRanges: .*a ClusterIP/,
      ],
      [
        "a secret that nobody gave",
        { domain, issuer: { kind: "own-ca", caCertificate: "ca", caKey: "ca-key" } },
        {},
        /issuer\.caKey: "ca-key"; allowed: a name in kubeflow:secrets \(ca\)/,
      ],
      [
        "a solver's secret that nobody gave",
        { domain, issuer: { ...acme, dns01: { cloudflare: {} }, secrets: { cloudflare: { token: "t" } } } },
        {},
        /issuer\.secrets\.cloudflare\.token: "t"/,
      ],
    ] as const satisfies readonly (readonly [string, EdgeInput, Partial<ClusterTarget>, RegExp])[]) {
      it(`refuses ${what}, and adds nothing`, () => {
        const customised = withEdge(release(), settings, { target, secrets: { ca: "certificate" } });
        assert.match(customised.problems.join("\n"), message);
        assert.deepEqual(of(customised, "EnvoyFilter"), []);
      });
    }

    it("refuses a release without a gateway or cert-manager, unless the cluster has one", () => {
      const without = (component: string) => ({
        ...release(),
        objects: release().objects.filter(({ metadata }) => metadata.namespace !== component),
      });
      assert.match(withEdge(without("kubeflow"), selfSigned).problems.join(), /no Gateway kubeflow\/kubeflow-gateway/);
      assert.match(withEdge(without("cert-manager"), selfSigned).problems.join(), /no cert-manager/);
      const target = { existing: { certManager: "1.19.4" } };
      assert.deepEqual(withEdge(without("cert-manager"), selfSigned, { target }).problems, []);
    });
  });
});
