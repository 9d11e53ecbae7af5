import assert from "node:assert/strict";
import { selection } from "../../../components/kubeflow/selection/selection.ts";
import { objectKey } from "../../../kubernetes/objects.ts";
import { at } from "../../../release/order/references.ts";
import { computeOrder } from "../../../release/order/order.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import { customised, useRelease, type Settings } from "./support.ts";

describe("components by switch, in release 26.03", () => {
  const release = useRelease();
  const chosen = (settings: Settings, target: Parameters<typeof customised>[3] = {}) =>
    customised(release(), settings, [selection], target);
  const componentsOf = ({ componentOf }: RenderedRelease) => new Set(Object.values(componentOf));
  const keysOf = ({ objects }: RenderedRelease) => objects.map(objectKey);
  const menuOf = ({ objects }: RenderedRelease): string => {
    const map = objects.find((object) => objectKey(object) === "ConfigMap/kubeflow/centraldashboard-config");
    return String(at(map, "data", "links"));
  };

  it("changes nothing where nothing is asked for", () => {
    const { release: all, notes, problems } = chosen({});
    assert.deepEqual(all, { ...release(), phases: [] });
    assert.deepEqual([notes, problems], [[], []]);
  });

  it("installs with preset full what upstream's example does", () => {
    assert.deepEqual(new Set(keysOf(chosen({ components: {} }).release)), new Set(keysOf(release())));
  });

  it("leaves out objects and CRDs, and keeps the base and all else", () => {
    const { release: minimal, problems } = chosen({ components: { preset: "minimal" } });
    assert.deepEqual(problems, []);
    const gone = ["katib", "trainer", "kserve", "kserve-models-web-app", "knative-serving", "cluster-local-gateway"];
    for (const component of [...gone, "spark-operator", "tensorboard-controller", "tensorboards-web-app"]) {
      assert.ok(!componentsOf(minimal).has(component), component);
    }
    for (const component of ["cert-manager", "istio-install", "oauth2-proxy", "dex", "profiles", "admission-webhook"]) {
      const count = (of: RenderedRelease) => Object.values(of.componentOf).filter((name) => name === component).length;
      assert.equal(count(minimal), count(release()), component);
    }
    assert.ok(minimal.crds.every(({ group }) => !/serving|knative|spark|trainer|jobset/.test(group)));
    assert.ok(minimal.crds.some(({ name }) => name === "notebooks.kubeflow.org"));
  });

  it("leaves nothing that refers to what is not there", () => {
    const { release: minimal } = chosen({ components: { preset: "minimal", without: ["volumes"] } });
    const groups = new Set([...minimal.crds.map(({ group }) => group)]);
    const known = new Set([...release().crds.map(({ group }) => group)]);
    for (const object of minimal.objects) {
      const group = object.apiVersion.split("/")[0] ?? "";
      assert.ok(!known.has(group) || groups.has(group), `${objectKey(object)} has no CRD`);
    }
    const services = new Set(minimal.objects.filter(({ kind }) => kind === "Service").map(hostOf));
    for (const object of minimal.objects.filter(({ kind }) => ["VirtualService", "DestinationRule"].includes(kind))) {
      const hosts = [...JSON.stringify(object).matchAll(/"host":"([^"]+)"/g)].map(([, host]) => host ?? "");
      for (const host of hosts) assert.ok(services.has(host), `${objectKey(object)} leads to ${host}`);
    }
    const policies = keysOf(minimal).filter((key) => key.startsWith("NetworkPolicy"));
    assert.ok(policies.includes("NetworkPolicy.networking.k8s.io/kubeflow/ml-pipeline"));
    assert.ok(!policies.includes("NetworkPolicy.networking.k8s.io/kubeflow/katib-controller"));
    assert.ok(!policies.includes("NetworkPolicy.networking.k8s.io/kubeflow/pvcviewer-webhook"));
    assert.doesNotThrow(() => computeOrder(minimal));
  });

  it("has no entry in the dashboard's menu that leads nowhere", () => {
    const full = menuOf(release());
    const links = ["/jupyter/", "/tensorboards/", "/volumes/", "/katib/", "/kserve-endpoints/", "/pipeline/"];
    for (const link of links) assert.ok(full.includes(link), link);
    const minimal = menuOf(chosen({ components: { preset: "minimal", without: ["pipelines"] } }).release);
    for (const link of ["/jupyter/", "/volumes/"]) assert.ok(minimal.includes(link), link);
    assert.doesNotMatch(minimal, /tensorboards|katib|kserve|pipeline/i);
    assert.doesNotThrow(() => JSON.parse(minimal) as unknown);
  });

  it("adds the registry's entry to the menu where it is installed, and refuses it where it was not built", () => {
    const { problems } = chosen({ components: { with: ["model-registry"] } });
    assert.match(problems.join("\n"), /components\.with\[0\]: "model-registry"; allowed: what the release 26\.03 has/);
    const built = { ...release().componentOf, "Service/kubeflow/model-registry-ui-service": "model-registry-ui" };
    const { release: more } = customised(
      { ...release(), componentOf: built },
      { components: { preset: "minimal", with: ["model-registry"] } },
      [selection],
    );
    assert.match(menuOf(more), /"\/model-registry\/"/);
  });

  describe("where the cluster's owner runs Istio and cert-manager", () => {
    const existing = { istio: "1.29.2", certManager: "v1.19.4" };

    it("leaves ours out, keeps what is configuration, and says what the owner has to see to", () => {
      const { release: rest, notes, problems } = chosen({}, { existing });
      assert.deepEqual(problems, []);
      assert.match(notes.join("\n"), /extensionProviders.*oauth2-proxy/);
      for (const component of ["istio-crds", "istio-namespace", "istio-install"]) {
        assert.ok(!componentsOf(rest).has(component), component);
      }
      const ours = keysOf(rest).filter((key) => rest.componentOf[key] === "cert-manager");
      assert.deepEqual(ours, ["ClusterIssuer.cert-manager.io//kubeflow-self-signing-issuer"]);
      assert.ok(rest.crds.every(({ group }) => !/istio|cert-manager/.test(group)));
      assert.doesNotThrow(() => computeOrder(rest));
    });

    it("shuts its namespaces off by themselves, and not the owner's whole mesh", () => {
      const keys = keysOf(chosen({}, { existing }).release);
      assert.ok(!keys.some((key) => key.includes("global-deny-all")));
      for (const namespace of ["kubeflow", "kubeflow-system", "knative-serving"]) {
        assert.ok(keys.includes(`AuthorizationPolicy.security.istio.io/${namespace}/deny-all`), namespace);
      }
    });

    it("refuses versions that no release of Kubeflow around this one runs with", () => {
      for (const [name, version] of [
        ["istio", "1.20.3"],
        ["istio", "1.31.0"],
        ["istio", "newest"],
        ["certManager", "1.21.0"],
        ["certManager", "v1.12"],
      ]) {
        const { problems } = chosen({}, { existing: { [String(name)]: version } });
        assert.match(problems.join("\n"), new RegExp(`existing\\.${String(name)}: "${String(version)}"; allowed: >=1`));
      }
      assert.deepEqual(chosen({}, { existing: { istio: "1.28", certManager: "1.20.2" } }).problems, []);
    });
  });
});

function hostOf({ metadata: { name, namespace = "" } }: { metadata: { name: string; namespace?: string } }): string {
  return `${name}.${namespace}.svc.cluster.local`;
}
