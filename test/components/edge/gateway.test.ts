import assert from "node:assert/strict";
import { useRelease } from "../selection/support.ts";
import { at, domain, of, one, selfSigned, textsAt, withEdge, type EdgeInput } from "./support.ts";

const annotations = { "example.com/balancer": "network" };

describe("edge: the gateway", () => {
  const release = useRelease();
  const service = (settings: EdgeInput, target = {}) =>
    one(withEdge(release(), settings, { target }), "Service", "istio-ingressgateway");

  it("changes nothing without kubeflow:edge", () => {
    const { release: same, problems, notes } = withEdge(release(), undefined);
    assert.deepEqual(same.objects, release().objects);
    assert.deepEqual([problems, notes], [[], []]);
  });

  it("serves its names by TLS, and answers plain HTTP with the way to it", () => {
    const hosts = [domain, "*.models.example.com"];
    const customised = withEdge(release(), { ...selfSigned, hosts: hosts.slice(1), minTlsVersion: "1.3" });
    assert.deepEqual(at(one(customised, "Gateway", "kubeflow-gateway"), "spec.servers"), [
      { hosts, port: { name: "http", number: 80, protocol: "HTTP" }, tls: { httpsRedirect: true } },
      {
        hosts,
        port: { name: "https", number: 443, protocol: "HTTPS" },
        tls: { mode: "SIMPLE", credentialName: "kubeflow-gateway-tls", minProtocolVersion: "TLSV1_3" },
      },
    ]);
  });

  it("has no other Gateway on the same pods, and every page on the dashboard's host", () => {
    const customised = withEdge(release(), selfSigned);
    const gateways = of(customised, "Gateway").filter((each) => at(each, "spec.selector.istio") === "ingressgateway");
    assert.deepEqual(
      gateways.map(({ metadata }) => metadata.name),
      ["kubeflow-gateway"],
    );
    const pages = of(customised, "VirtualService").filter((each) => JSON.stringify(each).includes("kubeflow-gateway"));
    assert.ok(pages.length >= 11, String(pages.length));
    for (const page of pages) assert.deepEqual(textsAt(page, "spec.hosts"), [domain], page.metadata.name);
    for (const name of ["notebook", "tensorboard"]) {
      const settings = of(customised, "ConfigMap").find(({ metadata }) =>
        metadata.name.startsWith(`${name}-controller-config`),
      );
      assert.equal(at(settings, "data.ISTIO_HOST"), domain);
    }
  });

  it("asks for a login on every port but the one that only redirects, and that one redirects everything", () => {
    const customised = withEdge(release(), selfSigned);
    const guards = of(customised, "AuthorizationPolicy").filter(
      (each) =>
        at(each, "spec.selector.matchLabels.app") === "istio-ingressgateway" &&
        ["CUSTOM", "DENY"].includes(String(at(each, "spec.action"))),
    );
    assert.equal(guards.length, 2);
    const upstream = withEdge(release(), undefined);
    for (const guard of guards) {
      const before = textsAt(
        at(one(upstream, "AuthorizationPolicy", guard.metadata.name), "spec.rules.0.to.0"),
        "operation.notPaths",
      );
      const operation = at(guard, "spec.rules.0.to.0.operation");
      assert.deepEqual(operation, { notPaths: before, notPorts: ["8080"] });
    }
    const filter = one(customised, "EnvoyFilter", "kubeflow-https-only");
    assert.equal(filter.metadata.namespace, "istio-system");
    const gateway = one(customised, "Deployment", "istio-ingressgateway");
    const labels = at(gateway, "spec.template.metadata.labels") as Record<string, string>;
    const selected = at(filter, "spec.workloadSelector.labels") as Record<string, string>;
    for (const [key, value] of Object.entries(selected)) assert.equal(labels[key], value);
    const [patch] = at(filter, "spec.configPatches") as unknown[];
    assert.deepEqual(at(patch, "match"), { context: "GATEWAY" }, "a host, port or route would leave others out");
    assert.equal(at(patch, "patch.value.require_tls"), "ALL");
  });

  for (const [hsts, value] of [
    [undefined, "max-age=31536000"],
    [{ maxAgeDays: 730, includeSubDomains: true }, "max-age=63072000; includeSubDomains"],
    [{ maxAgeDays: 0 }, "max-age=0"],
  ] as const) {
    it(`tells browsers ${value}`, () => {
      const settings = hsts === undefined ? selfSigned : { ...selfSigned, hsts };
      const filter = one(withEdge(release(), settings), "EnvoyFilter", "kubeflow-https-only");
      assert.ok(JSON.stringify(filter).includes(`{"key":"strict-transport-security","value":"${value}"}`));
    });
  }

  it("has a load balancer with the target's annotations and the stack's", () => {
    const ingress = { serviceType: "LoadBalancer", annotations, address: "ip" } as const;
    const allowedRanges = ["203.0.113.0/24"];
    const own = { "example.com/other": "x" };
    const { metadata, spec } = service({ ...selfSigned, service: { annotations: own, allowedRanges } }, { ingress });
    assert.deepEqual(metadata.annotations, { ...annotations, ...own });
    assert.equal(at(spec, "type"), "LoadBalancer");
    assert.deepEqual(at(spec, "loadBalancerSourceRanges"), allowedRanges);
  });

  it("is a NodePort on the ports that the stack names, as the target or the stack asks", () => {
    const nodePorts = { http: 30_080, https: 30_443 };
    const ingress = { serviceType: "NodePort", annotations: {}, address: "ip" } as const;
    const balanced = { serviceType: "LoadBalancer", annotations, address: "ip" } as const;
    for (const object of [
      service({ ...selfSigned, service: { nodePorts } }, { ingress }),
      service({ ...selfSigned, service: { type: "NodePort", nodePorts } }, { ingress: balanced }),
    ]) {
      assert.equal(at(object, "spec.type"), "NodePort");
      const ports = at(object, "spec.ports") as { port: number; nodePort?: number; targetPort: number }[];
      assert.deepEqual(
        ports.map(({ port, nodePort, targetPort }) => [port, nodePort, targetPort]),
        [
          [15021, undefined, 15021],
          [80, 30_080, 8080],
          [443, 30_443, 8443],
        ],
      );
      assert.equal(object.metadata.annotations, undefined, "annotations of a load balancer that is not there");
    }
  });

  it("sends cookies by HTTPS only, checks the issuer, and starts the pods that read so", () => {
    const customised = withEdge(release(), selfSigned);
    const parameters = of(customised, "ConfigMap").find(({ metadata }) =>
      metadata.name.startsWith("oauth2-proxy-parameters"),
    );
    assert.equal(at(parameters, "data.FORCE_HTTPS"), "true");
    assert.equal(at(parameters, "data.ALLOW_SELF_SIGNED_ISSUER"), "false");
    for (const name of ["oauth2-proxy", "notebook-controller-deployment", "tensorboard-controller-deployment"]) {
      const mark = at(one(customised, "Deployment", name), "spec.template.metadata.annotations");
      assert.equal((mark as Record<string, string>)["kubeflow-pulumi/entrance"], domain, name);
    }
    const webApps = ["jupyter-web-app", "volumes-web-app", "tensorboards-web-app"];
    for (const name of webApps) {
      const text = JSON.stringify(one(customised, "Deployment", `${name}-deployment`));
      assert.ok(text.includes('{"name":"APP_SECURE_COOKIES","value":"true"}'), name);
    }
    assert.equal(at(one(customised, "ConfigMap", "kserve-models-web-app-config"), "data.APP_SECURE_COOKIES"), "true");
  });

  it("says which records to make where nothing writes them", () => {
    const { notes } = withEdge(release(), { ...selfSigned, hosts: ["models.example.com"] });
    const note = notes.find((each) => each.includes("DNS records"));
    assert.match(
      note ?? "",
      /make an A record for kubeflow\.example\.com, models\.example\.com to the address of the load/,
    );
    const nodePorts = { http: 30_080, https: 30_443 };
    const byNode = withEdge(release(), { ...selfSigned, service: { type: "NodePort", nodePorts } }).notes.join();
    assert.match(byNode, /of a node; browsers then use port 30443/);
  });

  it("takes its name from the target's address of the dashboard", () => {
    const kubeconfigCommand = { apply: () => undefined } as never;
    const access = { kubeconfigCommand, dashboardUrl: "https://kubeflow.dev.example.org", nextSteps: [] };
    const customised = withEdge(release(), { issuer: { kind: "self-signed" } }, { target: { access } });
    const servers = at(one(customised, "Gateway", "kubeflow-gateway"), "spec.servers") as unknown[];
    assert.deepEqual(textsAt(servers[0], "hosts"), ["kubeflow.dev.example.org"]);
  });
});
