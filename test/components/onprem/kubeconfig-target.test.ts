import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { operatorValues } from "../../../components/gpu/operator-values.ts";
import { KubeconfigTarget, type OnpremArgs } from "../../../components/onprem/kubeconfig-target.ts";
import { profiles } from "../../../components/onprem/profiles.ts";
import type { OnpremSettings } from "../../../components/onprem/settings.ts";
import { loadChart } from "../../../release/helm/metadata.ts";
import { checkValues } from "../../../release/helm/values.ts";
import { projectRoot } from "../../../shared/paths.ts";
import { notRun } from "../../support/not-run.ts";
import { record, valueOf, type Recording } from "../../support/recording.ts";
import { behindMetallb, onePool, settingsWith } from "./settings.ts";

const kubeconfig = "clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:6443' } }]";
const releaseType = "kubernetes:helm.sh/v3:Release";
const patchType = "kubernetes:storage.k8s.io/v1:StorageClassPatch";
const secrets = { key: "k-0123", pass: "p-4567" };

async function build(
  settings: OnpremSettings | undefined,
  more: Partial<OnpremArgs> = {},
): Promise<{ readonly recording: Recording; readonly target: KubeconfigTarget }> {
  const made: { target?: KubeconfigTarget } = {};
  const recording = await record((options) => {
    const named = Object.entries(secrets).map(([name, value]) => [name, pulumi.secret(value)] as const);
    const facts = { environment: "dev", release: "26.03", secrets: Object.fromEntries(named), ...more } as const;
    const onprem = settings === undefined ? undefined : { settings, ...facts };
    const args = { kind: "kubeconfig", kubeconfig, admission: "enforced", onprem } as const;
    made.target = new KubeconfigTarget("cluster", args, options);
  });
  assert.ok(made.target);
  return { recording, target: made.target };
}

async function stepsOf({ access }: KubeconfigTarget): Promise<string> {
  const steps = await Promise.all((access?.nextSteps ?? []).map((step) => valueOf(pulumi.output(step))));
  return steps.join("\n");
}

const valuesOf = (recording: Recording, name: string): Readonly<Record<string, unknown>> =>
  recording.one(releaseType, name).inputs["values"] as Record<string, unknown>;

