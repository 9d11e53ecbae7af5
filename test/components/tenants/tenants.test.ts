import assert from "node:assert/strict";
import { gpuTaint } from "../../../components/contracts/gpu-pool.ts";
import { isSecret } from "../../support/recording.ts";
import { releaseWith, render } from "./support.ts";

const ann = { name: "team-a", owner: "ann@example.com" };
const gpuPool = {
  name: "mig",
  gpu: "a100-80",
  gpuMemoryGiB: 80,
  gpusPerNode: 1,
  min: 0,
  max: 1,
  resourceName: "nvidia.com/mig-1g.10gb",
  labels: {},
  taints: [gpuTaint, { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" }],
  driver: "preinstalled",
  sharing: "mig",
} as const;

describe("a tenant", () => {
  it("has a namespace that profile-controller takes over, with the labels of the release and the level that is set", async () => {
    const { one } = await render({ profiles: [{ ...ann, podSecurity: "restricted" }] });
    assert.deepEqual(one("Namespace", "team-a").metadata, {
      name: "team-a",
      labels: {
        "istio-injection": "enabled",
        "app.kubernetes.io/part-of": "kubeflow-profile",
        "pod-security.kubernetes.io/enforce": "restricted",
      },
      annotations: { owner: "ann@example.com" },
    });
  });

  it("has a quota on every kind of GPU that the target has, and the defaults where it says nothing", async () => {
    const settings = {
      defaults: { quota: { cpu: 8, gpus: 0 } },
      profiles: [{ ...ann, quota: { cpu: 0.5, memoryGiB: 4, storageGiB: 10, pvcs: 3 } }],
    };
    const { one } = await render(settings, { target: { gpuPools: [gpuPool] } });
    assert.deepEqual(one("Profile", "team-a")["spec"], {
      owner: { kind: "User", name: "ann@example.com" },
      resourceQuotaSpec: {
        hard: {
          "requests.cpu": "500m",
          "requests.memory": "4Gi",
          "requests.storage": "10Gi",
          persistentvolumeclaims: "3",
          "requests.nvidia.com/gpu": "0",
          "requests.nvidia.com/mig-1g.10gb": "0",
        },
      },
    });
  });

  it("has requests for containers that name none, where its quota would refuse them", async () => {
    const quota = { cpu: 8, memoryGiB: 16 };
    const { one, find } = await render({
      profiles: [
        { ...ann, quota },
        { name: "team-b", owner: "bea@example.com" },
      ],
    });
    assert.deepEqual(one("LimitRange", "team-a/container-defaults")["spec"], {
      limits: [{ type: "Container", defaultRequest: { cpu: "100m", memory: "256Mi" } }],
    });
    assert.equal(find("LimitRange", "team-b/container-defaults"), undefined);
  });

  it("is reached from its own namespace, Kubeflow's, and those that are named; nobody else", async () => {
    const { one } = await render({ profiles: [{ ...ann, network: { from: ["monitoring"] } }] });
    const values = ["istio-system", "knative-serving", "kubeflow", "kubeflow-system", "monitoring"];
    const matchExpressions = [{ key: "kubernetes.io/metadata.name", operator: "In", values }];
    assert.deepEqual(one("NetworkPolicy", "team-a/tenant-isolation")["spec"], {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: {} }, { namespaceSelector: { matchExpressions } }] }],
    });
  });

  it("reaches DNS, the API server and what is named, where egress is restricted; no rule is without an address", async () => {
    const network = {
      egress: "restricted",
      apiServer: ["10.0.0.1/32"],
      to: [{ cidr: "192.168.0.0/16", ports: [5432] }],
    };
    const { one } = await render({ profiles: [{ ...ann, network }] });
    const { egress, policyTypes } = one("NetworkPolicy", "team-a/tenant-isolation")["spec"] as {
      readonly egress: readonly { readonly to?: readonly unknown[]; readonly ports?: readonly { port: number }[] }[];
      readonly policyTypes: readonly string[];
    };
    assert.deepEqual(policyTypes, ["Ingress", "Egress"]);
    const anywhere = egress.filter(({ to }) => to === undefined || to.length === 0);
    assert.deepEqual(
      anywhere.flatMap(({ ports = [] }) => ports.map(({ port }) => port)),
      [53, 53],
    );
    assert.match(JSON.stringify(egress), /192\.168\.0\.0\/16.*"port":5432/);
  });

  it("finds PodDefaults for Pipelines and for GPU nodes, the latter by a label only", async () => {
    const { one } = await render({ profiles: [ann] }, { target: { gpuPools: [gpuPool] } });
    const spec = JSON.stringify(one("PodDefault", "team-a/access-ml-pipeline")["spec"]);
    assert.match(spec, /"audience":"pipelines\.kubeflow\.org"/);
    assert.match(spec, /KF_PIPELINES_SA_TOKEN_PATH","value":"\/var\/run\/secrets\/kubeflow\/pipelines\/token"/);
    const { selector, tolerations } = one("PodDefault", "team-a/gpu")["spec"] as Record<string, unknown>;
    assert.deepEqual(selector, { matchLabels: { gpu: "true" } });
    assert.deepEqual(tolerations, [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      { key: "kubernetes.azure.com/scalesetpriority", operator: "Exists", effect: "NoSchedule" },
    ]);
  });

  it("logs in with Kerberos from a keytab that is a secret, in labelled pods or in all", async () => {
    const kerberos = { keytab: "team-a-keytab", principal: "team-a@EXAMPLE.COM", krb5Conf: "[libdefaults]\n" };
    const given = { secrets: ["team-a-keytab"] };
    const labelled = await render({ profiles: [{ ...ann, kerberos }] }, given);
    const everywhere = await render({ profiles: [{ ...ann, kerberos: { ...kerberos, everywhere: true } }] }, given);
    const selector = ({ one }: typeof labelled): unknown =>
      (one("PodDefault", "team-a/kerberos")["spec"] as Record<string, unknown>)["selector"];
    assert.deepEqual(selector(labelled), { matchLabels: { kerberos: "true" } });
    assert.deepEqual(selector(everywhere), { matchLabels: {} });
    const { keytab } = labelled.one("Secret", "team-a/kerberos-keytab")["data"] as { readonly keytab: unknown };
    assert.ok(keytab !== undefined && typeof keytab !== "string" && !isSecret(keytab), "an output, no plain text");
    assert.doesNotMatch(JSON.stringify(labelled.one("PodDefault", "team-a/kerberos")), /BQIAAA/);
  });
});

