import { unknown } from "../../../policy/values.ts";
import { resource } from "./resource.ts";

export const kubernetes = {
  deployment: resource("kubernetes:apps/v1:Deployment", "deployment", {
    kind: "Deployment",
    metadata: { name: "web", namespace: "kubeflow" },
    spec: {
      template: {
        spec: {
          initContainers: [{ name: "init", image: "registry.example.com:5000/init:v1" }],
          containers: [
            { name: "web", image: `quay.io/web@sha256:${"0".repeat(64)}`, env: [{ name: "PASSWORD", value: "x" }] },
          ],
        },
      },
    },
  }),
  secret: resource("kubernetes:core/v1:Secret", "secret", {
    kind: "Secret",
    metadata: { name: "mysql", namespace: "kubeflow" },
    stringData: { password: unknown },
    data: { token: "Z2VuZXJhdGVk" },
  }),
  clusterRole: resource("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "clusterRole", {
    kind: "ClusterRole",
    metadata: { name: "ours" },
    rules: [{ apiGroups: [""], resources: ["*"], verbs: ["get", "list"] }],
  }),
  dexRole: resource("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "dexRole", {
    kind: "ClusterRole",
    metadata: { name: "dex" },
    rules: [{ apiGroups: ["dex.coreos.com"], resources: ["*"], verbs: ["*"] }],
  }),
  clusterRoleBinding: resource("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "clusterRoleBinding", {
    kind: "ClusterRoleBinding",
    metadata: { name: "admins" },
    roleRef: { kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "Group", name: "platform-admins@example.com" }],
  }),
  storageClass: resource("kubernetes:storage.k8s.io/v1:StorageClass", "storageClass", {
    provisioner: "ebs.csi.aws.com",
    parameters: { type: "gp3", encrypted: "true" },
  }),
  nodeClass: resource("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "nodeClass", {
    spec: { associatePublicIPAddress: false, blockDeviceMappings: [{ ebs: { encrypted: true } }] },
  }),
  karpenterGpu: resource("kubernetes:karpenter.sh/v1:NodePool", "karpenterGpu", {
    spec: {
      limits: { "nvidia.com/gpu": "16" },
      template: {
        spec: {
          taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }],
          requirements: [{ key: "karpenter.k8s.aws/instance-gpu-name", operator: "In", values: ["l4"] }],
        },
      },
    },
  }),
  karpenterCpu: resource("kubernetes:karpenter.sh/v1:NodePool", "karpenterCpu", {
    spec: {
      template: {
        spec: { requirements: [{ key: "karpenter.k8s.aws/instance-gpu-count", operator: "DoesNotExist" }] },
      },
    },
  }),
};