describe("KubeconfigTarget", () => {
  it("takes a cluster that nothing is told of as it is", async () => {
    const { recording, target } = await build(undefined);
    assert.deepEqual(
      recording.resources.map(({ type }) => type),
      ["kubeflow:onprem:KubeconfigTarget", "pulumi:providers:kubernetes"],
    );
    assert.deepEqual(target.storage, { defaultClass: undefined });
    assert.deepEqual(target.ingress, { serviceType: "ClusterIP", annotations: {}, address: "none" });
    const rest = [target.objectStore, target.database, target.oidc, target.access, target.cni, target.existing];
    assert.deepEqual([...rest, target.tokenIssuer], Array(7).fill(undefined));
  });

  it("refuses with everything that is wrong at once, and makes nothing", async () => {
    const wrong = settingsWith({ ingress: {}, storage: {} });
    await assert.rejects(
      build(wrong),
      /cluster: this would not work\n {2}kubeflow:onprem\.ingress[^]*\n {2}kubeflow:onprem\.storage/,
    );
  });

  it("has MetalLB ready before Kubeflow comes, in a namespace that lets it into the nodes' network", async () => {
    const { recording, target } = await build(behindMetallb(onePool, { address: "192.168.10.21" }));
    assert.deepEqual(target.ingress, {
      serviceType: "LoadBalancer",
      annotations: { "metallb.io/loadBalancerIPs": "192.168.10.21" },
      address: "ip",
    });
    const { inputs } = recording.one("kubernetes:core/v1:Namespace");
    assert.deepEqual(inputs["metadata"], {
      name: "metallb-system",
      labels: { "pod-security.kubernetes.io/enforce": "privileged" },
    });
    const announcement = recording.one("kubernetes:metallb.io/v1beta1:L2Advertisement");
    assert.equal((announcement.options.dependsOn as unknown[]).length, 2, "the release, and the pool");
    // The release, the pool, the announcement.
    assert.equal(target.ready.length, 3);
  });

  it("leaves a load balancer of the cluster's own to its annotations, and a node's port alone", async () => {
    const annotations = { "kube-vip.io/loadbalancerIPs": "192.168.10.21" };
    const { target, recording } = await build(settingsWith({ ingress: { kind: "load-balancer", annotations } }));
    assert.deepEqual(target.ingress, { serviceType: "LoadBalancer", annotations, address: "ip" });
    assert.equal(recording.all(releaseType).length, 0);
    const ported = await build(settingsWith());
    assert.deepEqual(ported.target.ingress, { serviceType: "NodePort", annotations: {}, address: "none" });
  });

  it("moves the mark of the default class when asked, the old one's first", async () => {
    const storage = { defaultClass: "fast", makeDefault: true, otherDefaults: ["slow"], sharedClass: "nfs" };
    const { recording, target } = await build(settingsWith({ storage }));
    assert.deepEqual(target.storage, { defaultClass: "fast", sharedClass: "nfs" });
    const marks = recording.all(patchType).map(({ inputs }) => {
      const { name, annotations } = inputs["metadata"] as { name: string; annotations: Record<string, string> };
      return [name, annotations["storageclass.kubernetes.io/is-default-class"]];
    });
    assert.deepEqual(marks, [
      ["slow", "false"],
      ["fast", "true"],
    ]);
    assert.equal((recording.one(patchType, "cluster-storage-fast").options.dependsOn as unknown[]).length, 1);
    assert.equal(target.ready.length, 2);
    assert.equal((await build(settingsWith())).recording.all(patchType).length, 0);
  });

  it("tells where each distribution keeps its CNI plugins, and the stack's word before that", async () => {
    const cniOf = async (more: object) => (await build(settingsWith(more as Record<string, unknown>))).target.cni;
    assert.equal(await cniOf({}), undefined);
    assert.equal(await cniOf({ profile: "minikube" }), undefined);
    assert.deepEqual(await cniOf({ profile: "k3s" }), {
      binDir: "/var/lib/rancher/k3s/data/cni",
      confDir: "/var/lib/rancher/k3s/agent/etc/cni/net.d",
    });
    assert.match((await cniOf({ profile: "microk8s" }))?.binDir ?? "", /^\/var\/snap\/microk8s\//);
    const cni = { binDir: "/opt/cni/bin", confDir: "/etc/cni/conf.d" };
    assert.deepEqual(await cniOf({ profile: "k3s", cni }), cni);
  });

  it("brings the GPU operator, told where the distribution's container runtime is", async () => {
    const gpuPools = [{ name: "g", gpu: "l4", nodes: ["n"] }];
    const toolkitOf = async (profile: OnpremSettings["profile"]) => {
      const { recording } = await build(settingsWith({ profile, gpuPools, gpuOperator: "install" }));
      return valuesOf(recording, "cluster-gpu-operator")["toolkit"];
    };
    assert.deepEqual(await toolkitOf("generic"), { enabled: true });
    for (const profile of ["microk8s", "k3s"] as const) {
      assert.deepEqual(await toolkitOf(profile), { enabled: true, env: profiles[profile].toolkitEnv });
    }
    const minikube = await build(settingsWith({ profile: "minikube", gpuPools }));
    assert.equal(minikube.recording.all(releaseType).length, 0, "its own device plugin is there");
    assert.equal(minikube.target.gpuPools.length, 1);
  });

  it("gives the GPU operator's chart no value that it does not take", async function () {
    const charts = process.env["KF_TEST_CHARTS"] ?? path.resolve(projectRoot, "../shared/charts");
    const chart = path.join(charts, "gpu-operator/26.7.0");
    if (!existsSync(chart)) notRun(this, `no chart in ${chart}; set KF_TEST_CHARTS`);
    const real = await loadChart(chart);
    for (const { toolkitEnv } of Object.values(profiles))
      checkValues(real, operatorValues({ driver: true, toolkit: true, toolkitEnv, pools: [] }));
  });

  it("describes GPUs as their nodes have them, and says which labels and taints those need", async () => {
    const gpuPools = [
      {
        name: "own",
        gpu: "a100-80",
        gpusPerNode: 8,
        nodes: ["n1", "n2"],
        driver: "preinstalled",
        sharing: "mig",
        migProfile: "1g.10gb",
      },
      { name: "ours", gpu: "v100", gpuMemoryGiB: 32, nodes: ["n3"], dedicated: false },
    ];
    const { recording, target } = await build(settingsWith({ gpuPools }));
    const [own, ours] = target.gpuPools;
    assert.deepEqual(own, {
      name: "own",
      gpu: "a100-80",
      gpuMemoryGiB: 80,
      gpusPerNode: 8,
      min: 2,
      max: 2,
      resourceName: "nvidia.com/mig-1g.10gb",
      labels: {
        "kubeflow/gpu-pool": "own",
        "nvidia.com/mig.config": "all-1g.10gb",
        "nvidia.com/gpu.deploy.driver": "false",
      },
      taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
      driver: "preinstalled",
      sharing: "mig",
      migProfile: "1g.10gb",
    });
    assert.deepEqual([ours?.gpuMemoryGiB, ours?.labels], [32, { "kubeflow/gpu-pool": "ours" }]);
    assert.deepEqual(valuesOf(recording, "cluster-gpu-operator")["driver"], { enabled: true });
    const steps = await stepsOf(target);
    assert.match(
      steps,
      /kubectl label --overwrite node n1 n2 kubeflow\/gpu-pool=own nvidia\.com\/mig\.config=all-1g\.10gb/,
    );
    assert.match(steps, /kubectl taint --overwrite nodes n1 n2 nvidia\.com\/gpu=present:NoSchedule/);
    assert.doesNotMatch(steps, /taint.* n3/);
  });

  it("hands on what is outside of the cluster, its secrets as secrets", async () => {
    const objectStore = {
      endpoint: "https://s3.example.com:9000",
      bucket: "kubeflow",
      accessKeySecret: "key",
      secretKeySecret: "pass",
    };
    const database = { host: "mysql.example.com", port: 3307, passwordSecret: "pass", tls: "required" };
    const oidc = {
      issuerUrl: "https://login.example.com",
      clientId: "kubeflow",
      clientSecret: "pass",
      groupsClaim: "groups",
    };
    const existing = { istio: "1.29.0" };
    const { target } = await build(
      settingsWith({ objectStore, database, oidc, existing, tokenIssuer: "https://k.example.com" }),
    );
    assert.equal(target.objectStore?.endpoint, "https://s3.example.com:9000");
    assert.equal(target.database?.port, 3307);
    assert.equal(target.database.tls, "required");
    assert.equal(target.oidc?.groupsClaim, "groups");
    assert.deepEqual(target.existing, { istio: "1.29.0" });
    assert.equal(await valueOf(target.tokenIssuer ?? pulumi.output("")), "https://k.example.com");
    const { accessKey, secretKey } = target.objectStore.credentials ?? {};
    const given = [accessKey, secretKey, target.database.password, target.oidc.clientSecret];
    for (const secret of given) assert.equal(secret && (await pulumi.isSecret(secret)), true);
    assert.equal(await valueOf(pulumi.unsecret(pulumi.output(accessKey))), secrets.key);
    assert.match(
      await stepsOf(target),
      /client kubeflow the redirect URIs https:\/\/kubeflow\.example\.com\/dex\/callback/,
    );
  });

  it("says what each distribution has to have on or off", async () => {
    const of = async (more: object) => stepsOf((await build(settingsWith(more as Record<string, unknown>))).target);
    assert.match(await of({ profile: "minikube" }), /minikube addons enable/);
    assert.match(await of({ profile: "microk8s" }), /microk8s enable dns hostpath-storage/);
    assert.match(await of({ profile: "k3s", ingress: {} }), /--disable traefik:/);
    const behind = { profile: "k3s", ingress: { kind: "metallb" }, metallb: onePool };
    assert.match(await of(behind), /--disable traefik --disable servicelb/);
    const gpuPools = [{ name: "g", gpu: "l4", nodes: ["n"] }];
    assert.match(await of({ profile: "k3s", gpuPools }), /--default-runtime nvidia/);
    assert.match(await of({}), /ReadWriteMany/);
    assert.doesNotMatch(await of({ storage: { defaultClass: "fast", sharedClass: "nfs" } }), /ReadWriteMany/);
  });

  it("owns up to not knowing whether an existing Istio fits a release of one's own", async () => {
    const settings = settingsWith({ existing: { istio: "1.20.0" } });
    const { target } = await build(settings, { release: "releases/own.yaml" });
    assert.match(await stepsOf(target), /See for yourself .* releases\/own\.yaml/);
    assert.doesNotMatch(await stepsOf((await build(settingsWith())).target), /See for yourself/);
  });
});
