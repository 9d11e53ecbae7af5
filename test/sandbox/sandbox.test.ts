import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { UserError } from "../../shared/errors.ts";
import {
  deleteSandbox,
  listSandboxes,
  resetSandbox,
  sandboxStatus,
  startSandbox,
  stopSandbox,
  type Sandbox,
} from "../../sandbox/sandbox.ts";
import { ensureTool } from "../../tools/tools.ts";
import { useTemporaryData } from "../support/temporary-data.ts";

const name = "repair";

describe("sandbox", function () {
  this.timeout(180_000);
  let sandbox: Sandbox;
  let kubectlPath: string;

  /** Runs the real kubectl against the sandbox. */
  async function kubectl(...args: string[]): Promise<string> {
    return (await execa(kubectlPath, ["--kubeconfig", sandbox.kubeconfig, ...args])).stdout;
  }
  async function apply(...objects: object[]): Promise<void> {
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    await execa(kubectlPath, ["--kubeconfig", sandbox.kubeconfig, "apply", "-f", "-"], { input });
  }
  const waitFor = async (condition: string, ...objects: string[]): Promise<string> =>
    await kubectl("wait", "--timeout=60s", `--for=${condition}`, ...objects);
  const pidOf = (component: string): number => {
    const pid = sandbox.components.find((each) => each.name === component)?.pid;
    assert.ok(pid !== undefined, `${component} does not run`);
    return pid;
  };
  /** Until it is gone: on a busy machine a killed process may still be in the table a moment later. */
  const kill = async (component: string): Promise<void> => {
    const pid = pidOf(component);
    process.kill(pid, "SIGKILL");
    const isThere = async (): Promise<boolean | undefined> =>
      (await sandboxStatus(name))?.components.some((each) => each.pid === pid);
    while (await isThere()) await delay(50);
  };
  const pids = (of: Sandbox): readonly (number | undefined)[] => of.components.map(({ pid }) => pid);

  before(async function () {
    this.timeout(30 * 60_000);
    useTemporaryData();
    kubectlPath = await ensureTool("kubectl", () => undefined);
    sandbox = await startSandbox({ name });
  });
  after(async () => {
    for (const each of [name, "beside"]) await deleteSandbox(each);
  });

  it("starts with three CPU and two GPU nodes, all ready", async () => {
    assert.equal(sandbox.running, true);
    assert.match(sandbox.kubernetesVersion, /^v1\.34\.\d+$/);
    assert.deepEqual(sandbox.nodes, ["cpu-0", "cpu-1", "cpu-2", "gpu-0", "gpu-1"]);
    assert.match(await kubectl("get", "nodes", "--no-headers"), /^(\S+ +Ready .*\n?){5}$/);
    assert.deepEqual(await sandboxStatus(name), sandbox);
  });

  it("keeps its kubeconfig to the user, and offers nothing to the network", async () => {
    assert.equal((await fs.stat(sandbox.kubeconfig)).mode & 0o777, 0o600);
    const config = await fs.readFile(
      path.join(path.dirname(sandbox.kubeconfig), "clusters", name, "kwok.yaml"),
      "utf8",
    );
    assert.match(config, /--bind-address=127\.0\.0\.1/);
    assert.doesNotMatch(config, /0\.0\.0\.0/);
  });

  it("does nothing when it is started twice", async () => {
    assert.deepEqual(await startSandbox({ name }), sandbox);
  });

  it("starts once when two start it at the same time", async () => {
    const [one, other] = await Promise.all([startSandbox({ name: "beside" }), startSandbox({ name: "beside" })]);
    assert.deepEqual(one, other);
    await deleteSandbox("beside");
  });

  it("runs workloads: claims bind, Pods become ready, Jobs complete, load balancers get an address", async () => {
    await apply(claim("data", 20), deployment("web", "data"), job("train"), loadBalancer("front"));
    await waitFor("jsonpath={.status.phase}=Bound", "pvc/data");
    await waitFor("condition=Available", "deployment/web");
    await waitFor("condition=Complete", "job/train");
    await waitFor("jsonpath={.status.loadBalancer.ingress[0].ip}", "service/front");
    const node = await kubectl("get", "pod", "-l", "job-name=train", "-o", "jsonpath={.items[0].spec.nodeName}");
    assert.match(node, /^gpu-\d$/);
  });

  it("makes a volume available again when its claim is gone", async () => {
    const volume = await kubectl("get", "pvc/data", "-o", "jsonpath={.spec.volumeName}");
    await kubectl("delete", "deployment/web", "pvc/data");
    await waitFor("jsonpath={.status.phase}=Available", `pv/${volume}`);
  });

  for (const component of ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"]) {
    it(`recovers from a killed ${component} and keeps the data`, async () => {
      await kubectl("create", "configmap", `before-${component}`);
      await kill(component);
      const repaired = await startSandbox({ name });
      assert.equal(repaired.running, true);
      assert.notEqual(repaired.components.find((each) => each.name === component)?.pid, pidOf(component));
      assert.equal(repaired.apiServer, sandbox.apiServer);
      sandbox = repaired;
      await kubectl("get", "configmap", `before-${component}`);
    });
  }

  it("still schedules and runs Pods after all of that", async () => {
    await apply(deployment("again"));
    await waitFor("condition=Available", "deployment/again");
  });

  it("stops every process and keeps the data", async () => {
    await stopSandbox(name);
    const stopped = await sandboxStatus(name);
    assert.equal(stopped?.running, false);
    assert.deepEqual(new Set(pids(stopped)), new Set([undefined]));
    await stopSandbox(name);
    sandbox = await startSandbox({ name });
    await kubectl("get", "configmap", "before-etcd");
  });

  it("moves to another port when somebody took one while it was stopped", async () => {
    await stopSandbox(name);
    const thief = net.createServer();
    await once(thief.listen(Number(new URL(sandbox.apiServer).port), "127.0.0.1"), "listening");
    try {
      const moved = await startSandbox({ name });
      assert.equal(moved.running, true);
      assert.notEqual(moved.apiServer, sandbox.apiServer);
      sandbox = moved;
      await kubectl("get", "configmap", "before-etcd");
    } finally {
      thief.close();
    }
  });

  it("starts after a restart of the machine, when its pid files name other processes", async () => {
    await stopSandbox(name);
    const innocent = spawn("sleep", ["600"]);
    const folder = path.join(path.dirname(sandbox.kubeconfig), "clusters", name, "pids");
    try {
      for (const component of ["etcd", "kube-apiserver"]) {
        await fs.writeFile(path.join(folder, `${component}.pid`), String(innocent.pid));
      }
      sandbox = await startSandbox({ name });
      assert.equal(sandbox.running, true);
      assert.equal(innocent.exitCode ?? innocent.signalCode, null);
    } finally {
      innocent.kill();
    }
  });

  it("stands beside another one", async () => {
    const beside = await startSandbox({ name: "beside", cpuNodes: 1, gpuNodes: 0, migNodes: 1 });
    assert.deepEqual(beside.nodes, ["cpu-0", "mig-0"]);
    assert.notEqual(beside.apiServer, sandbox.apiServer);
    assert.ok((await listSandboxes()).includes("beside"));
    await deleteSandbox("beside");
    assert.equal(await sandboxStatus("beside"), undefined);
    assert.deepEqual(await sandboxStatus(name), sandbox);
  });

  it("adds and removes nodes when told a number, and leaves them alone when not", async () => {
    sandbox = await startSandbox({ name, cpuNodes: 1, gpuNodes: 3 });
    assert.deepEqual(sandbox.nodes, ["cpu-0", "gpu-0", "gpu-1", "gpu-2"]);
    assert.deepEqual((await startSandbox({ name })).nodes, sandbox.nodes);
  });

  it("is empty after a reset", async () => {
    sandbox = await resetSandbox({ name });
    assert.deepEqual(sandbox.nodes, ["cpu-0", "cpu-1", "cpu-2", "gpu-0", "gpu-1"]);
    await assert.rejects(kubectl("get", "configmap", "before-etcd"), /NotFound/);
  });

  it("says what is wrong when a component cannot come up", async () => {
    await stopSandbox(name);
    const data = path.join(path.dirname(sandbox.kubeconfig), "clusters", name, "etcd", "member", "snap", "db");
    await fs.writeFile(data, "not a database");
    await assert.rejects(startSandbox({ name }), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /etcd.*did not come up/s);
      assert.match(error.message, /etcd\.log/);
      assert.match(error.message, /kf sandbox reset --name repair/);
      return true;
    });
    assert.equal((await sandboxStatus(name))?.running, false);
    assert.equal((await resetSandbox({ name })).running, true);
  });

  it("refuses names and numbers that make no sense", async () => {
    for (const bad of ["", "../x", "A", "-a", "a".repeat(31)]) {
      await assert.rejects(startSandbox({ name: bad }), /allowed are 1 to 30/);
    }
    await assert.rejects(startSandbox({ name, cpuNodes: -1 }), /cpuNodes -1: allowed is a whole number/);
  });
});

function claim(name: string, sizeGiB: number): object {
  const resources = { requests: { storage: `${sizeGiB}Gi` } };
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name },
    spec: { accessModes: ["ReadWriteOnce"], resources },
  };
}

function deployment(name: string, claimName?: string): object {
  const labels = { app: name };
  const volumes = claimName === undefined ? [] : [{ name: "data", persistentVolumeClaim: { claimName } }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "none" }], volumes } },
    },
  };
}

function job(name: string): object {
  const containers = [{ name: "main", image: "none", resources: { limits: { "nvidia.com/gpu": 1 } } }];
  const tolerations = [{ key: "nvidia.com/gpu", operator: "Exists" }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name },
    spec: { template: { spec: { restartPolicy: "Never", containers, tolerations } } },
  };
}

function loadBalancer(name: string): object {
  const spec = { type: "LoadBalancer", ports: [{ port: 80 }], selector: { app: "web" } };
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec };
}
