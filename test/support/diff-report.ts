/** Reports of `kf diff` as large installations have them, without planning anything. */
import type { PropertyDiff, ReportValue } from "../../engine/report.ts";
import type { Change, ChangeOp, DiffReport, Finding, GraphNode, StackDiff } from "../../cli/diff/report.ts";

export interface ReportSize {
  /** @default 3000 */
  readonly resources?: number;
  /** @default 200; at most as many as there are resources. */
  readonly changes?: number;
  /** Put into every string of the report that comes from a plan. */
  readonly text?: (value: string) => string;
}

const targets = ["gcp", "aws", "azure"] as const;
const environments = ["dev", "staging", "prod"] as const;
const stackNames = targets.flatMap((target) => environments.map((environment) => `${target}-${environment}`));
const kinds = [
  "kubernetes:apps/v1:Deployment",
  "kubernetes:core/v1:ConfigMap",
  "kubernetes:core/v1:Service",
  "kubernetes:core/v1:ServiceAccount",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
  "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
  "kubernetes:security.istio.io/v1:AuthorizationPolicy",
  "kubernetes:core/v1:PersistentVolumeClaim",
] as const;
const parts = [
  "pipelines",
  "notebooks",
  "katib",
  "serving",
  "istio",
  "login",
  "profiles",
  "spark",
  "trainer",
  "monitoring",
];
const ops: readonly ChangeOp[] = ["change", "create", "change", "replace", "change", "delete"];

/** Nine stacks on three clouds: the same report each time. */
export function sampleReport({
  resources = 3000,
  changes = 200,
  text = (value) => value,
}: ReportSize = {}): DiffReport {
  const every = Math.max(1, Math.floor(resources / Math.max(1, changes)));
  const platform: GraphNode[] = [
    node("platform", "kubeflow:index:Platform", "kubeflow", undefined, text),
    ...parts.map((part) => node(`part-${part}`, "kubeflow:index:Part", part, "platform", text)),
  ];
  const changed: Change[] = [];
  const objects = Array.from({ length: Math.max(0, resources - platform.length) }, (_, index): GraphNode => {
    const part = parts[index % parts.length] ?? "";
    const type = kinds[Math.floor(index / 3) % kinds.length] ?? "";
    const name = `kubeflow/${part}-${String(index).padStart(4, "0")}`;
    const plain = node(`object-${String(index)}`, type, name, `part-${part}`, text);
    const dependsOn = [`object-${String(index - 10)}`, `object-${String(index % 10)}`].filter(
      (id) => index >= 20 && id !== plain.id,
    );
    if (index % every !== 0 || changed.length >= changes) return { ...plain, dependsOn };
    const op = ops[changed.length % ops.length] ?? "change";
    const change = changeOf(changed.length, op, plain, text);
    changed.push(change);
    return { ...plain, dependsOn, op, change: change.id, stacks: change.stacks };
  });
  return {
    base: { ref: text("origin/main"), commit: "2b2d190f4c1d0a9b8c7d6e5f4a3b2c1d0e9f8a7b" },
    head: { commit: "9c8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e2d1c0b", dirty: true },
    stacks: [...stackNames.map((name) => stackOf(name, changed, text)), failed(text)],
    unaffected: ["minikube-dev", "k3s-dev", "onprem-dev"].map(text),
    changes: changed,
    graph: [...platform, ...objects],
    timings: { checkout: 900, base: 8200, head: 8900, compare: 350 },
  };
}

type Text = (value: string) => string;

function node(id: string, type: string, name: string, parent: string | undefined, text: Text): GraphNode {
  return {
    id,
    type: text(type),
    name: text(name),
    stacks: stackNames.map(text),
    ...(parent === undefined ? {} : { parent }),
    dependsOn: [],
    op: "same",
  };
}

function changeOf(index: number, op: ChangeOp, { type, name }: GraphNode, text: Text): Change {
  const everywhere = index % 4 !== 1;
  return {
    id: text(`change ${String(index)}`),
    op,
    type,
    name,
    stacks: (everywhere ? stackNames : stackNames.slice(index % 9, (index % 9) + 1)).map(text),
    diffs: op === "change" || op === "replace" ? diffsOf(index, text) : [],
    ...(op === "create" || op === "delete" ? { inputs: inputsOf(type, name, text) } : {}),
    replaceReasons:
      op === "replace" ? [{ path: text("spec.selector"), reason: text("the API does not let it change") }] : [],
    findings: findingsOf(index, op, text),
  };
}

