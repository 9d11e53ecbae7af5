import assert from "node:assert/strict";
import fc from "fast-check";
import { onpremProblems, type StackFacts } from "../../../components/onprem/settings-rules.ts";
import { onpremSettings } from "../../../components/onprem/settings.ts";
import { onePool, settingsWith } from "./settings.ts";

const stack: StackFacts = { environment: "dev", release: "26.03", secretNames: ["a", "b"] };

const problemsOf = (more: Readonly<Record<string, unknown>>, facts: Partial<StackFacts> = {}): readonly string[] =>
  onpremProblems(settingsWith(more), { ...stack, ...facts });

const metallb = (more: object = {}) => ({ ingress: { kind: "metallb" }, metallb: { ...onePool, ...more } });
const pool = (more: object) => ({ gpuPools: [{ name: "g", gpu: "l4", nodes: ["n"], ...more }] });
const peer = { address: "10.0.0.1", asn: 64512, myAsn: 64513 };
const store = { endpoint: "https://s3.example.com", bucket: "kubeflow", accessKeySecret: "a", secretKeySecret: "b" };

describe("settings of a cluster of one's own", () => {
  const cases: readonly (readonly [what: string, passes: object, fails: object, says: RegExp])[] = [
    ["an entrance", {}, { ingress: {} }, /onprem\.ingress\.kind: not set; allowed: metallb, load-balancer, node-port/],
    ["addresses for MetalLB", metallb(), { ingress: { kind: "metallb" } }, /onprem\.metallb: not set; .*pools/],
    [
      "MetalLB in front of the gateway",
      metallb(),
      { metallb: onePool },
      /ingress\.kind: "node-port"; allowed: metallb/,
    ],
    [
      "ranges that are ranges",
      metallb(),
      metallb({ pools: [{ name: "p", addresses: ["10.0.0.9-10.0.0.1"] }] }),
      /metallb\.pools\[0\]\.addresses\[0\]: "10\.0\.0\.9-10\.0\.0\.1"; allowed: a range such as/,
    ],
    [
      "ranges apart",
      metallb({ pools: [{ name: "p", addresses: ["10.0.0.0/28", "10.0.0.16/28"] }] }),
      metallb({ pools: [{ name: "p", addresses: ["10.0.0.0/28", "10.0.0.15-10.0.0.20"] }] }),
      /addresses\[1\]: .*apart from metallb\.pools\[0\]\.addresses\[0\] 10\.0\.0\.0\/28/,
    ],
    [
      "pools with names of their own",
      metallb({ pools: [...onePool.pools, { name: "other", addresses: ["10.0.0.0/28"] }] }),
      metallb({ pools: [...onePool.pools, { name: "kubeflow", addresses: ["10.0.0.0/28"] }] }),
      /pools\[1\]\.name: "kubeflow"/,
    ],
    [
      "routers for BGP",
      metallb({ announce: "bgp", peers: [peer] }),
      metallb({ announce: "bgp" }),
      /metallb\.peers: \[\]/,
    ],
    ["no routers without BGP", metallb(), metallb({ peers: [peer] }), /metallb\.peers: .*allowed: \[\]/],
    [
      "each router once",
      metallb({ announce: "bgp", peers: [peer, { ...peer, port: 180 }] }),
      metallb({ announce: "bgp", peers: [peer, peer] }),
      /metallb\.peers\[1\]: "10\.0\.0\.1"/,
    ],
    [
      "interfaces for ARP only",
      metallb({ interfaces: ["eth1"] }),
      metallb({ announce: "bgp", peers: [peer], interfaces: ["eth1"] }),
      /metallb\.interfaces/,
    ],
    [
      "a gateway's address out of the pools",
      { ...metallb(), ingress: { kind: "metallb", address: "192.168.10.29" } },
      { ...metallb(), ingress: { kind: "metallb", address: "192.168.10.30" } },
      /ingress\.address: "192\.168\.10\.30"; allowed: an address out of 192\.168\.10\.20-192\.168\.10\.29/,
    ],
    [
      "an address from MetalLB only",
      {},
      { ingress: { kind: "load-balancer", address: "192.168.10.20" } },
      /ingress\.address: .*annotations/,
    ],
    ["a storage class", {}, { storage: {} }, /storage\.defaultClass: not set; .*kubectl get storageclass/],
    [
      "marks that are moved on purpose",
      { storage: { defaultClass: "fast", makeDefault: true, otherDefaults: ["slow"] } },
      { storage: { defaultClass: "fast", otherDefaults: ["slow"] } },
      /storage\.otherDefaults: \["slow"\]; allowed: not set/,
    ],
    [
      "one default",
      { storage: { defaultClass: "fast", makeDefault: true, otherDefaults: ["slow"] } },
      { storage: { defaultClass: "fast", makeDefault: true, otherDefaults: ["fast"] } },
      /storage\.otherDefaults: .*classes beside fast/,
    ],
    [
      "shared volumes that are shared",
      { profile: "k3s", storage: { sharedClass: "nfs" } },
      { profile: "k3s", storage: { sharedClass: "local-path" } },
      /storage\.sharedClass: "local-path"; allowed: a class with ReadWriteMany/,
    ],
    ["a GPU's memory", pool({ gpu: "v100", gpuMemoryGiB: 32 }), pool({ gpu: "v100" }), /gpuPools\[0\]\.gpuMemoryGiB/],
    [
      "how many share a GPU",
      pool({ sharing: "mps", clientsPerGpu: 4 }),
      pool({ sharing: "mps" }),
      /gpuPools\[0\]\.clientsPerGpu: not set; allowed: 2 to 48/,
    ],
    ["nobody who shares nothing", pool({}), pool({ clientsPerGpu: 4 }), /clientsPerGpu: 4; allowed: not set/],
    [
      "slices of what can be cut",
      pool({ gpu: "h100", sharing: "mig", migProfile: "1g.10gb" }),
      pool({ sharing: "mig", migProfile: "1g.10gb" }),
      /gpuPools\[0\]\.sharing: "mig"; allowed: none, time-slicing, mps/,
    ],
    [
      "slices of some size",
      pool({ gpu: "h100", sharing: "mig", migProfile: "1g.10gb" }),
      pool({ gpu: "h100", sharing: "mig" }),
      /migProfile: not set; allowed: a size/,
    ],
    [
      "sharing by our operator only",
      { ...pool({ sharing: "mps", clientsPerGpu: 2 }), profile: "minikube", gpuOperator: "install" },
      { ...pool({ sharing: "mps", clientsPerGpu: 2 }), profile: "minikube" },
      /gpuPools\[0\]\.sharing: "mps"; allowed: none\. .*gpuOperator to install/,
    ],
    [
      "each node once",
      pool({ nodes: ["n", "m"] }),
      { gpuPools: [...pool({}).gpuPools, { name: "h", gpu: "l4", nodes: ["m", "n"] }] },
      /gpuPools\[1\]\.nodes: "n"; allowed: each node once/,
    ],
    [
      "pools of GPUs with names of their own",
      pool({}),
      { gpuPools: [...pool({}).gpuPools, { name: "g", gpu: "l4", nodes: ["m"] }] },
      /gpuPools\[1\]\.name: "g"/,
    ],
    [
      "an Istio that fits",
      { existing: { istio: "1.29.3" } },
      { existing: { istio: "1.30.0" } },
      />=1\.28\.0 <1\.30\.0/,
    ],
    [
      "a cert-manager that fits",
      { existing: { certManager: "1.19.0" } },
      { existing: { certManager: "1.18.2" } },
      /existing\.certManager: "1\.18\.2"; allowed: >=1\.19\.0 <1\.20\.0\. Kubeflow 26\.03/,
    ],
    [
      "secrets that there are",
      { objectStore: store },
      { objectStore: { ...store, secretKeySecret: "c" } },
      /objectStore\.secretKeySecret: "c"; allowed: a name in kubeflow:secrets, which has: a, b\. .*secrets\["c"\]/,
    ],
  ];

  for (const [what, passes, fails, says] of cases) {
    it(`have ${what}`, () => {
      assert.deepEqual(problemsOf(passes as Record<string, unknown>), []);
      const problems = problemsOf(fails as Record<string, unknown>);
      assert.equal(problems.filter((problem) => says.test(problem)).length, 1, problems.join("\n"));
      for (const problem of problems) assert.match(problem, /^kubeflow:onprem\.\S+: .+; allowed: .+\. .+/);
    });
  }

  it("do not send keys in the clear, but in dev", () => {
    const plain = { objectStore: { ...store, endpoint: "http://s3.example.com" } };
    assert.deepEqual(problemsOf(plain), []);
    for (const environment of ["staging", "prod"] as const) {
      assert.match(problemsOf(plain, { environment }).join("\n"), /objectStore\.endpoint: .*allowed: https:/);
    }
  });

  it("are held against the release that is installed", () => {
    const existing = { existing: { istio: "1.28.1", certManager: "1.16.2" } };
    assert.deepEqual(problemsOf(existing, { release: "1.11.0" }), []);
    assert.equal(problemsOf(existing).length, 1);
    // Nothing is known of a release of one's own; the next steps say so.
    assert.deepEqual(problemsOf({ existing: { istio: "1.0.0" } }, { release: "own.yaml" }), []);
  });

  it("need no more of a profile than a domain, save of the generic one", () => {
    for (const profile of ["minikube", "microk8s", "k3s"]) {
      assert.deepEqual(onpremProblems(onpremSettings.parse({ profile, domain: "example.com" }), stack), [], profile);
    }
    assert.equal(onpremProblems(onpremSettings.parse({ domain: "example.com" }), stack).length, 2);
  });

  it("call secrets by names that there are", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const objectStore = { ...store, accessKeySecret: name, secretKeySecret: name };
        const problems = problemsOf({ objectStore });
        const isKnown = ["a", "b"].includes(name);
        assert.equal(problems.length, isKnown ? 0 : 2);
      }),
    );
  });

  it("take no key that they do not know", () => {
    assert.equal(onpremSettings.safeParse({ domain: "example.com", profil: "k3s" }).success, false);
    for (const text of ["not a certificate", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"]) {
      const parsed = onpremSettings.safeParse({
        domain: "example.com",
        objectStore: { ...store, caCertificate: text },
      });
      assert.equal(parsed.success, false, text);
    }
  });
});