describe("a tenant that leaves the list", () => {
  it("keeps its namespace and the wall around it, and loses everybody's rights", async () => {
    const { retained, release } = await render({ profiles: [{ ...ann, quota: { cpu: 1 } }] });
    assert.deepEqual([...retained].sort(), [
      "Namespace//team-a",
      "NetworkPolicy.networking.k8s.io/team-a/tenant-isolation",
    ]);
    const profile = release.objects.find(({ kind }) => kind === "Profile");
    assert.equal(profile?.metadata.annotations?.["pulumi.com/deletionPropagationPolicy"], "orphan");
  });

  it("loses everything where the configuration said so by its name", async () => {
    const { retained, one } = await render({ profiles: [{ ...ann, deleteData: true }] });
    assert.deepEqual([...retained], []);
    assert.equal(one("Profile", "team-a").metadata.annotations, undefined);
  });
});

describe("upstream's example profile", () => {
  const name = "kubeflow-user-example-com";

  it("is left out beside tenants, and its namespace outlives it", async () => {
    const before = await render(undefined);
    assert.equal(before.one("Profile", name).metadata.annotations?.["pulumi.com/deletionPropagationPolicy"], "orphan");
    assert.equal((await render({ profiles: [ann] })).find("Profile", name), undefined);
  });

  it("stays where no tenant is configured, and can be one", async () => {
    assert.ok((await render({ culling: {} })).find("Profile", name));
    const { one } = await render({ profiles: [{ name, owner: "ann@example.com" }] });
    assert.deepEqual(one("Profile", name)["spec"], { owner: { kind: "User", name: "ann@example.com" } });
  });
});

describe("settings for all tenants", () => {
  it("reach the parts of Kubeflow that read them, whose pods start again", async () => {
    const { one } = await render({
      admins: ["root@example.com"],
      registrationFlow: true,
      culling: { idleMinutes: 60, checkMinutes: 5 },
    });
    const data = (name: string): unknown => one("ConfigMap", `kubeflow/${name}`)["data"];
    assert.partialDeepStrictEqual(data("profiles-config-5h9m86f79f"), { ADMIN: "root@example.com" });
    assert.deepEqual(data("notebook-controller-config-fhm9f7tdt5"), {
      ENABLE_CULLING: "true",
      CULL_IDLE_TIME: "60",
      IDLENESS_CHECK_PERIOD: "5",
      ISTIO_HOST: "*",
    });
    assert.deepEqual(data("centraldashboard-parameters"), { CD_REGISTRATION_FLOW: "true" });
    assert.match(
      JSON.stringify(one("Deployment", "kubeflow/centraldashboard")),
      /\[\{"name":"REGISTRATION_FLOW","value":"true"\},\{"name":"KEPT"\}\]/,
    );
    for (const name of ["profiles-deployment", "notebook-controller-deployment"])
      assert.match(JSON.stringify(one("Deployment", `kubeflow/${name}`)), /kubeflow-pulumi\.dev\/tenants/, name);
  });

  it("leave every part alone that they say nothing to", async () => {
    const { release } = await render({});
    const withoutProfiles = (objects: readonly { readonly kind: string }[]) =>
      objects.filter(({ kind }) => kind !== "Profile");
    assert.deepEqual(withoutProfiles(release.objects), withoutProfiles(releaseWith().objects));
  });
});