function diffsOf(index: number, text: Text): PropertyDiff[] {
  const file = Array.from({ length: 40 }, (_, line) => `setting.${String(line)} = ${String(line * index)}`).join("\n");
  const all: PropertyDiff[] = [
    {
      path: text("spec.template.spec.containers[0].image"),
      kind: "update",
      old: text(
        "ghcr.io/kubeflow/kfp-api-server:2.15.0@sha256:5c07c1a9f2e2d4b6c8f0a1b3d5e7f9a0b2c4d6e8f0a1b2c3d4e5f6a7b8c9d0e1",
      ),
      new: text(
        "ghcr.io/kubeflow/kfp-api-server:2.15.2@sha256:91be34f0c2d4a6b8c0e2f4a6b8d0c2e4f6a8b0c2d4e6f8a0b2c4d6e8f0a2b4c6",
      ),
    },
    { path: text("spec.replicas"), kind: "update", old: 1, new: 2 + (index % 3) },
    { path: text('metadata.labels["app.kubernetes.io/version"]'), kind: "add", new: text("26.03") },
    {
      path: text("data.config"),
      kind: "update",
      old: text(file),
      new: text(file.replace("setting.7 =", "setting.seven =")),
    },
    {
      path: text("spec.template.spec.tolerations"),
      kind: "delete",
      old: [{ key: text("nvidia.com/gpu"), operator: "Exists" }],
    },
  ];
  return all.slice(0, 1 + (index % all.length));
}

function inputsOf(type: string, name: string, text: Text): ReportValue {
  return {
    kind: type,
    metadata: { name, labels: { [text("app")]: text("kubeflow") } },
    spec: { replicas: 1, secret: "[secret]" },
  };
}

function findingsOf(index: number, op: ChangeOp, text: Text): Finding[] {
  const found: Finding[] = [];
  if (index === 5) {
    found.push({
      kind: "data-loss",
      level: "danger",
      message: text("The volume of the pipelines' database is deleted with all in it"),
    });
  }
  if (index === 9) {
    found.push({
      kind: "cluster-replaced",
      level: "danger",
      message: text("The cluster is made anew: everything in it is gone"),
    });
  }
  if (index % 16 === 2) {
    found.push({ kind: "permissions-grew", level: "warning", message: text("May now also: create, delete pods/exec") });
  }
  if (op === "change" && index % 8 === 0) {
    found.push({ kind: "image", level: "info", message: text("kfp-api-server: 2.15.0 to 2.15.2") });
  }
  return found;
}

function stackOf(stack: string, changes: readonly Change[], text: Text): StackDiff {
  const [target = "", environment = ""] = stack.split("-");
  const count = (op: ChangeOp): number =>
    changes.filter((each) => each.op === op && each.stacks.includes(text(stack))).length;
  const factor = environment === "prod" ? 4 : 1;
  const cost = { atLeastUsd: 1210.5 * factor, atMostUsd: 4380.25 * factor };
  const rule = {
    rule: text("no-public-endpoint"),
    enforcement: "mandatory",
    resource: text("kubernetes:core/v1:Service kubeflow/serving-0013"),
  };
  return {
    stack: text(stack),
    target: text(target),
    environment: text(environment),
    is: stack === "azure-staging" ? "new" : "changed",
    summary: { create: count("create"), change: count("change"), replace: count("replace"), delete: count("delete") },
    policies: {
      added: environment === "prod" ? [{ ...rule, message: text("has an address on the internet") }] : [],
      resolved:
        environment === "dev"
          ? [{ ...rule, rule: text("digest-pinned"), message: text("has an image without a digest") }]
          : [],
    },
    cost: { before: cost, after: environment === "prod" ? { ...cost, atMostUsd: cost.atMostUsd + 812.4 } : cost },
    gpus: {
      before: { [text("nvidia-l4")]: { min: 0, max: 4 } },
      after: { [text("nvidia-l4")]: { min: 0, max: environment === "prod" ? 8 : 4 } },
    },
  };
}

function failed(text: Text): StackDiff {
  return {
    stack: text("onprem-prod"),
    target: text("onprem"),
    environment: text("prod"),
    failure: {
      at: "head",
      message: text('kubeflow:nodes[3].address: "10.0.0.300" is not an IPv4 address.\nWrite one as 192.0.2.7.'),
    },
    is: "changed",
    summary: { create: 0, change: 0, replace: 0, delete: 0 },
    policies: { added: [], resolved: [] },
    cost: { before: undefined, after: undefined },
    gpus: { before: {}, after: {} },
  };
}
