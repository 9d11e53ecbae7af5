import assert from "node:assert/strict";
import { plainPorts } from "../../../components/kubeflow/edge/mesh.ts";
import { useRelease } from "../selection/support.ts";
import { everybody, isAuthorised, openTo, takesPlain, tenants, webhookBackends, workloads } from "./pods.ts";
import { at, of, one, selfSigned, withEdge } from "./support.ts";

describe("edge: the mesh", () => {
  const release = useRelease();

  it("lets everybody in to the gateway, where the release lets nobody", () => {
    const gateway = (customised: ReturnType<typeof withEdge>) => {
      const pods = workloads(customised).find(({ key }) => key === "Deployment istio-system/istio-ingressgateway");
      assert.ok(pods);
      return [...openTo(customised, pods, everybody)].sort();
    };
    assert.deepEqual(gateway(withEdge(release(), undefined)), []);
    assert.deepEqual(gateway(withEdge(release(), selfSigned)), [15021, 8080, 8443]);
  });

  it("lets Knative probe the port that serves", () => {
    const policy = one(withEdge(release(), selfSigned), "NetworkPolicy", "allow-knative-to-istio-gateways");
    assert.match(JSON.stringify(policy), /"port":8080.*"port":8443/);
  });

  it("lets the API server through to every webhook: by network policy, in plain TLS, and authorised", () => {
    const customised = withEdge(release(), selfSigned);
    const backends = webhookBackends(customised);
    assert.ok(backends.length >= 13, String(backends.length));
    for (const [pods, port] of backends) {
      const where = `${pods.key}:${String(port)}`;
      assert.ok(openTo(customised, pods, everybody).has(port), `${where} is closed to the API server`);
      assert.ok(takesPlain(customised, pods, port), `${where} wants the mesh's TLS of the API server`);
      assert.ok(isAuthorised(customised, pods, port), `${where} is under the denial of all`);
    }
  });

  it("is told by the release itself which webhook was cut off before", () => {
    const customised = withEdge(release(), undefined);
    const cut = webhookBackends(customised).filter(([pods, port]) => !openTo(customised, pods, everybody).has(port));
    assert.deepEqual(
      cut.map(([{ key }]) => key),
      ["Deployment kubeflow/llmisvc-controller-manager"],
    );
  });

  it("is strict everywhere but on the ports that pods outside of it are let in to", () => {
    const customised = withEdge(release(), selfSigned);
    const { mtls } = one(customised, "PeerAuthentication", "default")["spec"] as { mtls: unknown };
    assert.deepEqual(mtls, { mode: "STRICT" });
    let exceptions = 0;
    for (const pods of workloads(customised).filter(({ inMesh }) => inMesh)) {
      const fromOutside = new Set([...openTo(customised, pods, everybody), ...openTo(customised, pods, tenants)]);
      for (const port of pods.containerPorts) {
        const listed = plainPorts.some(
          ({ labels, ports }) =>
            ports.includes(port) && Object.entries(labels).every(([key, value]) => pods.labels[key] === value),
        );
        const where = `${pods.key}:${String(port)}`;
        if (fromOutside.has(port)) assert.ok(takesPlain(customised, pods, port), `${where} is cut off`);
        else if (!listed && !pods.namespace.startsWith("knative")) {
          const isExcluded = JSON.stringify(pods.annotations).includes(String(port));
          assert.equal(takesPlain(customised, pods, port), isExcluded, `${where} takes plain connections`);
        }
        exceptions += fromOutside.has(port) ? 1 : 0;
      }
    }
    assert.ok(exceptions >= 6, String(exceptions));
  });

  it("makes no exception for what is not installed, and none twice", () => {
    const customised = withEdge(release(), selfSigned);
    const own = of(customised, "PeerAuthentication").filter(({ metadata }) => metadata.namespace === "kubeflow");
    assert.equal(JSON.stringify(own).includes("model-registry"), false);
    for (const pods of workloads(customised)) {
      const selecting = own.filter((each) =>
        Object.entries(at(each, "spec.selector.matchLabels") as Record<string, string>).every(
          ([key, value]) => pods.labels[key] === value,
        ),
      );
      // Of two, Istio takes the older.
      assert.ok(selecting.length <= 1, pods.key);
    }
  });

  it("is upstream's with mtls: permissive", () => {
    const customised = withEdge(release(), { ...selfSigned, mtls: "permissive" });
    assert.equal(JSON.stringify(of(customised, "PeerAuthentication")).includes("STRICT"), false);
  });

  it("has Istio's plugin where the target's nodes look for it, edge or not", () => {
    const cni = { binDir: "/opt/bin-of-nodes", confDir: "/var/lib/conf-of-nodes" };
    const folders = (customised: ReturnType<typeof withEdge>) => {
      const daemons = one(customised, "DaemonSet", "istio-cni-node");
      const volumes = at(daemons, "spec.template.spec.volumes") as { name: string; hostPath?: { path: string } }[];
      return Object.fromEntries(volumes.map(({ name, hostPath }) => [name, hostPath?.path]));
    };
    const upstream = folders(withEdge(release(), undefined));
    for (const settings of [undefined, selfSigned]) {
      assert.deepEqual(folders(withEdge(release(), settings, { target: { cni } })), {
        ...upstream,
        "cni-bin-dir": cni.binDir,
        "cni-net-dir": cni.confDir,
      });
    }
  });
});
